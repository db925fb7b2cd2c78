"""Scaling of number columns."""

from __future__ import annotations

import numpy as np
from pyspark.ml import Estimator, Model
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from sparkfeat.errors import ConfigError
from sparkfeat.models.preprocessing.base import Step, double_sql, flag, numbers, text
from sparkfeat.models.preprocessing.sketch import Sketch
from sparkfeat.models.preprocessing.statistics import NOTED, Statistics, statistics

METHODS = ("standard", "minmax", "robust", "maxabs")
_TOLD = {
    "standard": "scaled to mean 0 and standard deviation 1",
    "minmax": "scaled to 0 to 1",
    "robust": "scaled to median 0 and interquartile range 1",
    "maxabs": "scaled to at most 1",
}


class ScalerModel(Step, Model):
    """Writes (x - center) / scale; missing values stay missing."""

    method = text("method", "standard, minmax, robust or maxabs")
    centers = numbers("centers", "what is subtracted from each column")
    scales = numbers("scales", "what each column is divided by")

    def _transform(self, dataset: DataFrame) -> DataFrame:
        centers, scales = self.getOrDefault(self.centers), self.getOrDefault(self.scales)
        return dataset.withColumns(
            {
                output: F.expr(
                    f"({self._number_sql(dataset, name)} - {double_sql(center)}) * {double_sql(1 / scale)}"
                )
                for (name, output), center, scale in zip(self._pairs(dataset), centers, scales, strict=True)
            }
        )

    def _told(self, _number: int) -> str:
        return _TOLD[self.getOrDefault(self.method)]


class Scaler(Step, Estimator[ScalerModel]):
    """Scales columns as scikit-learn's StandardScaler, MinMaxScaler, RobustScaler and MaxAbsScaler do.

    Missing values are passed over and stay missing. A column that is constant is divided by 1.

    Args:
        inputCols: columns of numbers or truth values.
        outputCols: names of the scaled columns; by default they replace the columns.
        method: `standard` (the default), `minmax`, `robust` (median and quartiles) or `maxabs`.
        skipDropped: pass over columns that an earlier step dropped.
        trustStatistics: take means and deviations that an Imputer noted while it was fitted on the same rows,
            in place of one more pass. Default: False.
    """

    method = text("method", "standard, minmax, robust or maxabs")
    trustStatistics = flag("trustStatistics", "take the statistics that an Imputer noted on the same rows")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
        method: str | None = None,
        skipDropped: bool | None = None,
        trustStatistics: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(method="standard", trustStatistics=False)
        self._given(inputCols=inputCols, outputCols=outputCols, method=method, skipDropped=skipDropped)
        self._given(trustStatistics=trustStatistics)

    def _told_statistics(self, df: DataFrame, names: list[str]) -> dict[str, Statistics]:
        """Return what an Imputer noted of columns."""
        if not self.getOrDefault(self.trustStatistics):
            return {}
        noted = {name: found for name in names if (found := df.schema[name].metadata.get(NOTED))}
        return {
            name: Statistics(int(count), int(missing), mean, squares, Sketch())
            for name, (count, missing, mean, squares) in noted.items()
        }

    def _fit(self, dataset: DataFrame) -> ScalerModel:
        method = self.getOrDefault(self.method)
        if method not in METHODS:
            raise ConfigError(f"No method '{method}'", where="Scaler", hint=f"Use {', '.join(METHODS)}")
        pairs = self._pairs(dataset)
        told = self._told_statistics(dataset, [name for name, _ in pairs]) if method == "standard" else {}
        rest = {name: self._number(dataset, name) for name, _ in pairs if name not in told}
        found = told | statistics(dataset, rest, ordered=method != "standard")
        scaling = [_center_and_scale(method, found[name]) for name, _ in pairs]
        model = ScalerModel()
        self._hand_over(model, pairs)
        model._given(
            method=method,
            centers=[center for center, _ in scaling],
            scales=[scale if scale > 0 else 1.0 for _, scale in scaling],
        )
        return model


def _center_and_scale(method: str, found: Statistics) -> tuple[float, float]:
    if method == "standard":
        return found.mean, 0.0 if _only_rounding(found) else found.std
    if method == "robust":
        return found.quantile(0.5), found.quantile(0.75) - found.quantile(0.25)
    low, high = found.quantile(0), found.quantile(1)
    return (low, high - low) if method == "minmax" else (0.0, max(abs(low), abs(high)))


def _only_rounding(found: Statistics) -> bool:
    """Tell whether the spread is what rounding makes of a constant column, by scikit-learn's bound."""
    variance, epsilon = found.std**2, float(np.finfo(float).eps)
    return variance <= found.count * epsilon * variance + (found.count * found.mean * epsilon) ** 2
