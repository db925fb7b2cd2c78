"""Statistics of many number columns in one pass over the rows, by numpy on Arrow batches.

Spark's own aggregates are made for few columns: the generated code of several hundred of them takes a
hundred times as long as the sums themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark import TaskContext

from sparkfeat.models.matrices import Matrix, transposed
from sparkfeat.models.preprocessing.sketch import Sketch, add_sorted
from sparkfeat.models.wide import in_one_array
from sparkfeat.models.workers import send_by_value

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row


_SHARED = 512
"""So many columns are merged in one group where they have no points."""
_SHARED_POINTS = 4
"""So many where they have: each brings up to 32 KB from every partition."""
_PIECE = 1_000
SCHEMA = "part int, place int, count double, missing double, mean double, squares double, sketch binary"


NOTED = "sparkfeat_statistics"
"""Where the metadata of a filled column has its count, number of missing values, mean and squares."""


@dataclass(frozen=True)
class Statistics:
    """One column: `squares` is the sum of squared distances from the mean; no values: all are 0.

    `sketch` holds order statistics; exact for up to `sketch.POINTS` values, else of a rank within 0.1 %.
    """

    count: int
    missing: int
    mean: float
    squares: float
    sketch: Sketch

    @property
    def null_share(self) -> float:
        """The share of missing values."""
        return self.missing / max(self.count + self.missing, 1)

    def filled(self, fill: float) -> Statistics:
        """Return what they are once missing values are replaced, without its order statistics."""
        rows = self.count + self.missing
        share, distance = self.missing / max(rows, 1), fill - self.mean
        squares = self.squares + distance**2 * self.count * share
        return Statistics(rows, 0, self.mean + distance * share, squares, Sketch())

    @property
    def std(self) -> float:
        """The standard deviation of the population, as scikit-learn's StandardScaler has it."""
        return float(np.sqrt(self.squares / self.count)) if self.count else 0.0

    def quantile(self, share: float) -> float:
        """Return a quantile, between neighbouring values as numpy's does; 0 without values."""
        return self.sketch.quantile(share) if self.count else 0.0


def statistics(
    df: DataFrame, columns: Mapping[str, Column], *, ordered: bool = True
) -> dict[str, Statistics]:
    """Return the statistics of columns of doubles whose missing values are null.

    Args:
        df: the table.
        columns: name -> column of doubles; null, NaN and infinite values count as missing.
        ordered: whether quantiles, minimum and maximum are needed; without them it is cheaper.
    """
    found = _gathered(
        df, list(columns.values()), partial(_partial, ordered=ordered), _SHARED_POINTS if ordered else _SHARED
    )
    return {name: _read(found[place]) if place in found else NOTHING for place, name in enumerate(columns)}


def derived_moments(
    df: DataFrame, columns: Sequence[Column], derive: Callable[[Matrix], Matrix], width: int
) -> Moments:
    """Return the moments of columns that numpy makes of others.

    Args:
        df: the table.
        columns: columns of doubles.
        derive: (columns, rows) -> (width, rows).
        width: how many columns it makes.
    """
    found = _gathered(df, columns, partial(_partial, derive=derive), _SHARED)
    values = np.zeros((4, width))
    for place, row in found.items():
        values[:, place] = row["count"], row["missing"], row["mean"], row["squares"]
    return Moments(*values)


def _gathered(
    df: DataFrame,
    columns: Sequence[Column],
    summarise: Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]],
    together: int,
) -> dict[int, Row]:
    """Return the summary of each place, merged from those of the partitions, so many places in one group."""
    from pyspark.sql.functions import col, floor

    if not columns:
        return {}
    send_by_value()
    chosen = df.select(in_one_array(columns).alias("values"))
    parts = chosen.mapInArrow(summarise, SCHEMA).groupBy(floor(col("place") / together))
    return {row["place"]: row for row in parts.applyInPandas(_merge, SCHEMA).collect()}


def _finite(batch: pa.RecordBatch) -> Matrix:
    """Return a batch of arrays as (elements, rows); missing and infinite values are NaN."""
    values = transposed(batch)
    values[np.isinf(values)] = np.nan
    return values


