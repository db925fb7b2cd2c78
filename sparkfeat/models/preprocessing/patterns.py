"""Sums of products of rows, by which of their columns are missing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from sparkfeat.models.matrices import Matrix, stacked
from sparkfeat.models.workers import send_by_value

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame

    Regression = Callable[["Sums"], tuple[float, Matrix]]

_SCHEMA = "place int, product array<double>"
logger = logging.getLogger("sparkfeat")
MEMORY = 500_000_000
"""Bytes that the sums of all patterns may have on the driver; of a hundred columns about 6,000 patterns."""


@dataclass(frozen=True)
class Sums:
    """What a regression needs of rows.

    Args:
        count: how many rows.
        products: X'X of the centred columns.
        responses: X'y.
        square: y'y.
        means: of the columns.
        mean: of the response.
    """

    count: float
    products: Matrix
    responses: Matrix
    square: float
    means: Matrix
    mean: float


@dataclass
class Patterns:
    """Rows that lack the same columns, as sums, and their missing values as functions of the others.

    Args:
        missing: (patterns, columns).
        products: (patterns, columns + 1, columns + 1): sums of z z'; z is 1 and the row,
            0 where missing.
        maps: (patterns, columns + 1, columns + 1): the filled row as a function of z.
    """

    missing: NDArray[np.bool_]
    products: Matrix
    maps: Matrix

    def step(self, column: int, regress: Regression) -> list[float]:
        """Fit the regression of a column, fill it, and return the intercept and a weight for every column."""
        others = np.delete(np.arange(self.missing.shape[1]), column)
        weights = np.zeros(self.missing.shape[1])
        known = ~self.missing[:, column]
        intercept = 0.0
        if known.any() and self.products[known, 0, 0].sum() > 0:
            intercept, weights[others] = regress(self._sums(known, column, others))
        filled = weights @ self.maps[:, 1:, :]
        filled[:, 0] += intercept
        self.maps[~known, column + 1, :] = filled[~known]
        return [intercept, *weights.tolist()]

    def _sums(self, known: NDArray[np.bool_], column: int, others: NDArray[np.intp]) -> Sums:
        """Return the sums over the rows that have a column."""
        maps = self.maps[known]
        total = (maps @ self.products[known] @ maps.transpose(0, 2, 1)).sum(axis=0)
        count, sums = total[0, 0], total[0, 1:]
        centred = total[1:, 1:] - np.outer(sums, sums) / count
        return Sums(
            float(count),
            centred[np.ix_(others, others)],
            centred[others, column],
            float(centred[column, column]),
            sums[others] / count,
            float(sums[column] / count),
        )


def gather(df: DataFrame, values: Column, means: Matrix, limit: int) -> Patterns:
    """Return the patterns of a table's rows.

    Args:
        df: the table.
        values: an array column, null where a value is missing.
        means: what is taken off the columns, so that the sums round little.
        limit: how many patterns are used at most, and as many as fit in `MEMORY`.
    """
    columns = len(means)
    limit = max(2, min(limit, MEMORY // (8 * (columns + 1) ** 2)))
    lacks = F.concat_ws("", F.transform("values", lambda value: F.when(value.isNull(), "1").otherwise("0")))
    rows = df.select(values.alias("values")).withColumn("pattern", lacks)
    used = _used(rows, limit)
    products = _products(rows, list(used), means) * np.array([*used.values()]).reshape(-1, 1, 1)
    missing = np.array([[digit == "1" for digit in pattern] for pattern in used], dtype=bool)
    known = np.concatenate([np.ones((len(used), 1)), ~missing.reshape(-1, columns)], axis=1)
    return Patterns(missing.reshape(-1, columns), products, known[:, :, None] * np.eye(columns + 1))


def _used(rows: DataFrame, limit: int) -> dict[str, float]:
    """Return the patterns to use and what their rows count for.

    Of too many: the most frequent ones, and a sample of the others, which count for all of the others.
    """
    counted = rows.groupBy("pattern").count()
    frequent = counted.orderBy(F.desc("count"), "pattern").limit(limit + 1).collect()
    if len(frequent) <= limit:
        return {row["pattern"]: 1.0 for row in frequent}
    logger.warning("More than %d patterns of missing columns: fitted on a sample of the rare ones", limit)
    whole = [row["pattern"] for row in frequent[: limit // 2]]
    others = counted.where(~F.col("pattern").isin(whole))
    sample = others.orderBy(F.xxhash64("pattern"), "pattern").limit(limit - len(whole)).collect()
    total = others.agg(F.sum("count")).collect()[0][0]
    share = total / sum(row["count"] for row in sample)
    return dict.fromkeys(whole, 1.0) | {row["pattern"]: share for row in sample}


def _products(rows: DataFrame, used: list[str], means: Matrix) -> Matrix:
    """Sum the products of each pattern: in each partition, then over them."""
    size = len(means) + 1
    places = {pattern: place for place, pattern in enumerate(used)}

    def partial(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        found: dict[int, Matrix] = {}
        for batch in batches:
            for place, product in _of_batch(batch, places, means):
                found[place] = found[place] + product if place in found else product
        columns = [
            pa.array(list(found), pa.int32()),
            pa.array([product.ravel() for product in found.values()], pa.list_(pa.float64())),
        ]
        yield pa.RecordBatch.from_arrays(columns, names=["place", "product"])

    send_by_value()
    parts = rows.mapInArrow(partial, _SCHEMA).groupBy("place").applyInPandas(_summed, _SCHEMA)
    total = np.zeros((len(used), size * size))
    for row in parts.collect():
        total[row["place"]] = row["product"]
    return total.reshape(-1, size, size)


def _summed(parts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {"place": parts["place"].iloc[:1], "product": [stacked(parts["product"]).sum(axis=0)]}
    )


def _of_batch(batch: pa.RecordBatch, places: dict[str, int], means: Matrix) -> Iterator[tuple[int, Matrix]]:
    flat = batch.column("values").flatten().to_numpy(zero_copy_only=False)
    values = flat.reshape(batch.num_rows, -1) - means
    filled = np.concatenate([np.ones((len(values), 1)), np.where(np.isnan(values), 0.0, values)], axis=1)
    patterns = np.array(batch.column("pattern").to_pylist())
    for pattern in np.unique(patterns):
        if pattern in places:
            rows = filled[patterns == pattern]
            yield places[pattern], rows.T @ rows
