"""An attempt at a run of a pipeline: opened before any work, told of when it had finished before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from pydantic import JsonValue

from sparkfeat.engines.spark.s3 import check_writable
from sparkfeat.pipelines.config import StorageConfig
from sparkfeat.pipelines.progress import Progress
from sparkfeat.storage.manifest import R
from sparkfeat.storage.runs import RunOf, new_run_id, open_run_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class _Output(Protocol):
    @property
    def path(self) -> str: ...
    @property
    def run_id(self) -> str | None: ...
    @property
    def overwrite(self) -> bool: ...


class _Config(Protocol):
    """What the configurations of pipelines share."""

    @property
    def output(self) -> _Output: ...
    @property
    def storage(self) -> StorageConfig: ...
    def parameters(self) -> dict[str, JsonValue]: ...


def open_attempt(kind: type[R], config: _Config) -> RunOf[R]:
    """Return the run that a configuration asks for, under a new id where it gives none; writes nothing.

    Raises:
        UserInputError, EnvironmentProblem, StorageError: as `open_run_of` says.
    """
    output = config.output
    return open_run_of(
        kind,
        output.path,
        output.run_id or new_run_id(),
        config.parameters(),
        overwrite=output.overwrite,
        kms_key=config.storage.kms_key,
    )


def finished_before(attempt: RunOf[R], progress: Progress) -> R | None:
    """Return the record of a run that had finished, visible now; None where there is work to do."""
    manifest = attempt.finished
    if manifest is None:
        return None
    progress.tell(f"run {attempt.run_id} is done: it finished at {manifest.created:%Y-%m-%d %H:%M:%S} UTC")
    if not attempt.is_visible():
        attempt.publish(manifest)
    return manifest


def check_spark_writes(attempt: RunOf[R], spark: SparkSession) -> None:
    """Have Spark try to write into a run's folder, where that is on S3; see `check_writable`."""
    check_writable(spark, replace(attempt.store, root=attempt.store.path(attempt.folder)))
