"""Predict with a trained model: features by its own definitions, published with the model's version."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from sparkfeat.engines.files import Written
from sparkfeat.engines.spark.parquet import read_parquet, write_parquet
from sparkfeat.errors import ConfigError, DataError, SchemaError
from sparkfeat.models.names import quoted
from sparkfeat.models.training import TrainedModel
from sparkfeat.pipelines.attempt import check_spark_writes, finished_before, open_attempt
from sparkfeat.pipelines.build import built
from sparkfeat.pipelines.check_features import check_features
from sparkfeat.pipelines.config import ComputeConfig, EntitySetConfig, FeaturesConfig
from sparkfeat.pipelines.config import OutputConfig as MatrixOutput
from sparkfeat.pipelines.feature_hash import TIME_RULES, feature_hash
from sparkfeat.pipelines.label_table import TIME
from sparkfeat.pipelines.open_model import OpenModel, opened
from sparkfeat.pipelines.prediction_columns import first_and_last_time, predicted_columns
from sparkfeat.pipelines.progress import COMPUTE, Progress, Silence, Stages
from sparkfeat.pipelines.record import output_file, versions
from sparkfeat.pipelines.score_config import ScoreConfig
from sparkfeat.pipelines.spark_session import running_spark
from sparkfeat.pipelines.training_table import open_matrix
from sparkfeat.storage.locations import is_s3
from sparkfeat.storage.manifest import OutputColumn
from sparkfeat.storage.records import Predictions
from sparkfeat.storage.runs import RunOf

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

VERSION = "model_version"


@dataclass(frozen=True)
class ScoreResult:
    """Published predictions; `computed` is False where they were there before and nothing was done."""

    output: str
    manifest: Predictions
    computed: bool


@dataclass(frozen=True)
class _Rows:
    """Rows to score: their Parquet files, what they are called, and how they came about."""

    files: Sequence[str]
    index: str
    timed: bool
    shared_time: datetime | float | None
    engine: str
    temporary: str | None


def run(
    config: ScoreConfig, *, spark: SparkSession | None = None, progress: Progress | None = None
) -> ScoreResult:
    """Score and publish the predictions; nothing is visible before they are complete.

    Args:
        config: which model, whom to score, where to.
        spark: the session. Default: the active one, else a local one.
        progress: where the stages are shown. Default: nowhere.

    Raises:
        UserInputError: the model's definitions were changed, the rows do not fit, or the check of features
            found other values than in training.
        OutputExistsError: other predictions are there and may not be replaced.
        EngineError, StorageError, EnvironmentProblem: they could not be computed or written.
    """
    stages = Stages(progress or Silence())
    attempt = open_attempt(Predictions, config)
    if (before := finished_before(attempt, stages.progress)) is not None:
        return ScoreResult(attempt.store.root, before, computed=False)
    with opened(config.model, config.registry) as model, attempt.writing():
        if is_s3(attempt.store.root):
            with _session(spark, config, stages) as session:
                check_spark_writes(attempt, session)
        checked = _checked(model, config, spark, stages) if config.check else None
        rows = _rows(model, config, attempt, spark, stages)
        with _session(spark, config, stages) as session:
            manifest = _predict(attempt, config, model, rows, session, stages, checked)
        if rows.temporary is not None:
            attempt.store.delete_folder(rows.temporary)
        attempt.publish(manifest)
    return ScoreResult(attempt.store.root, manifest, computed=True)


def _session(
    spark: SparkSession | None, config: ScoreConfig, stages: Stages
) -> AbstractContextManager[SparkSession]:
    return running_spark(spark, config.spark, stages, where="spark", kms_key=config.storage.kms_key)


def _compute_config(model: OpenModel, config: ScoreConfig, folder: str) -> ComputeConfig:
    """Return the computation of the model's features; which rows they see is as in the training.

    Raises:
        ConfigError: the configuration asks for other windows than those of the training.
    """
    given, rules = config.cutoff_time, {name: getattr(model.cutoff, name) for name in TIME_RULES}
    for name in TIME_RULES:
        if name in given.model_fields_set and getattr(given, name) != rules[name]:
            raise ConfigError(
                f"The model was trained with {name}: {rules[name]}",
                where=f"cutoff_time.{name}",
                why="Features of other rows would mean something else to it",
                hint="Leave the key out",
            )
    tables = config.entityset or EntitySetConfig.model_validate(model.card.matrix.parameters["entityset"])
    return ComputeConfig(
        entityset=tables,
        features=FeaturesConfig(definitions=model.definitions_file),
        cutoff_time=given.model_copy(update=rules),
        engine=config.engine,
        storage=config.storage,
        output=MatrixOutput(path=folder, cutoff_time_in_index=given.path is not None),
    )


def _checked(model: OpenModel, config: ScoreConfig, spark: SparkSession | None, stages: Stages) -> int:
    """Compare features computed now with those of the training, and return the number of rows."""
    assert config.check is not None
    with stages.stage("check features"):
        asked = _compute_config(model, config, model.card.matrix.path)
        found = check_features(model, asked, config.check, spark)
    stages.progress.tell(f"{len(model.card.features)} features of {found.rows:,} training rows are the same")
    return found.rows


def _rows(
    model: OpenModel,
    config: ScoreConfig,
    attempt: RunOf[Predictions],
    spark: SparkSession | None,
    stages: Stages,
) -> _Rows:
    """Return the rows to score: of a published matrix, or computed now."""
    if config.matrix is not None:
        return _published_rows(model, config.matrix)
    name = f"{attempt.folder}/features"
    asked = _compute_config(model, config, attempt.store.path(name))
    with built(asked, spark, stages) as parts, stages.stage(COMPUTE):
        files = parts.matrix.write_parquet(asked.output.path)
        cutoffs = parts.matrix.computation.cutoffs
        index = parts.matrix.computation.target.index
        return _Rows(
            [str(file) for file in files],
            index,
            asked.output.cutoff_time_in_index,
            cutoffs.time,
            parts.matrix.engine,
            name,
        )


def _published_rows(model: OpenModel, path: str) -> _Rows:
    """Return the rows of a matrix whose features are computed as the model's.

    Raises:
        SchemaError: it lacks features of the model.
        ConfigError: its features are computed otherwise.
    """
    matrix = open_matrix(path)
    missing = [name for name in model.card.features if name not in matrix.computed]
    if missing:
        raise SchemaError(
            f"The matrix lacks {len(missing)} of the {len(model.card.features)} features of the model",
            where=path,
            why=", ".join(missing[:3]),
            hint="Compute it with the definitions that were published with the model",
        )
    if feature_hash(matrix.definitions, model.card.features, matrix.cutoff) != model.card.feature_hash:
        raise ConfigError(
            "The matrix's features are not computed as the model's",
            where=path,
            why="Features of the same names have other definitions, windows or gaps: their hash is another",
            hint="Compute it with the definitions published with the model, or train on this matrix",
        )
    shared = None if matrix.time else matrix.cutoff.time
    return _Rows(matrix.files, matrix.index, matrix.time is not None, shared, matrix.manifest.engine, None)


def _predict(
    attempt: RunOf[Predictions],
    config: ScoreConfig,
    model: OpenModel,
    rows: _Rows,
    spark: SparkSession,
    stages: Stages,
    checked: int | None,
) -> Predictions:
    with stages.stage("load the model"):
        trained = model.load()
    table = _timed(read_parquet(spark, rows.files), rows)
    _check_table(table, trained, model)
    with stages.stage("predict"):
        store = attempt.data_store()
        files = write_parquet(_output(trained, table, model), store)
    with stages.stage("record"):
        times = first_and_last_time(read_parquet(spark, [store.root]))
        return _manifest(attempt, config, model, rows, files, times, stages.seconds, checked)


def _timed(table: DataFrame, rows: _Rows) -> DataFrame:
    """Add the cutoff time where all rows share one."""
    from pyspark.sql import functions as fn

    if rows.timed or rows.shared_time is None:
        return table
    shared = rows.shared_time
    time = fn.lit(shared) if isinstance(shared, float) else fn.lit(str(shared)).cast("timestamp_ntz")
    return table.withColumn(TIME, time)


def _check_table(table: DataFrame, trained: TrainedModel, model: OpenModel) -> None:
    needed = [*trained.roles.features, *([trained.roles.cutoff_time] if trained.roles.times else [])]
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise SchemaError(
            f"The rows lack {len(missing)} columns that the model reads",
            where=", ".join(str(name) for name in missing[:3]),
            why=f"They were passed through when it was trained: {', '.join(model.card.passed)}",
            hint="Add them to the table of cutoff times at cutoff_time.path",
        )
    if table.isEmpty():
        hint = "Check cutoff_time: which instances are there at that time?"
        raise DataError("There are no rows to score", where=model.used.uri, hint=hint)


def _output(trained: TrainedModel, table: DataFrame, model: OpenModel) -> DataFrame:
    """Return what is published: whose row, at which time, what came with it, the prediction, the version."""
    from pyspark.sql import functions as fn

    passed = [name for name in table.columns if name not in set(model.definitions.names)]
    predicted = trained.predict(table)
    columns = [*(quoted(name) for name in passed), *predicted_columns(predicted.columns)]
    return predicted.select(*columns, fn.lit(model.used.version).alias(VERSION))


def _manifest(
    attempt: RunOf[Predictions],
    config: ScoreConfig,
    model: OpenModel,
    rows: _Rows,
    written: Sequence[Written],
    times: tuple[str | None, str | None],
    seconds: dict[str, float],
    checked: int | None,
) -> Predictions:
    store = attempt.store
    files = tuple(output_file(attempt, file) for file in written)
    schema = pq.read_schema(store.arrow_path(files[0].path), filesystem=store.filesystem)
    columns = (
        OutputColumn(name=field.name, logical_type=None, physical_type=str(field.type)) for field in schema
    )
    return Predictions(
        run_id=attempt.run_id,
        created=datetime.now(UTC),
        files=files,
        parameters=config.parameters(),
        packages=dict(versions()),
        seconds=seconds,
        rows=sum(file.rows for file in files),
        columns=tuple(columns),
        model=model.used,
        engine=rows.engine,
        first_cutoff=times[0],
        last_cutoff=times[1],
        checked=checked,
    )
