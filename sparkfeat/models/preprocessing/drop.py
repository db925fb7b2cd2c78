"""Columns and rows with too many missing values."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from pyspark.ml import Estimator, Model, Pipeline, PipelineModel, Transformer
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name
from pyspark.sql.types import BooleanType, NumericType

from sparkfeat.errors import ConfigError, DataError
from sparkfeat.models.names import quoted, spark_name
from sparkfeat.models.preprocessing.base import Step, number, number_sql, texts, type_of
from sparkfeat.models.preprocessing.slots import Layout
from sparkfeat.models.preprocessing.statistics import statistics

logger = logging.getLogger("sparkfeat")


def missing(df: DataFrame, name: str, step: str) -> Column:
    """Tell whether a value is null, NaN or infinite."""
    return F.expr(missing_sql(df, name, step))


def missing_sql(df: DataFrame, name: str, step: str) -> str:
    """Return `missing` as SQL."""
    is_number = isinstance(type_of(df, name), NumericType | BooleanType)
    return f"{number_sql(df, name, step) if is_number else spark_name(name)} is null"


class ColumnDropperModel(Step, Model):
    """Leaves the columns out that it found."""

    dropped = texts("dropped", "the columns that are left out")

    def _transform(self, dataset: DataFrame) -> DataFrame:
        gone = set(self.getOrDefault(self.dropped))
        return dataset.select(*[quoted(name) for name in dataset.columns if name not in gone])

    def slots(self, layout: Layout) -> Layout:
        """Return the slots of the columns that are left."""
        gone = set(self.getOrDefault(self.dropped))
        return {name: slots for name, slots in layout.items() if name not in gone}


class ColumnDropper(Step, Estimator[ColumnDropperModel]):
    """Leaves columns out in which a larger share of the training rows is missing.

    Args:
        inputCols: columns of any type; null, NaN and infinite values are missing.
        maxNullShare: the largest share that is kept, from 0 to 1. Default: 0.95. All-null columns always go.

    Raises:
        DataError: no column would be left.
    """

    maxNullShare = number("maxNullShare", "the largest share of missing values that is kept")

    def __init__(self, *, inputCols: list[str] | None = None, maxNullShare: float | None = None) -> None:
        super().__init__()
        self._setDefault(maxNullShare=0.95)
        self._given(inputCols=inputCols, maxNullShare=maxNullShare)

    def _fit(self, dataset: DataFrame) -> ColumnDropperModel:
        limit = _share(self.getOrDefault(self.maxNullShare), "ColumnDropper")
        names = [name for name, _ in self._pairs(dataset)]
        marks = {name: F.when(~missing(dataset, name, "ColumnDropper"), F.lit(0.0)) for name in names}
        found = statistics(dataset, marks, ordered=False)
        gone = [name for name in names if not found[name].count or found[name].null_share > limit]
        if len(gone) == len(names):
            raise DataError(
                f"All {len(names)} columns have more than {limit:.0%} missing values", where="ColumnDropper"
            )
        if gone:
            logger.info(
                "%d columns with more than %.0f%% missing values are left out", len(gone), limit * 100
            )
        model = ColumnDropperModel()
        model._given(inputCols=names, dropped=gone)
        return model


class RowDropper(Step, Transformer):
    """Marks a pipeline as fitted on rows with few missing values; it changes no table by itself.

    Rows are dropped by `training_rows`, before anything is fitted. Rows to be scored are never dropped.

    Args:
        inputCols: columns of any type; null, NaN and infinite values are missing.
        maxNullShare: the largest share of these columns that may be missing, from 0 to 1. Default: 0.5.
    """

    maxNullShare = number("maxNullShare", "the largest share of columns that may be missing")

    def __init__(self, *, inputCols: list[str] | None = None, maxNullShare: float | None = None) -> None:
        super().__init__()
        self._setDefault(maxNullShare=0.5)
        self._given(inputCols=inputCols, maxNullShare=maxNullShare)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        return dataset

    def kept(self, df: DataFrame) -> DataFrame:
        """Return the rows that have enough values."""
        limit = _share(self.getOrDefault(self.maxNullShare), "RowDropper")
        names = [name for name, _ in self._pairs(df)]
        # A list, not a sum: a sum of some hundred terms is too deep for Spark's analysis.
        marks = F.array(*[missing(df, name, "RowDropper") for name in names])
        return df.where(F.size(F.filter(marks, lambda mark: mark)) <= int(limit * len(names) + 1e-9))

    def slots(self, layout: Layout) -> Layout:
        """Return the slots as they are."""
        return layout


def training_rows(df: DataFrame, pipeline: Pipeline | PipelineModel) -> DataFrame:
    """Return the rows that a pipeline, and the model after it, are to be fitted on.

    Args:
        df: training rows, with the table's columns.
        pipeline: from `build_preprocessing`; without a step that drops rows all are kept.
    """
    stages: Iterable[object] = (
        pipeline.stages if isinstance(pipeline, PipelineModel) else pipeline.getStages()
    )
    for stage in stages:
        if isinstance(stage, Pipeline | PipelineModel):
            df = training_rows(df, stage)
        elif isinstance(stage, RowDropper):
            df = stage.kept(df)
    return df


def _share(given: float, step: str) -> float:
    if not 0 <= given <= 1:
        raise ConfigError(f"maxNullShare is {given:g}", where=step, hint="Use a share from 0 to 1")
    return given
