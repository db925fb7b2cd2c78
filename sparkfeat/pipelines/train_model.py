"""Train a model on a published matrix, judge it, log it to MLflow, and publish it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sparkfeat.definitions import Definitions, save_features
from sparkfeat.errors import SchemaError
from sparkfeat.models import saved
from sparkfeat.models.evaluation.report import PAGE
from sparkfeat.models.splits import split
from sparkfeat.models.training import TrainedModel, check_models, train
from sparkfeat.pipelines.attempt import check_spark_writes, finished_before, open_attempt
from sparkfeat.pipelines.feature_hash import feature_hash
from sparkfeat.pipelines.judge_model import check_test_rows, judged
from sparkfeat.pipelines.log_training import Training, logged
from sparkfeat.pipelines.open_model import CARD, DEFINITIONS, FACTS, FOLDER, MODEL
from sparkfeat.pipelines.progress import Progress, Silence, Stages
from sparkfeat.pipelines.record import versions
from sparkfeat.pipelines.report_model import warnings, write_report
from sparkfeat.pipelines.spark_session import running_spark
from sparkfeat.pipelines.train_config import TrainConfig
from sparkfeat.pipelines.training_table import PublishedMatrix, check_columns, open_matrix, training_table
from sparkfeat.storage.manifest import Document, SavedFile
from sparkfeat.storage.marks import mark_name
from sparkfeat.storage.records import ModelCard, ModelManifest, TrackedRun
from sparkfeat.storage.runs import RunOf
from sparkfeat.storage.store import open_store
from sparkfeat.tracking import Place, find_place, hidden, why_away

if TYPE_CHECKING:
    from featuretools.feature_base import FeatureBase
    from pyspark.sql import SparkSession

REPORT = "report"
MORE_PACKAGES = ("mlflow", "scikit-learn")


@dataclass(frozen=True)
class TrainResult:
    """A published model; `computed` is False where it was there before and nothing was done."""

    output: str
    manifest: ModelManifest
    computed: bool

    @property
    def report(self) -> str:
        """Full path of the report: one page of HTML."""
        return f"{self.output}/{self.manifest.report}"


def run(
    config: TrainConfig, *, spark: SparkSession | None = None, progress: Progress | None = None
) -> TrainResult:
    """Train, judge, log and publish a model; nothing is visible before it is complete.

    A run id that has finished is not repeated. Where MLflow cannot be reached the model is published all the
    same, and its record says so.

    Args:
        config: what to learn from, how, and where the model goes.
        spark: the session. Default: the active one, else a local one.
        progress: where the stages are shown. Default: nowhere.

    Raises:
        UserInputError: a matrix, label, split or parameters that do not fit.
        OutputExistsError: another model is there and may not be replaced.
        StorageError, EnvironmentProblem: it could not be read or written.
    """
    stages = Stages(progress or Silence())
    attempt = open_attempt(ModelManifest, config)
    if (before := finished_before(attempt, stages.progress)) is not None:
        return TrainResult(attempt.store.root, before, computed=False)
    with stages.stage("open the matrix"):
        matrix = open_matrix(config.data.matrix)
        check_columns(matrix, config)
    check_models(config.training)
    place = _place(config, attempt.store.root, stages.progress)
    with attempt.writing(), _session(spark, config, stages) as session:
        check_spark_writes(attempt, session)
        manifest = _train(attempt, config, matrix, place, session, stages)
        attempt.publish(manifest)
    return TrainResult(attempt.store.root, manifest, computed=True)


def _session(
    spark: SparkSession | None, config: TrainConfig, stages: Stages
) -> AbstractContextManager[SparkSession]:
    return running_spark(spark, config.spark, stages, where="spark", kms_key=config.storage.kms_key)


def _place(config: TrainConfig, output: str, progress: Progress) -> Place | None:
    """Return where the run is logged; a server that is away is told before the long work."""
    if not config.tracking.enabled:
        return None
    place = find_place(config.tracking, output, config.tracking.artifacts)
    if problem := why_away(place, config.tracking.timeout):
        progress.tell(f"{problem}. It is asked again when the model is trained; results are kept in any case")
    return place


def _train(
    attempt: RunOf[ModelManifest],
    config: TrainConfig,
    matrix: PublishedMatrix,
    place: Place | None,
    spark: SparkSession,
    stages: Stages,
) -> ModelManifest:
    with TemporaryDirectory(prefix="sparkfeat-") as scratch:
        training = _trained(attempt, config, matrix, Path(scratch), spark, stages)
        tracking = None
        if place is not None:
            with stages.stage("log to MLflow"):
                tracking = logged(training, config, place, stages.progress)
    if tracking is not None and tracking.problem:
        stages.progress.tell(f"MLflow has not got all of the run: {tracking.problem}")
    with stages.stage("record"):
        return _manifest(attempt, config, training, tracking, stages.seconds)


def _trained(
    attempt: RunOf[ModelManifest],
    config: TrainConfig,
    matrix: PublishedMatrix,
    scratch: Path,
    spark: SparkSession,
    stages: Stages,
) -> Training:
    """Train and judge the model, and write it and its report into the run's folder; files via `scratch`."""
    with stages.stage("read the rows"):
        table, roles, raw = training_table(matrix, config, spark)
        parts = split(table, roles, config.training.split)
        check_test_rows(parts, config.training)
    model = train(table, roles, config.training, split=parts, progress=stages.progress)
    stages.seconds.update({f"train.{name}": seconds for name, seconds in model.seconds.items()})
    judgement = judged(model, parts, raw, config.training, config.evaluation, matrix.definitions, stages)
    card = _card(model, matrix, config)
    packages = dict(versions(MORE_PACKAGES))
    with stages.stage("save"):
        folder = attempt.store.path(f"{attempt.folder}/{MODEL}")
        saved.save(model, folder, kms_key=config.storage.kms_key)
        write_report(config, model, judgement, card, packages, scratch / REPORT)
        _write_facts(config, matrix, card, packages, open_store(folder).read(FACTS), scratch / FOLDER)
        _copy(attempt, scratch)
    return Training(
        attempt.run_id,
        model,
        judgement,
        parts,
        table,
        card,
        scratch / FOLDER,
        scratch / REPORT,
        packages,
        dict(stages.seconds),
    )


