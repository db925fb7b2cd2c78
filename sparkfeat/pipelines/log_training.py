"""A training as a run of MLflow, its model registered and promoted where it is better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pydantic import JsonValue

from sparkfeat.entityset.sources import spark_name
from sparkfeat.errors import SparkfeatError
from sparkfeat.models.splits import Split
from sparkfeat.models.training import TrainedModel
from sparkfeat.pipelines.compare_models import compared
from sparkfeat.pipelines.judge_model import Judgement
from sparkfeat.pipelines.open_model import FOLDER, opened_version
from sparkfeat.pipelines.progress import Progress
from sparkfeat.pipelines.train_config import TrainConfig
from sparkfeat.storage.records import ModelCard, TrackedRun
from sparkfeat.tracking import (
    Column,
    DatasetRecord,
    Logged,
    ModelRecord,
    Place,
    Registered,
    RunRecord,
    StepMetric,
    add_version,
    find_version,
    log_run,
    promote,
    tag_version,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

EXAMPLE_ROWS = 5
NEEDED = ("sparkfeat", "pyspark", "mlflow", "numpy", "pandas")
"""What a logged model needs to be loaded."""


@dataclass(frozen=True)
class Training:
    """A training that has come to its end, and where its files are on this machine."""

    run_id: str
    model: TrainedModel
    judgement: Judgement
    parts: Split
    table: DataFrame
    card: ModelCard
    folder: Path
    report: Path
    packages: Mapping[str, str]
    seconds: Mapping[str, float]


def logged(training: Training, config: TrainConfig, place: Place, progress: Progress) -> TrackedRun:
    """Log a training, register its model and compare it with the champion; what fails is told.

    Args:
        training: what is logged.
        config: of the job.
        place: the server.
        progress: where the outcome of the comparison is told.
    """
    found = log_run(run_record(training, config), place, config.tracking)
    tracked = TrackedRun(
        uri=found.uri,
        run_id=found.run_id,
        experiment_id=found.experiment_id,
        model_uri=found.model_uri,
        registered=None,
        champion=False,
        problem=found.problem,
    )
    if config.tracking.registered_model is None or found.problem:
        return tracked
    try:
        return _registered(tracked, found, training, config, place, progress)
    except SparkfeatError as error:
        return tracked.model_copy(update={"problem": str(error)})


def _registered(
    tracked: TrackedRun,
    found: Logged,
    training: Training,
    config: TrainConfig,
    place: Place,
    progress: Progress,
) -> TrackedRun:
    """Register the model, and make it the champion if it is to be."""
    name = str(config.tracking.registered_model)
    tags = {"feature_hash": training.card.feature_hash, "sparkfeat_run": training.run_id}
    version = add_version(name, found, tags, place, config.tracking)
    wins, why = _against_champion(name, training, config, place)
    if wins:
        promote(version, place, config.tracking)
    tag_version(version, {"comparison": why}, place, config.tracking)
    became = "the champion" if wins else "the challenger"
    progress.tell(f"version {version.version} of {name} is {became}: {why}")
    return tracked.model_copy(update={"registered": f"{name}/{version.version}", "champion": wins})


def _against_champion(name: str, training: Training, config: TrainConfig, place: Place) -> tuple[bool, str]:
    """Compare the model with the champion, and again where another job has promoted its own meanwhile."""
    champion = find_version(name, "champion", place, config.tracking)
    while True:
        verdict = _verdict(training, config, place, champion)
        now = find_version(name, "champion", place, config.tracking)
        if now == champion:
            return verdict
        champion = now


def _verdict(
    training: Training, config: TrainConfig, place: Place, champion: Registered | None
) -> tuple[bool, str]:
    """Return whether the model becomes the champion, and why."""
    rule = config.tracking.promote
    if rule == "never":
        return False, "promote: never"
    if champion is None:
        return True, "there was no champion before"
    try:
        with opened_version(champion, config.tracking, place) as old:
            found = compared(training.model, old.load(), training.parts.test, config.evaluation)
    except SparkfeatError as error:
        return rule == "always", f"not compared with version {champion.version}: {error}"
    if rule == "always":
        return True, f"promote: always; {found}"
    return found.better, str(found)


def run_record(training: Training, config: TrainConfig) -> RunRecord:
    """Return a training as what is logged of it."""
    model, card = training.model, training.card
    chosen: dict[str, JsonValue] = {"algorithm": model.algorithm}
    chosen |= {name: cast(JsonValue, value) for name, value in model.params.items()}
    return RunRecord(
        experiment=config.tracking.experiment or config.name,
        name=training.run_id,
        parameters={**config.parameters(), "chosen": chosen},
        metrics=dict(_metrics(training, config)),
        steps=tuple(_steps(model)),
        tags=_tags(training, config),
        files=_files(training),
        dataset=DatasetRecord(
            Path(card.matrix.path).name, card.matrix.path, card.matrix.digest, _columns(training.table)
        ),
        model=_model(training) if config.tracking.log_model else None,
    )


def _files(training: Training) -> dict[str, str]:
    """Return the folders that are logged; clusters have no report."""
    folders = {training.folder: FOLDER, training.report: "report"}
    return {str(path): name for path, name in folders.items() if path.is_dir()}


def _metrics(training: Training, config: TrainConfig) -> Iterator[tuple[str, float]]:
    """Yield the metrics with their intervals, those of the baselines, times and cost."""
    judgement = training.judgement
    if judgement.evaluation is not None:
        for name, metric in judgement.evaluation.metrics.items():
            yield name, metric.value
            if metric.low is not None and metric.high is not None:
                yield f"{name}_low", metric.low
                yield f"{name}_high", metric.high
    for baseline in judgement.baselines:
        yield from ((f"baseline_{baseline.name}_{name}", one.value) for name, one in baseline.metrics.items())
    if training.model.threshold is not None:
        yield "threshold", training.model.threshold.value
    yield from ((f"rows_{part.name}", float(part.rows)) for part in training.model.parts)
    yield "features", float(len(training.model.roles.features))
    yield from ((f"seconds_{stage}", seconds) for stage, seconds in training.seconds.items())
    total = sum(training.seconds.values())
    yield "seconds", total
    if config.tracking.price_per_hour is not None:
        yield "cost", config.tracking.price_per_hour * total / 3600


def _steps(model: TrainedModel) -> Iterator[StepMetric]:
    """Yield the metrics of folds, of iterations, and of sizes of the training."""
    for score in model.scores:
        yield StepMetric(f"candidate_{score.candidate}_{model.metric}", score.fold, score.metric)
    for step, value in enumerate(model.objective):
        yield StepMetric("objective", step, value)
    for point in model.learning_curve:
        yield StepMetric("learning_curve_train", point.rows, point.train)
        yield StepMetric("learning_curve_validation", point.rows, point.validation)


def _tags(training: Training, config: TrainConfig) -> dict[str, str]:
    card = training.card
    own = {
        "run": training.run_id,
        "problem": training.model.problem,
        "algorithm": training.model.algorithm,
        "feature_hash": card.feature_hash,
        "matrix": card.matrix.path,
        "matrix_run": card.matrix.run_id,
    }
    versions = {f"version.{name}": version for name, version in training.packages.items()}
    return {f"sparkfeat.{name}": value for name, value in (own | versions).items()} | config.tracking.tags


def _model(training: Training) -> ModelRecord:
    roles = training.model.roles
    names = [*roles.features, *([roles.cutoff_time] if roles.times and roles.cutoff_time else [])]
    inputs = training.table.select(*map(spark_name, names))
    packages = training.packages
    return ModelRecord(
        pipeline=training.model.pipeline,
        inputs=_columns(inputs),
        outputs=(Column("prediction", "double"),),
        example=inputs.limit(EXAMPLE_ROWS).toPandas(),
        requirements=tuple(f"{name}=={packages[name]}" for name in NEEDED if name in packages),
        metadata={"feature_hash": training.card.feature_hash, "sparkfeat_run": training.run_id},
    )


def _columns(table: DataFrame) -> tuple[Column, ...]:
    return tuple(Column(name, kind) for name, kind in table.dtypes)
