"""Indicators of missing values."""

from __future__ import annotations

from pyspark.ml import Estimator, Model
from pyspark.ml.param.shared import HasOutputCol
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from sparkfeat.errors import ConfigError
from sparkfeat.models.preprocessing.base import Step, text
from sparkfeat.models.preprocessing.drop import missing, missing_sql
from sparkfeat.models.preprocessing.impute import indicator_slots, indicators
from sparkfeat.models.preprocessing.slots import Layout
from sparkfeat.models.preprocessing.statistics import statistics


class MissingIndicatorModel(Step, HasOutputCol, Model):
    """Writes an array of 1 where a column is missing, else 0."""

    def _transform(self, dataset: DataFrame) -> DataFrame:
        marks = indicators(
            [missing_sql(dataset, name, "MissingIndicator") for name, _ in self._pairs(dataset)]
        )
        return dataset.withColumn(self.getOutputCol(), marks)

    def slots(self, layout: Layout) -> Layout:
        """Return the slots with those of the indicators."""
        return {**layout, self.getOutputCol(): indicator_slots(layout, self.getInputCols())}


class MissingIndicator(Step, HasOutputCol, Estimator[MissingIndicatorModel]):
    """Writes an array of 1 where a column is missing, else 0.

    Args:
        inputCols: columns of any type; null, NaN and infinite values are missing.
        outputCol: the name of the array. Default: `missing`.
        features: `missing-only` (the default), for columns that have missing values while fitting, or `all`.
        skipDropped: pass over columns that an earlier step dropped.
    """

    features = text("features", "missing-only or all")

    def __init__(
        self,
        *,
        inputCols: list[str] | None = None,
        outputCol: str | None = None,
        features: str | None = None,
        skipDropped: bool | None = None,
    ) -> None:
        super().__init__()
        self._setDefault(outputCol="missing", features="missing-only")
        self._given(inputCols=inputCols, outputCol=outputCol, features=features, skipDropped=skipDropped)

    def _fit(self, dataset: DataFrame) -> MissingIndicatorModel:
        which = self.getOrDefault(self.features)
        if which not in {"missing-only", "all"}:
            what = f"No features '{which}'"
            raise ConfigError(what, where="MissingIndicator", hint="Use missing-only or all")
        names = [name for name, _ in self._pairs(dataset)]
        marks = {name: F.when(~missing(dataset, name, "MissingIndicator"), F.lit(0.0)) for name in names}
        found = statistics(dataset, marks, ordered=False) if which == "missing-only" else {}
        model = MissingIndicatorModel()
        model._given(inputCols=[name for name in names if which == "all" or found[name].missing])
        model._given(outputCol=self.getOutputCol())
        return model
