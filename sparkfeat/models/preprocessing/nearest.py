"""Missing values filled from the nearest rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pyspark.ml import Estimator, Model
from pyspark.ml.param.shared import HasSeed
from pyspark.sql import DataFrame

from sparkfeat.errors import ConfigError, DataError
from sparkfeat.models.blocks import (
    blocks,
    chosen_rows,
    nearest,
    packed,
    rough_distances,
    unpacked,
)
from sparkfeat.models.matrices import Matrix
from sparkfeat.models.preprocessing.arrays import RowStep
from sparkfeat.models.preprocessing.base import numbers, text, whole
from sparkfeat.models.preprocessing.statistics import statistics

if TYPE_CHECKING:
    pass


WEIGHTS = ("uniform", "distance")


@dataclass(frozen=True)
class Donors:
    """Rows that values are taken from.

    Args:
        rows: (donors, columns), NaN where missing.
        fills: the value of each column for rows that have nothing in common with any donor.
        count: how many neighbours.
        weights: `uniform` or `distance`.
    """

    rows: Matrix
    fills: Matrix
    count: int
    weights: str

    def fill(self, values: Matrix) -> Matrix:
        """Return (rows, columns) without missing values."""
        filled = values.copy()
        lacking = np.flatnonzero(np.isnan(values).any(axis=1))
        for block in blocks(len(lacking)):
            filled[lacking[block]] = self._fill_block(values[lacking[block]])
        return filled

    def _fill_block(self, values: Matrix) -> Matrix:
        # Distances do not change when both are moved; products of small numbers round less.
        rows, donors = values - self.fills, self.rows - self.fills
        rough = rough_distances(rows, donors)
        filled = values.copy()
        for column in np.flatnonzero(np.isnan(values).any(axis=0)):
            lacking = np.isnan(values[:, column])
            giving = np.isfinite(donors[:, column])
            filled[lacking, column] = self.fills[column]
            if giving.any():
                places, distances = nearest(
                    rows[lacking], donors[giving], rough[np.ix_(lacking, giving)], self.count
                )
                found = donors[giving, column][places] + self.fills[column]
                mean = self._mean(found, distances)
                filled[lacking, column] = np.where(np.isnan(mean), self.fills[column], mean)
        return filled

    def _mean(self, found: Matrix, distances: Matrix) -> Matrix:
        """Return the mean of the neighbours' values; NaN where no distance is known."""
        share = np.isfinite(distances).astype(float)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.weights == "distance":
                same = distances == 0
                share = np.where(same.any(axis=1, keepdims=True), same, share / distances)
                share = np.where(np.isfinite(distances), share, 0.0)
            mean: Matrix = (found * share).sum(axis=1) / share.sum(axis=1)
        return mean


class KNNImputerModel(RowStep, Model):
    """Fills each missing value with the mean of the nearest donors that have one."""

    donors = text("donors", "the donors' values, packed")
    fills = numbers("fills", "the value of each column where no donor has anything in common")
    nNeighbors = whole("nNeighbors", "how many neighbours")
    weights = text("weights", "uniform or distance")

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return self._replaced(dataset, self._donors().fill)

    def _donors(self) -> Donors:
        fills = np.array(self.getOrDefault(self.fills))
        rows = unpacked(self.getOrDefault(self.donors), len(fills))
        return Donors(rows, fills, self.getOrDefault(self.nNeighbors), self.getOrDefault(self.weights))

    def _told(self, _number: int) -> str:
        return f"missing values replaced by the mean of the {self.getOrDefault(self.nNeighbors)} nearest rows"


class KNNImputer(RowStep, HasSeed, Estimator[KNNImputerModel]):
    """Fills missing values with the mean of the nearest rows that have one, as scikit-learn's KNNImputer.

    Distances are Euclidean over the columns that both rows have; scale the columns first. The model keeps
    the rows that values are taken from, the donors. Up to `maxDonors` training rows all of them are donors
    and the result is exact. Of more rows a sample is taken, by a hash of the values: the result is
    approximate then, and the time stays proportional to the rows. A column without values is filled with 0.

    Args:
        inputCols: columns of numbers.
        outputCols: names of the filled columns; by default they replace the columns.
        nNeighbors: how many neighbours. Default: 5.
        weights: `uniform` (the default) or `distance`: one over the distance.
        maxDonors: how many rows are donors at most. Default: 10,000.
        seed: of the sample.
        skipDropped: pass over columns that an earlier step dropped.
    """

    nNeighbors = whole("nNeighbors", "how many neighbours")
    weights = text("weights", "uniform or distance")
    maxDonors = whole("maxDonors", "how many rows are donors at most")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
        nNeighbors: int | None = None,
        weights: str | None = None,
        maxDonors: int | None = None,
        seed: int | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(nNeighbors=5, weights="uniform", maxDonors=10_000, seed=0)
        self._given(inputCols=inputCols, outputCols=outputCols, nNeighbors=nNeighbors, weights=weights)
        self._given(maxDonors=maxDonors, seed=seed, skipDropped=skipDropped)

    def _fit(self, dataset: DataFrame) -> KNNImputerModel:
        weights, count = self.getOrDefault(self.weights), self.getOrDefault(self.nNeighbors)
        if weights not in WEIGHTS or count < 1:
            what = f"No neighbours with nNeighbors={count} and weights='{weights}'"
            raise ConfigError(what, where="KNNImputer", hint="Use 1 or more, and uniform or distance")
        pairs = self._pairs(dataset)
        columns = {name: self._number(dataset, name) for name, _ in pairs}
        found = statistics(dataset, columns, ordered=False)
        limit = self.getOrDefault(self.maxDonors)
        rows = chosen_rows(dataset, self._array(dataset), limit, self.getOrDefault(self.seed))
        if not len(rows):
            raise DataError("There are no rows to take values from", where="KNNImputer")
        model = KNNImputerModel()
        self._hand_over(model, pairs)
        model._given(nNeighbors=count, weights=weights, donors=packed(rows))
        model._given(fills=[found[name].mean for name, _ in pairs])
        return model
