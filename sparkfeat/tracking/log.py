"""Log a run: parameters, metrics, files, the dataset and the model."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sparkfeat.tracking.config import TrackingConfig
from sparkfeat.tracking.flat import finite, flat, metric_name
from sparkfeat.tracking.place import Place, why_away
from sparkfeat.tracking.records import DatasetRecord, Logged, ModelRecord, RunRecord
from sparkfeat.tracking.secrets import hidden, without_passwords
from sparkfeat.tracking.session import talking, unless_there
from sparkfeat.tracking.signature import schema, signature

if TYPE_CHECKING:
    from mlflow import MlflowClient

logger = logging.getLogger("sparkfeat")

MOST_METRICS, MOST_OTHERS = 1000, 100
"""How many a request may carry."""

T = TypeVar("T")


def log_run(record: RunRecord, place: Place, config: TrackingConfig) -> Logged:
    """Log a run and return where it is; a server that fails is told in the result, not raised.

    Args:
        record: what is logged.
        place: where; it is asked first whether it answers.
        config: timeout, uploads and the experiment's files.
    """
    if problem := why_away(place, config.timeout):
        return Logged(place.shown, problem=problem)
    progress = _Progress(place.shown)
    try:
        with talking(place, config) as client:
            _log(record, client, place, config, progress)
    except Exception as error:
        logger.debug("logging to %s failed", place.shown, exc_info=True)
        progress.problem = told(error)
    return progress.logged


def told(error: BaseException) -> str:
    """Say in a line what MLflow could not do."""
    text = str(error).strip().splitlines() or [""]
    return without_passwords(f"{type(error).__name__}: {text[0][:500]}")


class _Progress:
    """How far logging has come."""

    def __init__(self, uri: str) -> None:
        self.uri, self.problem = uri, ""
        self.run_id: str | None = None
        self.experiment_id: str | None = None
        self.model_uri: str | None = None

    @property
    def logged(self) -> Logged:
        return Logged(self.uri, self.run_id, self.experiment_id, self.model_uri, self.problem)


def _log(
    record: RunRecord, client: MlflowClient, place: Place, config: TrackingConfig, progress: _Progress
) -> None:
    progress.experiment_id = _experiment(record.experiment, client, place)
    with _run(record, progress):
        run_id = str(progress.run_id)
        _log_values(record, client, run_id)
        for path, folder in record.files.items():
            log = client.log_artifacts if Path(path).is_dir() else client.log_artifact
            log(run_id, path, folder or None)
        if record.dataset is not None:
            _log_dataset(record.dataset)
        if record.model is not None:
            progress.model_uri = _log_model(record.model, config)


def _experiment(name: str, client: MlflowClient, place: Place) -> str:
    """Return the id of the experiment; one that was deleted comes back."""
    found = client.get_experiment_by_name(name)
    if found is None:
        with unless_there():
            client.create_experiment(name, artifact_location=place.artifacts)
        found = client.get_experiment_by_name(name)
    assert found is not None  # made above, by this process or another
    if found.lifecycle_stage == "deleted":
        client.restore_experiment(found.experiment_id)
    return str(found.experiment_id)


@contextmanager
def _run(record: RunRecord, progress: _Progress) -> Iterator[None]:
    """Keep a run open for the block; beside a run that a notebook has open already, within it."""
    import mlflow

    nested = mlflow.active_run() is not None
    tags = {metric_name(name): str(value) for name, value in record.tags.items()}
    with mlflow.start_run(
        experiment_id=progress.experiment_id, run_name=record.name, nested=nested, tags=tags
    ) as run:
        progress.run_id = run.info.run_id
        yield


def _log_values(record: RunRecord, client: MlflowClient, run_id: str) -> None:
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    parameters = {name: hidden(value, name) for name, value in record.parameters.items()}
    params = [Param(name, value) for name, value in flat(parameters)]
    metrics = [Metric(name, value, now, 0) for name, value in finite(record.metrics)]
    for step in record.steps:
        metrics += [Metric(name, value, now, step.step) for name, value in finite({step.name: step.value})]
    _in_parts(params, MOST_OTHERS, lambda part: client.log_batch(run_id, params=part))
    _in_parts(metrics, MOST_METRICS, lambda part: client.log_batch(run_id, metrics=part))


def _in_parts(items: list[T], most: int, send: Callable[[list[T]], object]) -> None:
    for begin in range(0, len(items), most):
        send(items[begin : begin + most])


def _log_dataset(record: DatasetRecord) -> None:
    """Log which rows were read, by the matrix's own digest: no row is read again for it."""
    import mlflow
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.data.spark_dataset_source import SparkDatasetSource

    source = SparkDatasetSource(path=record.path)
    dataset = MetaDataset(source, record.name, record.digest, schema(record.columns))  # type: ignore[abstract]
    mlflow.log_input(dataset, context="training")


def _log_model(record: ModelRecord, config: TrackingConfig) -> str:
    """Log the model and return its URI.

    Spark writes it to the disk and MLflow uploads it. `mlflow.spark.log_model` would have Spark write to S3
    itself, where the upload's arguments (the key it is encrypted with) do not apply.
    """
    import mlflow.spark
    from mlflow.models import Model

    logged = Model.log(
        artifact_path=None,
        name="model",
        flavor=mlflow.spark,
        spark_model=record.pipeline,
        signature=signature(record.inputs, record.outputs),
        input_example=record.example,
        pip_requirements=list(record.requirements),
        metadata=dict(record.metadata),
        dfs_tmpdir=config.dfs_tmpdir,
    )
    return str(logged.model_uri)
