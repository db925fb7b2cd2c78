"""Missing values filled by chained regressions (MICE), fitted on sums of products."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyspark.ml import Estimator, Model
from pyspark.sql import DataFrame

from sparkfeat.errors import ConfigError
from sparkfeat.models.matrices import Matrix
from sparkfeat.models.preprocessing.arrays import RowStep
from sparkfeat.models.preprocessing.base import number, number_lists, numbers, text, whole
from sparkfeat.models.preprocessing.patterns import Patterns, gather
from sparkfeat.models.preprocessing.regression import bayesian_ridge, least_squares
from sparkfeat.models.preprocessing.statistics import statistics

if TYPE_CHECKING:
    pass


REGRESSIONS = {"bayesian_ridge": bayesian_ridge, "linear": least_squares}


class ChainedImputerModel(RowStep, Model):
    """Fills missing values with the means, then by one regression after the other.

    Each of `regressions` is: the column, the intercept, and the weight of every column, in distances from the
    means; its own is 0.
    """

    means = numbers("means", "the mean of each column")
    regressions = number_lists("regressions", "column, intercept and weights, in the order of the chain")

    def _transform(self, dataset: DataFrame) -> DataFrame:
        means = np.array(self.getOrDefault(self.means))
        chain = np.array(self.getOrDefault(self.regressions)).reshape(-1, len(means) + 2)

        def fill(values: Matrix) -> Matrix:
            return filled_by_chain(values, means, chain)

        return self._replaced(dataset, fill)

    def _told(self, _number: int) -> str:
        return "missing values replaced by regressions on the other columns"


def filled_by_chain(values: Matrix, means: Matrix, chain: Matrix) -> Matrix:
    """Return (rows, columns) without missing values."""
    missing = np.isnan(values)
    filled = np.where(missing, 0.0, values - means)
    for column, intercept, *weights in chain:
        rows = missing[:, int(column)]
        if rows.any():
            filled[rows, int(column)] = intercept + filled[rows] @ np.array(weights)
    return np.where(missing, filled + means, values)


class ChainedImputer(RowStep, Estimator[ChainedImputerModel]):
    """Fills missing values by chained regressions (MICE), as scikit-learn's IterativeImputer.

    Missing values start as means. Column by column, those with the fewest missing values first, a regression
    on all other columns is fitted where the column is known and replaces what it lacks; `maxIter` rounds of
    that. A column is filled by a linear function of the values that a row has, so the regressions need no
    more than sums of products for each pattern of missing columns: two passes over the rows in all, and the
    same result as scikit-learn's with the same number of rounds and `tol=0`, up to rounding.

    Where there are more patterns than `maxPatterns` it is approximate, and a warning says so: half of them
    are the most frequent ones, the other half a sample that counts for the rest. A column without values is
    filled with 0.

    Args:
        inputCols: columns of numbers.
        outputCols: names of the filled columns; by default they replace the columns.
        estimator: `bayesian_ridge` (the default, as in scikit-learn) or `linear`.
        maxIter: how many rounds. Default: 10.
        tol: stop when no weight of a round differs from the last one's by more, in standard deviations.
            Default: 0.001.
        maxPatterns: how many patterns of missing columns are used. Default: 2,000.
        skipDropped: pass over columns that an earlier step dropped.
    """

    estimator = text("estimator", "bayesian_ridge or linear")
    maxIter = whole("maxIter", "how many rounds")
    tol = number("tol", "stop when no weight differs by more, in standard deviations")
    maxPatterns = whole("maxPatterns", "how many patterns of missing columns are used")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
        estimator: str | None = None,
        maxIter: int | None = None,
        tol: float | None = None,
        maxPatterns: int | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(estimator="bayesian_ridge", maxIter=10, tol=1e-3, maxPatterns=2_000)
        self._given(inputCols=inputCols, outputCols=outputCols, estimator=estimator, maxIter=maxIter)
        self._given(tol=tol, maxPatterns=maxPatterns, skipDropped=skipDropped)

    def _fit(self, dataset: DataFrame) -> ChainedImputerModel:
        estimator = self.getOrDefault(self.estimator)
        if estimator not in REGRESSIONS:
            hint = f"Use {' or '.join(REGRESSIONS)}"
            raise ConfigError(f"No estimator '{estimator}'", where="ChainedImputer", hint=hint)
        pairs = self._pairs(dataset)
        columns = {name: self._number(dataset, name) for name, _ in pairs}
        found = statistics(dataset, columns, ordered=False)
        means = np.array([found[name].mean for name, _ in pairs])
        scales = np.array([found[name].std or 1.0 for name, _ in pairs])
        missing = np.array([found[name].missing for name, _ in pairs])
        patterns = gather(dataset, self._array(dataset), means, self.getOrDefault(self.maxPatterns))
        model = ChainedImputerModel()
        self._hand_over(model, pairs)
        model._given(means=means.tolist(), regressions=self._chain(patterns, missing, scales))
        return model

    def _chain(self, patterns: Patterns, missing: Matrix, scales: Matrix) -> list[list[float]]:
        """Fit the regressions, round by round."""
        regress = REGRESSIONS[self.getOrDefault(self.estimator)]
        order = np.argsort(missing, kind="stable")
        chain: list[list[float]] = []
        last: Matrix | None = None
        for _ in range(self.getOrDefault(self.maxIter)):
            round_ = [patterns.step(int(column), regress) for column in order]
            chain += [[float(column), *weights] for column, weights in zip(order, round_, strict=True)]
            now = np.array([[*weights[1:]] for weights in round_]) * scales / scales[order, None]
            if last is not None and np.abs(now - last).max() < self.getOrDefault(self.tol):
                break
            last = now
        return chain
