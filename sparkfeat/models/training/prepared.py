"""Rows as algorithms read them: preprocessing fitted on training rows only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sparkfeat.errors import ConfigError
from sparkfeat.models.learning import ITEM, LABEL, USER
from sparkfeat.models.preprocessing import (
    Slot,
    build_preprocessing,
    categorical_positions,
    feature_slots,
    training_rows,
)
from sparkfeat.models.roles import FEATURES, Roles
from sparkfeat.models.sampling import resample
from sparkfeat.models.search import Candidate
from sparkfeat.models.training.config import TrainingConfig
from sparkfeat.models.training.labels import Labels

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel, Transformer
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Prepared:
    """Training and validation rows of a split or a fold.

    Args:
        pipeline: the fitted preprocessing.
        train: rows to fit on, resampled or with weights.
        validation: rows to compare by, as they are.
        slots: what stands at each position of the vectors.
    """

    pipeline: PipelineModel
    train: DataFrame
    validation: DataFrame
    slots: tuple[Slot, ...]

    def check(self, candidates: Sequence[Candidate]) -> None:
        """Check that no feature is negative where an algorithm counts them.

        Raises:
            ConfigError: one is.
        """
        kinds = [one.params.get("modelType") for one in candidates if one.algorithm == "naive_bayes"]
        counting = [kind for kind in kinds if kind not in {None, "gaussian"}]
        if not counting:
            return
        from pyspark.ml.stat import Summarizer

        lowest = self.train.select(Summarizer.min(self.train[FEATURES])).collect()[0][0].toArray()
        if (lowest < 0).any():
            raise ConfigError(
                f"'{self.slots[int(lowest.argmin())].name}' is negative",
                where=f"naive_bayes, modelType: {counting[0]}",
                why="It counts, so that features must not be below 0",
                hint="Take modelType: gaussian, or scale by minmax in preprocessing",
            )


@dataclass(frozen=True)
class Preparation:
    """What has to be done to the rows of every fold."""

    roles: Roles
    labels: Labels
    config: TrainingConfig

    @contextmanager
    def of(self, train: DataFrame, validation: DataFrame) -> Iterator[Prepared]:
        """Prepare rows; they are kept in memory, or on disk, until the block ends."""
        pipeline = self._fitted(train)
        slots = () if self.labels.problem == "recommendation" else feature_slots(pipeline)
        kept = [
            self.learned_from(train, pipeline, slots).persist(),
            self.slim(pipeline.transform(validation)).persist(),
        ]
        try:
            yield Prepared(pipeline, kept[0], kept[1], slots)
        finally:
            for part in kept:
                part.unpersist()

    def _fitted(self, train: DataFrame) -> PipelineModel:
        if self.labels.problem == "recommendation":
            return _users_and_items(train, self.roles, self.config)
        # Steps that learn from the label read its number, whatever the type of the column.
        roles = replace(self.roles, label=LABEL if self.labels.name else None)
        pipeline = build_preprocessing(self.config.preprocessing, roles)
        return pipeline.fit(training_rows(train, pipeline))

    def learned_from(self, train: DataFrame, pipeline: PipelineModel, slots: tuple[Slot, ...]) -> DataFrame:
        """Return training rows as vectors, without dropped rows, and with rare classes counting for more."""
        rows = self.slim(pipeline.transform(training_rows(train, pipeline)))
        imbalance = self.config.imbalance
        if imbalance.method == "none":
            return rows
        return resample(rows, imbalance, LABEL, self.config.seed, categorical=categorical_positions(slots))

    def slim(self, rows: DataFrame) -> DataFrame:
        """Return the columns that algorithms read."""
        names = (USER, ITEM) if self.labels.problem == "recommendation" else (FEATURES,)
        return rows.select(*names, *((LABEL,) if self.labels.name else ()))


def _users_and_items(train: DataFrame, roles: Roles, config: TrainingConfig) -> PipelineModel:
    """Give users and items numbers; all that only later rows have share one."""
    from pyspark.ml import Pipeline
    from pyspark.ml.feature import StringIndexer

    stages = [
        StringIndexer(inputCol=name, outputCol=output, handleInvalid="keep", stringOrderType="alphabetAsc")
        for name, output in ((str(config.user or roles.instance_id), USER), (str(config.item), ITEM))
    ]
    return Pipeline(stages=list(stages)).fit(train)


def flat(stages: PipelineModel) -> list[Transformer]:
    """Return the stages of a pipeline, those of pipelines inside it too."""
    from pyspark.ml import PipelineModel

    found: list[Transformer] = []
    for stage in stages.stages:
        found += flat(stage) if isinstance(stage, PipelineModel) else [stage]
    return found
