"""Statistics of many number columns in one pass over the rows, by numpy on Arrow batches.

Spark's own aggregates are made for few columns: the generated code of several hundred of them takes a
hundred times as long as the sums themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from sparkfeat.models.preprocessing.sketch import Sketch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame, Row

    Matrix = NDArray[np.float64]

SCHEMA = (
    "place int, count double, missing double, mean double, squares double, points array<double>,"
    " weights array<double>"
)


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
    if not columns:
        return {}
    chosen = df.select([column.alias(f"c{place}") for place, column in enumerate(columns.values())])

    def partial(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from _partial(batches, ordered=ordered)

    def merge(rows: pd.DataFrame) -> pd.DataFrame:
        return _merge(rows)

    parts = chosen.mapInArrow(partial, SCHEMA).groupBy("place").applyInPandas(merge, SCHEMA)
    found = {row["place"]: _read(row) for row in parts.collect()}
    return {name: found.get(place, NOTHING) for place, name in enumerate(columns)}


def matrix(batch: pa.RecordBatch) -> Matrix:
    """Return a batch of number columns as (columns, rows); missing and infinite values are NaN."""
    values = np.empty((batch.num_columns, batch.num_rows))
    for place, column in enumerate(batch.columns):
        values[place] = column.to_numpy(zero_copy_only=False)
    values[np.isinf(values)] = np.nan
    return values


def _partial(batches: Iterable[pa.RecordBatch], *, ordered: bool) -> Iterator[pa.RecordBatch]:
    """Yield one row for each column of a partition."""
    moments: Moments | None = None
    sketches: list[Sketch] = []
    for batch in batches:
        values = np.sort(matrix(batch), axis=1) if ordered else matrix(batch)
        moments = moments_of(values) if moments is None else moments.plus(moments_of(values))
        if ordered:
            there = np.isfinite(values).sum(axis=1)
            sketches = sketches or [Sketch() for _ in values]
            for place, sketch in enumerate(sketches):
                sketch.add(values[place, : there[place]])
    if moments is not None:
        yield _rows(moments, sketches or [Sketch() for _ in moments.count])


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
    mean = np.where(found, values, 0.0).sum(axis=1) / np.maximum(count, 1)
    squares = np.square(np.where(found, values - mean[:, None], 0.0)).sum(axis=1)
    return Moments(count, values.shape[1] - count, mean, squares)


def _rows(moments: Moments, sketches: list[Sketch]) -> pa.RecordBatch:
    sketches = [sketch.settled() for sketch in sketches]
    columns = [
        pa.array(range(len(sketches)), pa.int32()),
        *map(pa.array, (moments.count, moments.missing, moments.mean, moments.squares)),
        pa.array([sketch.points for sketch in sketches], pa.list_(pa.float64())),
        pa.array([sketch.weights for sketch in sketches], pa.list_(pa.float64())),
    ]
    names = ["place", "count", "missing", "mean", "squares", "points", "weights"]
    return pa.RecordBatch.from_arrays(columns, names=names)


def _merge(rows: pd.DataFrame) -> pd.DataFrame:
    """Merge the partitions' rows of one column."""
    parts = [rows[name].to_numpy() for name in ("count", "missing", "mean", "squares")]
    moments, sketch = Moments(*(part[:1] for part in parts)), Sketch()
    for number in range(len(rows)):
        if number:
            moments = moments.plus(Moments(*(part[number : number + 1] for part in parts)))
        sketch.merge(np.asarray(rows["points"].iloc[number]), np.asarray(rows["weights"].iloc[number]))
    merged: pd.DataFrame = _rows(moments, [sketch]).to_pandas()
    return merged.assign(place=rows["place"].iloc[0])


NOTHING = Statistics(0, 0, 0.0, 0.0, Sketch())


def _read(row: Row) -> Statistics:
    sketch = Sketch(np.array(row["points"]), np.array(row["weights"]))
    return Statistics(int(row["count"]), int(row["missing"]), row["mean"], row["squares"], sketch)
