"""Quantiles of any number of values in bounded memory: exact for few, of nearly the right rank for many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sparkfeat.models.matrices import Matrix

    Vector = NDArray[np.float64]

POINTS = 2048
"""Up to this many values are kept as they are.

More are replaced by as many points of equal weight: a rank is wrong by 1 in 4,096 then. Up to four such steps
follow one another (a batch, a partition twice, all partitions).
"""
PILE = 16
"""That many times as many points are gathered before they are replaced."""


class Sketch:
    """Points with weights, of which the smallest and the largest are values that were there."""

    def __init__(self, points: Vector | None = None, weights: Vector | None = None) -> None:
        self._points = [np.empty(0) if points is None else points]
        self._weights = [np.empty(0) if weights is None else weights]
        self._size = self._points[0].size

    @property
    def points(self) -> Vector:
        """The points; sorted once `settled`."""
        return np.concatenate(self._points)

    @property
    def weights(self) -> Vector:
        """How many values each point stands for."""
        return np.concatenate(self._weights)

    @staticmethod
    def unpacked(packed: bytes) -> Sketch:
        """Return the sketch that `packed` wrote."""
        return Sketch(*np.frombuffer(packed, dtype="<f8").reshape(2, -1))

    def packed(self) -> bytes:
        """Return its points and weights as bytes: Spark moves these at once, and numbers one by one."""
        return np.concatenate([self.points, self.weights]).astype("<f8").tobytes()

    def merge(self, points: Vector, weights: Vector) -> None:
        """Take weighted points in."""
        self._points.append(points)
        self._weights.append(weights)
        self._size += points.size
        if self._size > POINTS * PILE:
            settled = self.settled()
            self._points, self._weights, self._size = settled._points, settled._weights, settled._size

    def settled(self) -> Sketch:
        """Return it with at most `POINTS` points, sorted."""
        points, weights = self.points, self.weights
        order = np.argsort(points, kind="stable")
        return Sketch(*_fewer(points[order], weights[order]))

    def quantile(self, share: float) -> float:
        """Return the quantile; between two neighbouring values where all of them are known."""
        settled = self.settled()
        points, weights = settled.points, settled.weights
        if (weights == 1).all():
            return float(np.quantile(points, share))
        if share in {0, 1}:
            return float(points[-int(share)])
        place = np.searchsorted(np.cumsum(weights), share * weights.sum())
        return float(points[min(int(place), points.size - 1)])


def add_sorted(sketches: Sequence[Sketch], values: Matrix, counts: NDArray[np.intp]) -> None:
    """Take values into the sketches of their columns.

    Args:
        sketches: one a column.
        values: (columns, rows), each column sorted.
        counts: how many of a column's values, from its first on, are taken.
    """
    places = _places(counts) if values.shape[1] > POINTS else None
    for column, sketch in enumerate(sketches):
        count = counts[column]
        if places is None or count <= POINTS:
            sketch.merge(values[column, :count], np.ones(count))
        else:
            sketch.merge(values[column, places[column]], np.full(POINTS, count / POINTS))


def _places(counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the places of `POINTS` values of equal weight among so many sorted ones; both ends stay."""
    middles = (np.arange(POINTS) + 0.5) * counts[:, None] / POINTS
    places: NDArray[np.intp] = np.ceil(middles).astype(np.intp) - 1
    places[:, 0], places[:, -1] = 0, counts - 1
    return places


def _fewer(points: Vector, weights: Vector) -> tuple[Vector, Vector]:
    """Return at most `POINTS` points of equal weights in place of sorted ones; both ends stay."""
    if points.size <= POINTS:
        return points, weights
    total = weights.sum()
    middles = (np.arange(POINTS) + 0.5) * total / POINTS
    chosen = np.minimum(np.searchsorted(np.cumsum(weights), middles), points.size - 1)
    chosen[0], chosen[-1] = 0, points.size - 1
    return points[chosen], np.full(POINTS, total / POINTS)