def _copy(attempt: RunOf[ModelManifest], scratch: Path) -> None:
    """Copy the files of this machine's folder into the run's."""
    for file in sorted(scratch.rglob("*")):
        name = f"{attempt.folder}/{file.relative_to(scratch).as_posix()}"
        if file.is_dir():
            attempt.store.make_folder(name)
        else:
            attempt.store.put(name, file.read_bytes())


def _card(model: TrainedModel, matrix: PublishedMatrix, config: TrainConfig) -> ModelCard:
    """Return what scoring must know.

    Raises:
        SchemaError: the model reads nothing that definitions compute.
    """
    used = [name for name in model.roles.features if name in matrix.computed]
    if not used:
        raise SchemaError(
            "No computed feature is left to learn from",
            where=matrix.path,
            hint="Exclude fewer columns: data.exclude",
        )
    return ModelCard(
        name=config.name,
        matrix=matrix.source,
        features=tuple(used),
        passed=tuple(name for name in model.roles.features if name not in matrix.computed),
        feature_hash=feature_hash(matrix.definitions, used, matrix.cutoff),
    )


def _write_facts(
    config: TrainConfig,
    matrix: PublishedMatrix,
    card: ModelCard,
    packages: dict[str, str],
    facts: bytes,
    folder: Path,
) -> None:
    """Write what scoring and readers need beside the model, secrets left out."""
    folder.mkdir()
    save_features(_used(matrix.definitions, card.features), folder / DEFINITIONS)
    if matrix.manifest.sql is not None:
        (folder / "features.sql").write_text(matrix.sql, encoding="utf-8")
    (folder / FACTS).write_bytes(facts)
    plain = {
        CARD: card.model_dump(mode="json"),
        "config.json": hidden(config.parameters()),
        "matrix.json": hidden(matrix.manifest.model_dump(mode="json")),
        "environment.json": dict(packages),
    }
    for name, value in plain.items():
        (folder / name).write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def _used(definitions: Definitions, columns: Sequence[str]) -> list[FeatureBase]:
    """Return the features that have one of the columns."""
    wanted = set(columns)
    return [
        original
        for original, feature in zip(definitions.originals, definitions.features, strict=True)
        if wanted & set(feature.names)
    ]


def _manifest(
    attempt: RunOf[ModelManifest],
    config: TrainConfig,
    training: Training,
    tracking: TrackedRun | None,
    seconds: dict[str, float],
) -> ModelManifest:
    store = attempt.store
    sizes, definitions = store.files(attempt.folder), f"{attempt.folder}/{FOLDER}/{DEFINITIONS}"
    hashes = {name: store.sha256(name) for name in sizes if name != mark_name(attempt.run_id)}
    found = training.judgement.baselines
    return ModelManifest(
        run_id=attempt.run_id,
        created=datetime.now(UTC),
        files=tuple(SavedFile(path=name, bytes=sizes[name], sha256=sha) for name, sha in hashes.items()),
        parameters=config.parameters(),
        packages=dict(training.packages),
        seconds=seconds,
        card=training.card,
        definitions=Document(path=definitions, sha256=hashes[definitions]),
        metrics=_finite(training.judgement.metrics),
        warnings=tuple(warnings(training.model, training.judgement)),
        baselines={one.name: _finite({name: m.value for name, m in one.metrics.items()}) for one in found},
        report=f"{attempt.folder}/{REPORT}/{PAGE}" if training.judgement.evaluation else "",
        tracking=tracking,
    )


def _finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return the metrics that are numbers: JSON has no others."""
    return {name: value for name, value in metrics.items() if math.isfinite(value)}
