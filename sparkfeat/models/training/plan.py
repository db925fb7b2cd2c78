"""Everything about a training that is known before a row is learned from, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkfeat.errors import ConfigError
from sparkfeat.models.algorithms import DEFAULTS, check_model, check_names, find_algorithm
from sparkfeat.models.learning import PREDICTION, PROBABILITY
from sparkfeat.models.metrics import find_metric
from sparkfeat.models.roles import FEATURES, Roles
from sparkfeat.models.search import Candidate, find_candidates
from sparkfeat.models.settings import Metric, ModelConfig
from sparkfeat.models.training.checks import check_columns, check_label_times, named_like_the_label
from sparkfeat.models.training.config import TrainingConfig
from sparkfeat.models.training.labels import CLASSIFICATION, Labels, find_labels

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

FOLDS = 3
"""Folds of the training rows where there is something to choose from and the configuration says nothing."""
WRITTEN = (FEATURES, PREDICTION, PROBABILITY, "score", "predicted_label", "rawPrediction")
"""Columns that a model writes: none of the table's may have these names."""


@dataclass(frozen=True)
class Plan:
    """A training that can begin.

    Args:
        candidates: algorithms with their parameters, at least one.
        folds: folds to compare them on; 0: on the validation rows.
        told: warnings.
    """

    config: TrainingConfig
    roles: Roles
    labels: Labels
    candidates: tuple[Candidate, ...]
    metric: Metric
    folds: int
    told: tuple[str, ...]

    @property
    def compares(self) -> bool:
        """Whether there is anything to measure before the final fit."""
        return len(self.candidates) > 1 or self.folds > 0


def make_plan(table: DataFrame, roles: Roles, config: TrainingConfig) -> Plan:
    """Check columns, labels and settings; reads the label, and the times of labels where there are any.

    Raises:
        UserInputError: something cannot be trained with.
    """
    check_columns(table, roles, config)
    _check_not_written(table)
    labels = find_labels(table, roles.label, config)
    models = config.models or [ModelConfig(algorithm=DEFAULTS[labels.problem])]
    for model in models:
        check_model(model, labels.problem)
    _check_settings(models, labels, config)
    check_label_times(table, roles, config.split)
    candidates = find_candidates(models, config.search, config.seed)
    given = config.split.folds
    folds = given if given is not None else FOLDS if len(candidates) > 1 else 0
    metric = find_metric(config.search.metric, labels.problem)
    told = labels.told + named_like_the_label(roles) + _skewed(config)
    return Plan(config, roles, labels, candidates, metric, folds, told)


def check_models(config: TrainingConfig) -> None:
    """Check the names of algorithms and parameters; takes no rows and no running Spark.

    Raises:
        ConfigError: unknown ones, or such as do not fit the problem where the configuration names it.
    """
    for model in config.models:
        check_names(model, None if config.problem == "auto" else config.problem)


def _check_not_written(table: DataFrame) -> None:
    taken = [name for name in WRITTEN if name in table.columns]
    if taken:
        hint = "Rename the column"
        raise ConfigError(
            f"'{taken[0]}' is a column that models write", where="the training table", hint=hint
        )


def _check_settings(models: Sequence[ModelConfig], labels: Labels, config: TrainingConfig) -> None:
    """Raise ConfigError for settings that mean nothing for the problem."""
    given = config.model_fields_set
    if labels.problem != "binary" and "threshold" in given:
        hint = "Leave it out"
        raise ConfigError(
            "A threshold is for two classes", where="threshold", why=f"It is {labels.problem}", hint=hint
        )
    _check_imbalance(models, labels, config)
    method = config.calibration.method
    if labels.problem not in CLASSIFICATION and method not in {"auto", "none"}:
        raise ConfigError(
            "Only classes have probabilities to calibrate", where="calibration", hint="Leave it out"
        )
    for model in models:
        if (
            method == "none"
            and labels.problem in CLASSIFICATION
            and not find_algorithm(model.algorithm).probabilities
        ):
            raise ConfigError(
                f"{model.algorithm} gives no probabilities",
                where="calibration.method: none",
                hint="Choose sigmoid or isotonic, or leave it out",
            )


def _check_imbalance(models: Sequence[ModelConfig], labels: Labels, config: TrainingConfig) -> None:
    method = config.imbalance.method
    if method == "none":
        return
    if labels.problem not in CLASSIFICATION:
        raise ConfigError(
            "Only classes can be rare", where="imbalance", why=f"It is {labels.problem}", hint="Leave it out"
        )
    for model in models:
        if method == "class_weight" and not find_algorithm(model.algorithm).weights:
            hint = "Choose random_over, random_under or smote"
            raise ConfigError(
                f"{model.algorithm} takes no weights", where="imbalance.method: class_weight", hint=hint
            )


def _skewed(config: TrainingConfig) -> tuple[str, ...]:
    """Return a warning where probabilities are those of other shares of classes than the real ones."""
    if config.imbalance.method == "none" or config.calibration.method in {"sigmoid", "isotonic"}:
        return ()
    return (
        "Rare classes count for more, so that probabilities are too high for them: set calibration.method",
    )
