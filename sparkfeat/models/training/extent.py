"""What there is of many number columns, in one pass over the rows by numpy on Arrow batches.

Of Spark's own aggregates, a hundred of which are no longer compiled, it would take several passes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sparkfeat.models.matrices import Matrix, transposed
from sparkfeat.models.wide import in_one_array
from sparkfeat.models.workers import send_by_value

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

_SCHEMA = "place long, rows long, there long, low double, high double, infinite long, same long"
_FOUND = pa.schema(
    [(name, kind) for name, kind in (part.split() for part in _SCHEMA.replace("long", "int64").split(", "))]
)


@dataclass(frozen=True)
class Extent:
    """One column.

    Args:
        rows: of the table.
        there: of them, those with a value, which infinite ones and NaN are not.
        low, high: the least and the greatest value, of the column's type; None without any.
        infinite: rows with an infinite value.
        same: rows in which it equals the label.
    """

    rows: int
    there: int
    low: object
    high: object
    infinite: int
    same: int


def extents(df: DataFrame, columns: Mapping[str, Column], label: Column | None) -> dict[str, Extent]:
    """Return what there is of columns of doubles.

    Args:
        df: the table; an empty one has empty columns.
        columns: name -> column of doubles.
        label: the label as a double, to compare with. Default: nothing is the same.
    """
    from pyspark.sql import functions

    if not columns:
        return {}
    compared = functions.lit(math.nan) if label is None else label
    chosen = df.select(in_one_array([*columns.values(), compared]).alias("values"))
    send_by_value()
    parts = chosen.mapInArrow(_looked_at, _SCHEMA)
    sums = [functions.sum(name).alias(name) for name in ("rows", "there", "infinite", "same")]
    ends = [functions.min("low").alias("low"), functions.max("high").alias("high")]
    found = {row["place"]: row for row in parts.groupBy("place").agg(*sums, *ends).collect()}
    return {
        name: Extent(**{key: value for key, value in found[place].asDict().items() if key != "place"})
        if place in found
        else Extent(0, 0, None, None, 0, 0)
        for place, name in enumerate(columns)
    }


def _looked_at(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield a row for each column of a batch; the last one is the label."""
    for batch in batches:
        if not batch.num_rows:
            continue
        *values, label = transposed(batch)
        found = [{"place": place, **vars(_extent(one, label))} for place, one in enumerate(values)]
        yield pa.RecordBatch.from_pylist(found, schema=_FOUND)


def _extent(values: Matrix, label: Matrix) -> Extent:
    finite = np.isfinite(values)
    there = values[finite]
    low, high = (float(there.min()), float(there.max())) if there.size else (None, None)
    return Extent(
        values.size, there.size, low, high, int(np.isinf(values).sum()), int((values == label).sum())
    )
