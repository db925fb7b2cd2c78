"""Quantiles of any number of values in bounded memory: exact for few, of nearly the right rank for many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

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

    def add(self, values: Vector) -> None:
        """Take sorted values in."""
        self.merge(*_fewer(values, np.ones(values.size)))

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


def _fewer(points: Vector, weights: Vector) -> tuple[Vector, Vector]:
    """Return at most `POINTS` points of equal weights in place of sorted ones; both ends stay."""
    if points.size <= POINTS:
        return points, weights
    total = weights.sum()
    middles = (np.arange(POINTS) + 0.5) * total / POINTS
    chosen = np.minimum(np.searchsorted(np.cumsum(weights), middles), points.size - 1)
    chosen[0], chosen[-1] = 0, points.size - 1
    return points[chosen], np.full(POINTS, total / POINTS)
