"""Logarithms and power transforms."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from pyspark.ml import Estimator, Model, Transformer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from sparkfeat.errors import ConfigError, DataError
from sparkfeat.models.matrices import Matrix
from sparkfeat.models.preprocessing.base import Step, finite, numbers, text
from sparkfeat.models.preprocessing.statistics import Moments, derived_moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

METHODS = ("yeo-johnson", "box-cox")
WIDEST = 5.0
"""Exponents from -5 to 5 are tried."""
_TRIED = 21
_STEPS = (0.5, 0.05, 0.005, 0.0005)
"""How far apart the exponents of each pass over the rows are: each looks around the best one of the last."""


class LogTransformer(Step, Transformer):
    """Writes the logarithm of 1 + |x| with the sign of x; missing values stay missing.

    Args:
        inputCols: columns of numbers.
        outputCols: names of the logarithms; by default they replace the columns.
        skipDropped: pass over columns that an earlier step dropped.
    """

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._given(inputCols=inputCols, outputCols=outputCols, skipDropped=skipDropped)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        made = {}
        for name, output in self._pairs(dataset):
            value = self._number(dataset, name)
            made[output] = F.signum(value) * F.log1p(F.abs(value))
        return dataset.withColumns(made)

    def _told(self, _number: int) -> str:
        return "as sign(x) log(1 + |x|)"


class PowerTransformerModel(Step, Model):
    """Writes Yeo and Johnson's or Box and Cox's transform with the exponent of each column.

    A result that is no finite number is missing, as is that of a value that is not above 0 for Box-Cox.
    """

    method = text("method", "yeo-johnson or box-cox")
    exponents = numbers("exponents", "the exponent of each column")

    def _transform(self, dataset: DataFrame) -> DataFrame:
        made = _yeo_johnson if self.getOrDefault(self.method) == "yeo-johnson" else _box_cox
        return dataset.withColumns(
            {
                output: finite(made(self._number(dataset, name), exponent))
                for (name, output), exponent in zip(
                    self._pairs(dataset), self.getOrDefault(self.exponents), strict=True
                )
            }
        )

    def _told(self, number: int) -> str:
        names = {"yeo-johnson": "Yeo-Johnson", "box-cox": "Box-Cox"}
        exponent = self.getOrDefault(self.exponents)[number]
        return f"{names[self.getOrDefault(self.method)]} transform with exponent {exponent:.4g}"


class PowerTransformer(Step, Estimator[PowerTransformerModel]):
    """Makes columns more like a normal distribution, by the exponent of the largest likelihood of each.

    The exponents are those of scikit-learn's PowerTransformer to about 1e-4, looked for from -5 to 5 in four
    passes over the rows for all columns together. The result is not scaled. A constant column has exponent 1.

    Args:
        inputCols: columns of numbers.
        outputCols: names of the results; by default they replace the columns.
        method: `yeo-johnson` (the default), or `box-cox` for values above 0.
        skipDropped: pass over columns that an earlier step dropped.

    Raises:
        DataError: Box-Cox is asked for a column with values of 0 or below, which is named.
    """

    method = text("method", "yeo-johnson or box-cox")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
        method: str | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(method="yeo-johnson")
        self._given(inputCols=inputCols, outputCols=outputCols, method=method, skipDropped=skipDropped)

    def _fit(self, dataset: DataFrame) -> PowerTransformerModel:
        method = self.getOrDefault(self.method)
        if method not in METHODS:
            hint = f"Use {', '.join(METHODS)}"
            raise ConfigError(f"No method '{method}'", where="PowerTransformer", hint=hint)
        pairs = self._pairs(dataset)
        columns = [self._number(dataset, name) for name, _ in pairs]
        if method == "box-cox":
            _check_positive(dataset, [name for name, _ in pairs], columns)
        model = PowerTransformerModel()
        self._hand_over(model, pairs)
        model._given(method=method, exponents=_exponents(dataset, columns, method))
        return model


def _check_positive(df: DataFrame, names: list[str], columns: list[Column]) -> None:
    for start in range(0, len(names), 50):
        some = columns[start : start + 50]
        below = df.agg(*[F.min(column) for column in some]).collect()[0]
        for name, lowest in zip(names[start : start + 50], below, strict=True):
            if lowest is not None and lowest <= 0:
                raise DataError(
                    f"'{name}' has the value {lowest:g}",
                    where="PowerTransformer",
                    why="Box-Cox is for values above 0",
                    hint="Use yeo-johnson",
                )


def _exponents(df: DataFrame, columns: list[Column], method: str) -> list[float]:
    """Return the exponent of the largest likelihood of each column."""
    best = np.zeros(len(columns))
    likelihoods = tried = np.empty(0)
    for step in _STEPS:
        around = (np.arange(_TRIED) - _TRIED // 2) * step
        tried = np.clip(best[:, None] + around, -WIDEST, WIDEST)
        derive = partial(transformed, exponents=tried, method=method)
        moments = derived_moments(df, columns, derive, len(columns) * (_TRIED + 1))
        likelihoods, constant = _likelihoods(moments, tried)
        best = np.where(constant, 1.0, tried[np.arange(len(best)), likelihoods.argmax(axis=1)])
    return [float(value) for value in _vertex(best, tried, likelihoods)]


def transformed(values: Matrix, exponents: Matrix, method: str) -> Matrix:
    """Return (columns × (1 + tried exponents), rows): the logarithms, then the transform by each exponent."""
    made = _numpy_yeo_johnson if method == "yeo-johnson" else _numpy_box_cox
    with np.errstate(all="ignore"):
        logs = np.sign(values) * np.log1p(np.abs(values)) if method == "yeo-johnson" else np.log(values)
        rows = [
            row
            for value, log, tried in zip(values, logs, exponents, strict=True)
            for row in (log, *(made(value, exponent) for exponent in tried))
        ]
    return np.array(rows)


def _likelihoods(moments: Moments, tried: Matrix) -> tuple[Matrix, NDArray[np.bool_]]:
    """Return the log-likelihood of each exponent, and which columns are constant."""
    shape = (len(tried), _TRIED + 1)
    count, mean, squares = (part.reshape(shape) for part in (moments.count, moments.mean, moments.squares))
    constant = squares[:, 0] <= 1e-24 * np.maximum(1.0, count[:, 0] * mean[:, 0] ** 2)
    logs = count[:, :1] * mean[:, :1]
    with np.errstate(all="ignore"):
        spread = -count[:, 1:] / 2 * np.log(squares[:, 1:] / count[:, 1:])
        found = spread + (tried - 1) * logs
    lost = (count[:, 1:] < count[:, :1]) | ~np.isfinite(found)
    return np.where(lost, -np.inf, found), constant


def _vertex(best: Matrix, tried: Matrix, likelihoods: Matrix) -> Sequence[float]:
    """Return the top of the parabola through the best exponent and those beside it."""
    found = []
    for exponent, exponents, heights in zip(best, tried, likelihoods, strict=True):
        top, value = int(heights.argmax()), float(exponent)
        if 0 < top < len(heights) - 1 and exponents[top] == exponent:
            left, middle, right = heights[top - 1 : top + 2]
            bend = left - 2 * middle + right
            move = (left - right) / (2 * bend) if np.isfinite(bend) and bend < 0 else 0.0
            value += float(np.clip(move, -1, 1)) * (exponents[top + 1] - exponents[top])
        found.append(value)
    return found


def _numpy_yeo_johnson(value: Matrix, exponent: float) -> Matrix:
    above = _numpy_power(np.log1p(np.maximum(value, 0)), exponent)
    below = -_numpy_power(np.log1p(np.maximum(-value, 0)), 2 - exponent)
    return np.where(value >= 0, above, below)


def _numpy_box_cox(value: Matrix, exponent: float) -> Matrix:
    return _numpy_power(np.log(value), exponent)


def _numpy_power(log: Matrix, exponent: float) -> Matrix:
    return np.expm1(log * exponent) / exponent if exponent else log


def _yeo_johnson(value: Column, exponent: float) -> Column:
    above = _power(F.log1p(value), exponent)
    return F.when(value >= 0, above).otherwise(-_power(F.log1p(-value), 2 - exponent))


def _box_cox(value: Column, exponent: float) -> Column:
    return F.when(value > 0, _power(F.log(value), exponent))


def _power(log: Column, exponent: float) -> Column:
    return F.expm1(log * F.lit(exponent)) / F.lit(exponent) if exponent else log
