"""A number of rows chosen by hashes of their values: the same ones however they are partitioned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F  # noqa: N812 - its usual name

from sparkfeat.models.names import quoted

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

KEY = "__key"
"""The column of hashes while rows are chosen."""
_BITS = 48
"""Rows are counted by the first 16 of 64 bits."""


def keyed(df: DataFrame, seed: int) -> DataFrame:
    """Return the table with the hash of each row and the seed."""
    names = [quoted(name) for name in df.columns]
    return df.withColumn(KEY, F.xxhash64(*names, F.lit(seed)))


@dataclass(frozen=True)
class Chosen:
    """The rows before a key, and some of those with that key, which are equal to each other.

    Args:
        bucket: the first bits of the key.
        key: the hash.
        same: how many rows with that hash are chosen too.
    """

    bucket: int
    key: int
    same: int

    def of(self, rows: DataFrame) -> DataFrame:
        """Return the chosen rows of the keyed table."""
        before = (_bucket() < self.bucket) | ((_bucket() == self.bucket) & (F.col(KEY) < self.key))
        # Rows with the same hash are equal: which of them are taken makes no difference.
        return rows.where(before).unionAll(rows.where(F.col(KEY) == self.key).limit(self.same))


def choose(rows: DataFrame, count: int) -> Chosen:
    """Return which `count` rows of a keyed table have the smallest hashes; there are more than that.

    Collects 65,536 counts at most, and the hashes of as small a share of the rows.
    """
    buckets = {
        row["bucket"]: row["count"] for row in rows.groupBy(_bucket().alias("bucket")).count().collect()
    }
    bucket, left = _crossed(buckets, count)
    keys = rows.where(_bucket() == bucket).groupBy(KEY).count().orderBy(KEY).collect()
    key, left = _crossed({row[KEY]: row["count"] for row in keys}, left)
    return Chosen(bucket, key, left)


def _crossed(counts: Mapping[int, int], count: int) -> tuple[int, int]:
    """Return the first number by which more than `count` are reached, and how many are left for it."""
    left = count
    for number in sorted(counts):
        if counts[number] > left:
            return number, left
        left -= counts[number]
    raise AssertionError("there are more rows than are to be chosen")


def _bucket() -> Column:
    return F.shiftrightunsigned(F.col(KEY), _BITS)
