"""Clipping of outliers."""

from __future__ import annotations

from pyspark.ml import Estimator, Model
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from sparkfeat.errors import ConfigError
from sparkfeat.models.preprocessing.base import Step, number, numbers, text
from sparkfeat.models.preprocessing.statistics import Statistics, statistics

METHODS = ("quantile", "iqr", "zscore")


class OutlierClipperModel(Step, Model):
    """Moves values outside the bounds to them; missing values stay missing."""

    lowers = numbers("lowers", "the lower bound of each column")
    uppers = numbers("uppers", "the upper bound of each column")

    def _transform(self, dataset: DataFrame) -> DataFrame:
        lowers, uppers = self.getOrDefault(self.lowers), self.getOrDefault(self.uppers)
        made = {}
        for (name, output), lower, upper in zip(self._pairs(dataset), lowers, uppers, strict=True):
            value = self._number(dataset, name)
            # Not `least` and `greatest`: they pass over nulls.
            made[output] = F.when(value < lower, lower).when(value > upper, upper).otherwise(value)
        return dataset.withColumns(made)

    def _told(self, number: int) -> str:
        lower, upper = self.getOrDefault(self.lowers)[number], self.getOrDefault(self.uppers)[number]
        return f"clipped to {lower:g} to {upper:g}"


class OutlierClipper(Step, Estimator[OutlierClipperModel]):
    """Moves outliers to the nearest value that is none.

    Args:
        inputCols: columns of numbers.
        outputCols: names of the clipped columns; by default they replace the columns.
        method: `quantile` (the default): outside two quantiles; `iqr`: further than `factor` interquartile
            ranges from the quartiles; `zscore`: further than `factor` standard deviations from the mean.
        lower: the lower quantile. Default: 0.01.
        upper: the upper quantile. Default: 0.99.
        factor: default 1.5 for `iqr`, 3 for `zscore`.
        skipDropped: pass over columns that an earlier step dropped.
    """

    method = text("method", "quantile, iqr or zscore")
    lower = number("lower", "the lower quantile")
    upper = number("upper", "the upper quantile")
    factor = number("factor", "how many interquartile ranges or standard deviations")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCols: list[str] | None = None,
        method: str | None = None,
        lower: float | None = None,
        upper: float | None = None,
        factor: float | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(method="quantile", lower=0.01, upper=0.99)
        self._given(inputCols=inputCols, outputCols=outputCols, method=method, skipDropped=skipDropped)
        self._given(lower=lower, upper=upper, factor=factor)

    def _fit(self, dataset: DataFrame) -> OutlierClipperModel:
        self._check()
        pairs = self._pairs(dataset)
        columns = {name: self._number(dataset, name) for name, _ in pairs}
        found = statistics(dataset, columns, ordered=self.getOrDefault(self.method) != "zscore")
        bounds = [self._bounds(found[name]) for name, _ in pairs]
        model = OutlierClipperModel()
        self._hand_over(model, pairs)
        model._given(lowers=[lower for lower, _ in bounds], uppers=[upper for _, upper in bounds])
        return model

    def _check(self) -> None:
        method = self.getOrDefault(self.method)
        if method not in METHODS:
            raise ConfigError(
                f"No method '{method}'", where="OutlierClipper", hint=f"Use {', '.join(METHODS)}"
            )
        lower, upper = self.getOrDefault(self.lower), self.getOrDefault(self.upper)
        if not 0 <= lower < upper <= 1:
            what = f"Quantiles {lower:g} and {upper:g} are no range within 0 to 1"
            raise ConfigError(what, where="OutlierClipper")

    def _bounds(self, found: Statistics) -> tuple[float, float]:
        method = self.getOrDefault(self.method)
        if method == "quantile":
            return found.quantile(self.getOrDefault(self.lower)), found.quantile(
                self.getOrDefault(self.upper)
            )
        if method == "iqr":
            low, high = found.quantile(0.25), found.quantile(0.75)
            reach = (high - low) * self._factor(1.5)
            return low - reach, high + reach
        reach = found.std * self._factor(3.0)
        return found.mean - reach, found.mean + reach

    def _factor(self, usual: float) -> float:
        return self.getOrDefault(self.factor) if self.isSet(self.factor) else usual
