"""Group sizes, checked before any group is sent to Python, where it must fit into memory whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

from sparkfeat.engines.featuretools.places import partition_of
from sparkfeat.errors import DataError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MAX_PARTITION_ROWS = 2_000_000
"""Rows of all tables together that one Python worker may be given at once.

Spark hands a group over as one Arrow batch (limit 2 GB), and pandas holds it two or three times.
"""

_ROWS_WORTH_A_PARTITION = 20_000
_TIMES_WORTH_A_PARTITION = 10
_DOUBLINGS = 6


def count_by_customer(owned: Sequence[DataFrame], cutoffs: DataFrame) -> DataFrame:
    """Return (owner, rows): the rows of all tables that belong to each customer, cutoff rows included.

    Parents' rows are left out: a partition holds no more of them than it has rows that refer to them.
    """
    from pyspark.sql import functions as fn

    owners = [frame.select("owner") for frame in (*owned, cutoffs)]
    united = reduce(lambda left, right: left.unionAll(right), owners)
    return united.groupBy("owner").agg(fn.count(fn.lit(1)).alias("rows"))


def choose_partitions(
    spark: SparkSession, counts: DataFrame, times: int, *, limit: int, asked: int | None, target: str
) -> int:
    """Return how many partitions keep each below `limit` rows and the cluster busy.

    Args:
        spark: session; its shuffle partitions bound what is made for speed alone.
        counts: rows by customer.
        times: number of distinct cutoff times; Featuretools computes each by itself.
        limit: rows a partition may have.
        asked: number of partitions the caller wants, or None.
        target: name of the target table, for messages.

    Raises:
        DataError: a customer, or a partition that cannot be made smaller, has more rows.
    """
    total, largest, customers = _totals(counts)
    if largest > limit:
        raise _too_large(counts, limit, target)
    shuffle = int(str(spark.conf.get("spark.sql.shuffle.partitions")))
    busy = max(total // _ROWS_WORTH_A_PARTITION, min(times, customers) // _TIMES_WORTH_A_PARTITION, 1)
    if asked:
        return _checked(counts, asked, limit, target)
    partitions = max(min(shuffle, busy), math.ceil(2 * total / limit))
    for _ in range(_DOUBLINGS):
        if _fullest(counts, partitions) <= limit:
            return partitions
        partitions *= 2
    return _checked(counts, partitions, limit, target)


def _checked(counts: DataFrame, partitions: int, limit: int, target: str) -> int:
    fullest = _fullest(counts, partitions)
    if fullest > limit:
        raise DataError(
            f"With {partitions:,} partitions the fullest has {fullest:,} rows",
            where=f"target '{target}'",
            why=f"The featuretools engine may load {limit:,} rows at once",
            hint="Ask for more partitions, or raise max_partition_rows where the workers' memory allows it",
        )
    return partitions


def _totals(counts: DataFrame) -> tuple[int, int, int]:
    from pyspark.sql import functions as fn

    row = counts.agg(fn.sum("rows"), fn.max("rows"), fn.count(fn.lit(1))).collect()[0]
    return int(row[0] or 0), int(row[1] or 0), int(row[2])


def _fullest(counts: DataFrame, partitions: int) -> int:
    from pyspark.sql import functions as fn

    if partitions == 1:
        return _totals(counts)[0]
    sizes = counts.groupBy(partition_of("owner", partitions)).agg(fn.sum("rows").alias("rows"))
    return int(sizes.agg(fn.max("rows")).collect()[0][0] or 0)


def _too_large(counts: DataFrame, limit: int, target: str) -> DataError:
    from pyspark.sql import functions as fn

    largest = counts.orderBy(fn.col("rows").desc(), "owner").limit(5).collect()
    named = ", ".join(f"{row['owner']} with {row['rows']:,} rows" for row in largest if row["rows"] > limit)
    return DataError(
        "Some instances have more rows than the featuretools engine may load at once",
        where=f"target '{target}'",
        why=f"The limit is {limit:,} rows; the largest are {named}",
        hint="Leave these instances out, drop the features that need this engine, "
        "or raise max_partition_rows where the workers' memory allows it",
    )


def check_one_partition(frames: Sequence[DataFrame], limit: int, target: str, reason: str) -> None:
    """Check that all rows together may be loaded by one worker.

    Raises:
        DataError: they are too many; says which feature keeps them together.
    """
    total = sum(frame.count() for frame in frames)
    if total > limit:
        raise DataError(
            f"{total:,} rows would have to be loaded at once by the featuretools engine",
            where=f"target '{target}'",
            why=f"{reason}, so instances cannot be computed apart; the limit is {limit:,} rows",
            hint="Drop that feature, or raise max_partition_rows where a worker's memory allows it",
        )
