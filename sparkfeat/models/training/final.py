"""From fitted models to one pipeline: calibration and threshold on validation rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkfeat.models.calibration import Scores, calibrate, find_method
from sparkfeat.models.learning import ITEM, LABEL, USER, Learned
from sparkfeat.models.scores import count_scores
from sparkfeat.models.threshold import ChosenThreshold, choose_threshold
from sparkfeat.models.training.labels import Labels
from sparkfeat.models.training.prepared import Prepared

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame

    from sparkfeat.models.training.config import TrainingConfig

FEW = 20
"""Fewer positive validation rows than this make a threshold, and a calibration, a guess."""


@dataclass(frozen=True)
class Decided:
    """The stages after MLlib's models, and what was chosen."""

    stages: tuple[Transformer, ...]
    threshold: ChosenThreshold | None = None
    calibration: str = "none"


def applied(stages: Sequence[Transformer], rows: DataFrame) -> DataFrame:
    """Return rows after all stages."""
    for stage in stages:
        rows = stage.transform(rows)
    return rows


def decide(learned: Learned, prepared: Prepared, labels: Labels, config: TrainingConfig) -> Decided:
    """Calibrate and choose the threshold on the validation rows.

    Raises:
        DataError: the model gives no finite scores.
    """
    if learned.scores is None:
        return Decided(_number_stages(prepared, labels))
    scored = applied(learned.stages, prepared.validation)
    method = find_method(config.calibration.method, probabilities=learned.scores.are_probabilities)
    stages, scores = calibrate(scored, LABEL, learned.scores, method)
    threshold = None
    if labels.problem == "binary":
        threshold = _threshold(applied(stages, scored), scores, config)
    return Decided((*stages, _class_decision(scores, labels, threshold)), threshold, method)


def decide_roughly(learned: Learned, labels: Labels) -> tuple[Transformer, ...]:
    """Return stages to compare candidates by: threshold one half, scores on a standard logistic curve."""
    from sparkfeat.models.stages import SigmoidCalibration

    scores = learned.scores
    if scores is None:
        return ()
    if scores.are_probabilities:
        return (_class_decision(scores, labels, None),)
    outputs = [f"__rough_{number}" for number in range(len(scores.sources))]
    curves = [(1.0, 0.0)] * len(outputs)
    rough = SigmoidCalibration(scores.sources, outputs, curves, of_probabilities=False)
    sources = tuple((name, -1) for name in outputs)
    found = Scores(sources, are_probabilities=True, temporary=(*scores.temporary, *outputs))
    return rough, _class_decision(found, labels, None)


def _number_stages(prepared: Prepared, labels: Labels) -> tuple[Transformer, ...]:
    from pyspark.sql import functions

    from sparkfeat.models.stages import FilledPrediction

    if labels.problem != "recommendation":
        return ()
    mean = prepared.train.agg(functions.avg(LABEL)).collect()[0][0]
    return (FilledPrediction(mean, drop=(USER, ITEM)),)


def _threshold(rows: DataFrame, scores: Scores, config: TrainingConfig) -> ChosenThreshold:
    from sparkfeat.models.stages import read

    return choose_threshold(count_scores(rows, read(scores.sources[0]), rows[LABEL] == 1.0), config.threshold)


def _class_decision(scores: Scores, labels: Labels, threshold: ChosenThreshold | None) -> Transformer:
    from sparkfeat.models.stages import ClassDecision

    value = 0.5 if threshold is None else threshold.value
    return ClassDecision(scores.sources, labels.classes, labels.label_type, value, scores.temporary)
