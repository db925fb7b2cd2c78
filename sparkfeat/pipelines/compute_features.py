"""Compute a feature matrix as a configuration says, and publish it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkfeat.pipelines.attempt import finished_before, open_attempt
from sparkfeat.pipelines.build import Parts, built
from sparkfeat.pipelines.config import ComputeConfig
from sparkfeat.pipelines.progress import COMPUTE, Progress, Silence, Stages
from sparkfeat.pipelines.record import input_files, make_manifest, profile_path, saved_profile
from sparkfeat.storage.catalog import CatalogTable
from sparkfeat.storage.failures import disk_full, no_space_left
from sparkfeat.storage.manifest import Manifest
from sparkfeat.storage.runs import Run
from sparkfeat.storage.store import open_store

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class RunResult:
    """A published run; `computed` is False where it had finished before and nothing was done.

    `profile` is the path of its profile, where one was asked for and the run was computed.
    """

    output: str
    manifest: Manifest
    computed: bool
    profile: str | None = None


def run(
    config: ComputeConfig,
    *,
    spark: SparkSession | None = None,
    progress: Progress | None = None,
    profile: bool = False,
) -> RunResult:
    """Compute the features and publish the matrix; nothing is visible before it is complete.

    A run id that has finished is not computed again; one that was interrupted is cleaned and started
    again. The output is checked before any work is done.

    Args:
        config: what to compute, see `read_config`.
        spark: the session for the Spark engine. Default: the active one, else a local one.
        progress: where the stages are shown. Default: nowhere.
        profile: whether to write time and rows of every step beside the matrix. Default False.

    Raises:
        UserInputError: input, definitions or arguments that do not fit.
        OutputExistsError: another matrix is there and may not be replaced.
        EngineError, StorageError, EnvironmentProblem: it could not be computed or written.
    """
    stages = Stages(progress or Silence())
    attempt, table = open_attempt(Manifest, config), _checked_table(config)
    if (before := finished_before(attempt, stages.progress)) is not None:
        result = RunResult(attempt.store.root, before, computed=False)
        _show(table, result, stages.progress)
        return result
    with attempt.writing(), built(config, spark, stages) as parts:
        manifest = _compute(attempt, config, parts, stages, profile=profile)
        attempt.publish(manifest)
    told = profile_path(attempt) if profile else None
    result = RunResult(attempt.store.root, manifest, computed=True, profile=told)
    _show(table, result, stages.progress)
    return result


def _checked_table(config: ComputeConfig) -> CatalogTable | None:
    catalog = config.output.catalog
    if catalog is None:
        return None
    table = CatalogTable(catalog.database, catalog.table)
    table.check(open_store(config.output.path).root)
    return table


def _show(table: CatalogTable | None, result: RunResult, progress: Progress) -> None:
    """Let the catalog show what is visible; the matrix is published whatever comes of it."""
    if table is not None and table.show(result.output):
        progress.tell(f"the catalog's table {table} shows the matrix")


def _compute(attempt: Run, config: ComputeConfig, parts: Parts, stages: Stages, *, profile: bool) -> Manifest:
    inputs = input_files(config, parts.entityset)
    recorded = saved_profile(attempt, parts.matrix) if profile else nullcontext()
    with stages.stage(COMPUTE), _full_disk_told(attempt.store.root), recorded:
        files = parts.matrix.write_files(attempt.data_store())
    with stages.stage("record"):
        return make_manifest(attempt, config, parts, files, inputs, stages.seconds)


@contextmanager
def _full_disk_told(where: str) -> Iterator[None]:
    """Tell a full disk apart from the other ways in which an engine can fail."""
    try:
        yield
    except Exception as error:
        if no_space_left(error):
            raise disk_full(where, str(error)) from error
        raise
