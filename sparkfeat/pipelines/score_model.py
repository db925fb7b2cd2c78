"""Predict with a trained model: features by its own definitions, published with the model's version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from sparkfeat.engines.files import Written
from sparkfeat.engines.spark.s3 import check_writable, s3a_problems, spark_path
from sparkfeat.errors import ConfigError, DataError, SchemaError
from sparkfeat.models.names import quoted
from sparkfeat.models.training import TrainedModel
from sparkfeat.pipelines.build import built
from sparkfeat.pipelines.check_features import check_features
from sparkfeat.pipelines.config import ComputeConfig, EntitySetConfig, FeaturesConfig
from sparkfeat.pipelines.config import OutputConfig as MatrixOutput
from sparkfeat.pipelines.feature_hash import TIME_RULES, feature_hash
from sparkfeat.pipelines.open_model import OpenModel, opened
from sparkfeat.pipelines.prediction_columns import first_and_last_time, predicted_columns
from sparkfeat.pipelines.progress import COMPUTE, Progress, Silence, Stages
from sparkfeat.pipelines.record import output_file, versions
from sparkfeat.pipelines.score_config import ScoreConfig
from sparkfeat.pipelines.spark_session import running_spark
from sparkfeat.pipelines.training_table import TIME, open_matrix
from sparkfeat.storage.manifest import OutputColumn
from sparkfeat.storage.records import Predictions
from sparkfeat.storage.runs import RunOf, new_run_id, open_run_of

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
    output = config.output
    run_id = output.run_id or new_run_id()
    key = config.storage.kms_key
    attempt = open_run_of(
        Predictions, output.path, run_id, config.parameters(), overwrite=output.overwrite, kms_key=key
    )
    if attempt.finished is not None:
        return _finished_before(attempt, attempt.finished, stages.progress)
    with opened(config.model, config.registry) as model, attempt.writing():
        checked = _checked(model, config, spark, stages) if config.check else None
        rows = _rows(model, config, attempt, spark, stages)
        with running_spark(spark, config.spark, stages, where="spark", kms_key=key) as session:
            manifest = _predict(attempt, config, model, rows, session, stages, checked)
        if rows.temporary is not None:
            attempt.store.delete_folder(rows.temporary)
        attempt.publish(manifest)
    return ScoreResult(attempt.store.root, manifest, computed=True)


def _finished_before(attempt: RunOf[Predictions], manifest: Predictions, progress: Progress) -> ScoreResult:
    progress.tell(f"run {attempt.run_id} is done: it finished at {manifest.created:%Y-%m-%d %H:%M:%S} UTC")
    if not attempt.is_visible():
        attempt.publish(manifest)
    return ScoreResult(attempt.store.root, manifest, computed=False)


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
    table = _timed(spark.read.parquet(*(spark_path(spark, file) for file in rows.files)), rows)
    _check_table(table, trained, model)
    with stages.stage("predict"):
        store = attempt.data_store()
        check_writable(spark, store)
        with s3a_problems("write with Spark", store.root):
            _output(trained, table, model).write.mode("append").parquet(spark_path(spark, store.root))
    with stages.stage("record"):
        written = spark.read.parquet(spark_path(spark, store.root))
        first, last = first_and_last_time(written)
        return _manifest(attempt, config, model, rows, (first, last), stages.seconds, checked)


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
    times: tuple[str | None, str | None],
    seconds: dict[str, float],
    checked: int | None,
) -> Predictions:
    store = attempt.store
    names = [name for name in attempt.data_store().files() if name.endswith(".parquet")]
    files = tuple(output_file(attempt, Written(name)) for name in names)
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
