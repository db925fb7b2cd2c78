"""Nearest rows among a bounded number of them, by blocks of numpy."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sparkfeat.models.matrices import Matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import Column, DataFrame

    Places = NDArray[np.intp]

BLOCK = 256
"""Rows whose distances to all donors are in memory at once."""
SPARE = 8
"""So many more rows than asked for are compared exactly: products round where differences do not."""


def chosen_rows(df: DataFrame, values: Column, limit: int, seed: int) -> Matrix:
    """Return at most `limit` rows of an array column, by the hash of their values and a seed.

    The same rows are chosen however they are partitioned; all of them, in that order, where they are few.
    """
    from pyspark.sql import functions as F  # noqa: N812 - its usual name

    order = F.xxhash64("values", F.lit(seed))
    rows = df.select(values.alias("values")).orderBy(order).limit(limit).collect()
    return np.array([row["values"] for row in rows], dtype=float)


def packed(rows: Matrix) -> str:
    """Return a matrix as a text that a Param can hold."""
    return base64.b64encode(np.ascontiguousarray(rows, dtype="<f8").tobytes()).decode("ascii")


def unpacked(text: str, columns: int) -> Matrix:
    """Return the matrix of a text again."""
    return np.frombuffer(base64.b64decode(text), dtype="<f8").reshape(-1, columns).astype(float)


def blocks(rows: int) -> Iterator[slice]:
    """Yield slices of `BLOCK` rows."""
    for start in range(0, rows, BLOCK):
        yield slice(start, start + BLOCK)


def rough_distances(rows: Matrix, others: Matrix) -> Matrix:
    """Return squared distances by products of matrices, over the columns that both rows have.

    As scikit-learn's nan_euclidean_distances: scaled up by the share of columns that count; NaN without any.
    """
    known, theirs = np.isfinite(rows).astype(float), np.isfinite(others).astype(float)
    filled, filling = np.where(known > 0, rows, 0.0), np.where(theirs > 0, others, 0.0)
    squares = filled**2 @ theirs.T + known @ (filling**2).T - 2 * filled @ filling.T
    return _scaled(squares, known @ theirs.T, rows.shape[1])


def exact_distances(rows: Matrix, others: Matrix) -> Matrix:
    """Return squared distances of (n, columns) to (n, k, columns), by differences."""
    difference = others - rows[:, None, :]
    known = np.isfinite(difference)
    return _scaled(np.square(np.where(known, difference, 0.0)).sum(axis=2), known.sum(axis=2), rows.shape[1])


def _scaled(squares: Matrix, known: Matrix, columns: int) -> Matrix:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known > 0, np.maximum(squares, 0.0) * columns / known, np.nan)


def nearest(rows: Matrix, others: Matrix, rough: Matrix, count: int) -> tuple[Places, Matrix]:
    """Return the places of the nearest others of each row, and their distances; the first of several.

    Args:
        rows: (n, columns).
        others: (m, columns).
        rough: their squared distances from `rough_distances`.
        count: how many; all others if there are fewer.
    """
    tried = min(count + SPARE, len(others))
    ranked = np.where(np.isnan(rough), np.inf, rough)
    places = np.sort(np.argpartition(ranked, tried - 1, axis=1)[:, :tried], axis=1)
    squares = exact_distances(rows, others[places])
    order = np.argsort(np.where(np.isnan(squares), np.inf, squares), axis=1, kind="stable")[:, :count]
    chosen = np.take_along_axis(places, order, axis=1)
    return chosen, np.sqrt(np.take_along_axis(squares, order, axis=1))
