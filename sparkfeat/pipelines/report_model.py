"""The report of a trained model: what was done, and what it is worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sparkfeat.models.evaluation import LearningCurve, Part, Story, report
from sparkfeat.models.training import TrainedModel
from sparkfeat.pipelines.judge_model import Judgement
from sparkfeat.pipelines.train_config import TrainConfig
from sparkfeat.storage.records import ModelCard


def write_report(
    config: TrainConfig,
    model: TrainedModel,
    judgement: Judgement,
    card: ModelCard,
    packages: Mapping[str, str],
    folder: Path,
) -> None:
    """Write the page and its pictures into a new folder; nothing where there were no labels to judge by."""
    if judgement.evaluation is None:
        return
    story = Story(
        title=config.name,
        facts=dict(_facts(model, card, packages)),
        parts=[Part(part.name, part.rows, part.first, part.last) for part in model.parts],
        split=model.split_method,
        warnings=warnings(model, judgement),
        importances=judgement.importances,
        permutations=judgement.permutations,
        learning_curve=_learning_curve(model),
    )
    report(judgement.evaluation, judgement.baselines, story, folder)


def warnings(model: TrainedModel, judgement: Judgement) -> list[str]:
    """Return what may be wrong with a model: what training told, and features that may know the future."""
    leaks = [f"{name} may know the future: {why}" for name, why in judgement.suspicious.items()]
    return [*model.told, *leaks]


def _facts(model: TrainedModel, card: ModelCard, packages: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "algorithm", model.algorithm
    yield "parameters", ", ".join(f"{name} = {value}" for name, value in model.params.items()) or "defaults"
    yield "label", str(model.roles.label)
    if model.positive is not None:
        yield "positive class", repr(model.positive)
    yield "features", f"{len(card.features):,} computed, {len(card.passed):,} passed through"
    yield "candidates compared", f"{len({score.candidate for score in model.scores}):,} by {model.metric}"
    if model.threshold is not None:
        yield "threshold", f"{model.threshold.value:.4g}, chosen by {model.threshold.method}"
    yield "calibration", model.calibration
    yield "matrix", f"{card.matrix.path}, run {card.matrix.run_id}"
    yield "hash of the definitions", card.feature_hash
    yield "versions", ", ".join(f"{name} {version}" for name, version in packages.items())


def _learning_curve(model: TrainedModel) -> LearningCurve | None:
    points = model.learning_curve
    if not points:
        return None
    return LearningCurve(
        model.metric,
        [point.share for point in points],
        [point.train for point in points],
        [point.validation for point in points],
    )
