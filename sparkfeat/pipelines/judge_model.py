"""What a trained model is worth: metrics, importances, and baselines beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, cast

from sparkfeat.definitions import Definitions
from sparkfeat.errors import DataError
from sparkfeat.models.evaluation import (
    Baseline,
    Evaluation,
    EvaluationConfig,
    Importance,
    baselines,
    evaluate,
    model_importances,
    permutation_importances,
)
from sparkfeat.models.evaluation.baselines import Predictor
from sparkfeat.models.names import quoted
from sparkfeat.models.roles import Roles
from sparkfeat.models.selection import find_suspicious
from sparkfeat.models.splits import Split
from sparkfeat.models.training import TrainedModel, TrainingConfig, train
from sparkfeat.models.training.config import ModelConfig
from sparkfeat.pipelines.definitions import say
from sparkfeat.pipelines.pilot import origins_of
from sparkfeat.pipelines.progress import Stages

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

JUDGED = ("binary", "multiclass", "regression")
"""Problems whose predictions are compared with labels."""
MOST_SHUFFLED = 40
"""Features shuffled for their importance: those the model itself holds most important."""
LEAK_ROWS = 20_000
"""Training rows that leaks are looked for on: a leak is seen on few."""
_PART = "__part"

JudgedProblem = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True)
class Judgement:
    """What was found; `evaluation` is None where there are no labels to compare with (clusters, items).

    `suspicious` are features that may know the future, each with the reason.
    """

    evaluation: Evaluation | None
    baselines: tuple[Baseline, ...] = ()
    importances: tuple[Importance, ...] = ()
    permutations: tuple[Importance, ...] = ()
    suspicious: Mapping[str, str] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics as numbers."""
        return {} if self.evaluation is None else self.evaluation.values()


def check_test_rows(parts: Split, training: TrainingConfig) -> None:
    """Refuse a split without rows to judge by, before anything is learned.

    Raises:
        DataError: there are no test rows, and the problem is judged by labels.
    """
    if training.problem in ("auto", *JUDGED) and parts.test.isEmpty():
        raise DataError(
            "There are no test rows to judge the model by",
            where="training.split",
            hint="Raise split.test, or set an earlier split.test_from",
        )


def judged(
    model: TrainedModel,
    parts: Split,
    raw: Roles,
    training: TrainingConfig,
    config: EvaluationConfig,
    definitions: Definitions,
    stages: Stages,
) -> Judgement:
    """Judge a model on the test rows of its split.

    Args:
        model: what was trained on the split.
        parts: the split; the test rows judge.
        raw: the columns of the target table, for the baseline without synthesis. One that the model does not
            read and that may know the future is left out there: it would beat the model by what it leaks.
        training: how it was trained; baselines are trained the same way.
        config: intervals, slices, shuffles, and whether there are baselines.
        definitions: of the features, to say what they are.
        stages: where the stages are shown.
    """
    if model.problem not in JUDGED:
        return Judgement(None)
    with stages.stage("evaluate"):
        evaluation = evaluated(model, parts.test, config)
    words = {name: say(feature) for feature in definitions.features for name in feature.names}
    with stages.stage("importances"):
        own = model_importances(model.models, model.slots, model.predict(parts.train), words)
        shuffled = _shuffled(model, parts.test, own, words, config)
    with stages.stage("look for leaks"):
        looked_at = model.roles.beside(raw) if config.baselines else model.roles
        found = _suspicious(model, looked_at, parts.train, definitions)
    suspicious = {name: why for name, why in found.items() if name in model.roles.features}
    for name, why in suspicious.items():
        stages.progress.tell(f"{name} may know the future: {why}")
    if not config.baselines:
        return Judgement(evaluation, (), own, shuffled, suspicious)
    with stages.stage("baselines"):
        honest = raw.only(set(raw.features) - (set(found) - set(suspicious)))
        beaten = _baselines(model, parts, training, config, honest)
    for one in beaten:
        if one.why_not:
            stages.progress.tell(f"There is no baseline {one.name}: {one.why_not}")
    return Judgement(evaluation, beaten, own, shuffled, suspicious)


def evaluated(model: TrainedModel, rows: DataFrame, config: EvaluationConfig) -> Evaluation:
    """Return how good a model is on rows with labels."""
    return evaluate(
        model.predict(rows),
        cast(JudgedProblem, model.problem),
        label=str(model.roles.label),
        classes=list(model.classes) or None,
        positive=model.positive,
        threshold=_threshold(model),
        key=row_key(model.roles),
        config=config,
    )


def row_key(roles: Roles) -> list[str]:
    """Return the columns that tell rows apart; none where the table does not say whose they are."""
    return [name for name in (roles.instance_id, roles.cutoff_time) if name is not None]


def _suspicious(
    model: TrainedModel, roles: Roles, rows: DataFrame, definitions: Definitions
) -> dict[str, str]:
    """Return the features that tell the label nearly alone, or are made of a column that does."""
    from pyspark.sql import functions as fn

    key = row_key(model.roles) or list(model.roles.features)
    few = rows.orderBy(fn.xxhash64(*(quoted(name) for name in key))).limit(LEAK_ROWS)
    return find_suspicious(
        few,
        roles,
        regression=model.problem == "regression",
        classes=list(model.classes) or None,
        origins=origins_of(definitions.features),
    )


def _shuffled(
    model: TrainedModel,
    rows: DataFrame,
    own: tuple[Importance, ...],
    words: Mapping[str, str],
    config: EvaluationConfig,
) -> tuple[Importance, ...]:
    names = [one.name for one in own if one.value > 0] or list(model.roles.features)
    known = [name for name in names if name in rows.columns]
    return permutation_importances(
        model.predict,
        rows,
        known[:MOST_SHUFFLED],
        cast(JudgedProblem, model.problem),
        label=str(model.roles.label),
        key=row_key(model.roles) or list(model.roles.features),
        classes=list(model.classes),
        positive=model.positive,
        words=words,
        config=config,
    )


def _baselines(
    model: TrainedModel,
    parts: Split,
    training: TrainingConfig,
    config: EvaluationConfig,
    raw: Roles,
) -> tuple[Baseline, ...]:
    from pyspark.sql import functions as fn

    same = training.model_copy(
        update={
            "models": [ModelConfig(algorithm=model.algorithm, params=dict(model.params))],
            "learning_curve": [],
            "problem": model.problem,
            "positive": model.positive,
            "classes": list(model.classes) or None,
        }
    )

    def learned(rows: DataFrame, roles: Roles) -> Predictor:
        train_rows, validation = (
            rows.where(fn.col(_PART) == name).drop(_PART) for name in ("train", "validation")
        )
        split = replace(parts, train=train_rows, validation=validation)
        return train(rows.drop(_PART), roles, same, split=split)

    both = parts.train.withColumn(_PART, fn.lit("train"))
    both = both.unionByName(parts.validation.withColumn(_PART, fn.lit("validation")))
    return baselines(
        both,
        parts.test,
        model.roles,
        cast(JudgedProblem, model.problem),
        learned,
        raw=raw,
        classes=list(model.classes),
        positive=model.positive,
        threshold=lambda found: _threshold(cast(TrainedModel, found)),
        config=config,
    )


def _threshold(model: TrainedModel) -> float:
    return model.threshold.value if model.threshold is not None else 0.5