def _partial(
    batches: Iterable[pa.RecordBatch],
    *,
    ordered: bool = False,
    derive: Callable[[Matrix], Matrix] | None = None,
) -> Iterator[pa.RecordBatch]:
    """Yield one row for each column of a partition."""
    moments: Moments | None = None
    sketches: list[Sketch] = []
    for batch in batches:
        if not batch.num_rows:
            continue
        values = np.sort(_finite(batch), axis=1) if ordered else _finite(batch)
        for piece in [values] if derive is None else _pieces(values, derive):
            moments = moments_of(piece) if moments is None else moments.plus(moments_of(piece))
        if ordered:
            sketches = sketches or [Sketch() for _ in values]
            add_sorted(sketches, values, np.isfinite(values).sum(axis=1))
    if moments is not None:
        yield _rows(moments, sketches or [Sketch() for _ in moments.count], _partition())


def _pieces(values: Matrix, derive: Callable[[Matrix], Matrix]) -> Iterator[Matrix]:
    """Derive from a few rows at a time: many times as many columns come out."""
    for start in range(0, values.shape[1], _PIECE):
        yield derive(values[:, start : start + _PIECE])


def _partition() -> int:
    context = TaskContext.get()
    return context.partitionId() if context else 0


@dataclass(frozen=True)
class Moments:
    """Counts, numbers of missing values, means and sums of squares of columns."""

    count: Matrix
    missing: Matrix
    mean: Matrix
    squares: Matrix

    def plus(self, other: Moments) -> Moments:
        """Return those of both sets of rows, without differences of large sums (Chan et al. 1983)."""
        count = self.count + other.count
        share = other.count / np.maximum(count, 1)
        distance = other.mean - self.mean
        between = distance**2 * self.count * share
        squares = self.squares + other.squares + between
        return Moments(count, self.missing + other.missing, self.mean + distance * share, squares)


def moments_of(values: Matrix) -> Moments:
    """Return the moments of (columns, rows)."""
    found = np.isfinite(values)
    count = found.sum(axis=1).astype(float)
    distances = np.where(found, values, 0.0)
    mean = distances.sum(axis=1) / np.maximum(count, 1)
    distances -= mean[:, None]
    distances *= found
    squares = np.einsum("ij,ij->i", distances, distances)
    return Moments(count, values.shape[1] - count, mean, squares)


def _rows(moments: Moments, sketches: list[Sketch], part: int, first: int = 0) -> pa.RecordBatch:
    columns = [
        pa.array([part] * len(sketches), pa.int32()),
        pa.array(range(first, first + len(sketches)), pa.int32()),
        *map(pa.array, (moments.count, moments.missing, moments.mean, moments.squares)),
        pa.array([sketch.settled().packed() for sketch in sketches], pa.binary()),
    ]
    names = ["part", "place", "count", "missing", "mean", "squares", "sketch"]
    return pa.RecordBatch.from_arrays(columns, names=names)


def _merge(rows: pd.DataFrame) -> pd.DataFrame:
    """Merge the partitions' rows of neighbouring places, in the order of the partitions."""
    moments: Moments | None = None
    sketches = [Sketch() for _ in range(rows["place"].nunique())]
    for _, part in rows.sort_values("place").groupby("part"):
        found = Moments(*(part[name].to_numpy() for name in ("count", "missing", "mean", "squares")))
        moments = found if moments is None else moments.plus(found)
        for sketch, packed in zip(sketches, part["sketch"], strict=True):
            other = Sketch.unpacked(packed)
            sketch.merge(other.points, other.weights)
    assert moments is not None  # a group has rows
    merged: pd.DataFrame = _rows(moments, sketches, 0, int(rows["place"].min())).to_pandas()
    return merged


NOTHING = Statistics(0, 0, 0.0, 0.0, Sketch())


def _read(row: Row) -> Statistics:
    sketch = Sketch.unpacked(row["sketch"])
    return Statistics(int(row["count"]), int(row["missing"]), row["mean"], row["squares"], sketch)
