"""Why a planned job does not fit: into memory, onto the disk, or into what Featuretools may load at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from rich.filesize import decimal

from sparkfeat.engines.memory import physical_memory
from sparkfeat.errors import DataError, EnvironmentProblem, SparkfeatError
from sparkfeat.pipelines.config import ComputeConfig
from sparkfeat.pipelines.job_plan import Group, MatrixSize, MemoryUse
from sparkfeat.storage.locations import is_s3, local_path


def problems_of(
    config: ComputeConfig, target: str, matrix: MatrixSize, memory: MemoryUse, group: Group | None
) -> tuple[SparkfeatError, ...]:
    """Return why a job cannot be run, each with what to change; empty where it fits."""
    found: list[SparkfeatError] = []
    if group is not None and group.rows > group.limit:
        found.append(_group_too_large(group, target))
    if memory.least > memory.limit:
        found.append(_limit_too_small(memory))
    if memory.free is not None and memory.spill > memory.free:
        found.append(_spill_too_large(memory))
    found += _pandas_too_large(memory)
    found += _matrix_too_large(config, matrix)
    return tuple(found)


def _group_too_large(group: Group, target: str) -> DataError:
    whose = (
        f"All rows belong together, since {group.reason}"
        if group.reason is not None
        else f"So many belong to instance {group.instance!r}"
    )
    return DataError(
        f"{group.rows:,} rows would have to be loaded at once by the featuretools engine",
        where=f"target '{target}'",
        why=f"{whose}; the limit is {group.limit:,} rows",
        hint="Leave that instance out, drop the features that need this engine (`sparkfeat explain` names "
        "them), or compute them with engine 'duckdb', which has no such limit",
    )


def _limit_too_small(memory: MemoryUse) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"DuckDB needs at least {decimal(memory.least)} for this query, and may hold {decimal(memory.limit)}",
        why="What a thread keeps for each GROUP BY cannot be spilled to disk",
        hint="Raise engine.memory_limit (on Spark, the memory of executors), or compute fewer features",
    )


def _spill_too_large(memory: MemoryUse) -> EnvironmentProblem:
    assert memory.free is not None
    return EnvironmentProblem(
        f"About {decimal(memory.spill)} would be spilled to disk, where {decimal(memory.free)} are free",
        where=str(memory.folder),
        why=f"The computation needs about {decimal(memory.working)}, and may hold "
        f"{decimal(memory.limit)} in memory",
        hint="Raise engine.memory_limit, give an engine.temp_directory with more space, or compute fewer "
        "features or instances",
    )


def _pandas_too_large(memory: MemoryUse) -> Iterator[EnvironmentProblem]:
    there = physical_memory()
    if memory.pandas > there:
        yield EnvironmentProblem(
            f"Featuretools would need about {decimal(memory.pandas)} of memory",
            where="this process",
            why=f"It loads whole tables, and the machine has {decimal(there)}",
            hint="Drop the features without SQL (`sparkfeat explain` names them), or use engine 'spark'",
        )


def _matrix_too_large(config: ComputeConfig, matrix: MatrixSize) -> Iterator[EnvironmentProblem]:
    if is_s3(config.output.path):  # it has no end
        return
    folder = local_path(config.output.path, "publish to")
    free = shutil.disk_usage(_existing(folder)).free
    if matrix.bytes > free:
        yield EnvironmentProblem(
            f"The matrix would take about {decimal(matrix.bytes)}, and {decimal(free)} are free",
            where=str(folder),
            hint="Give an output.path with more space, or compute fewer features or instances",
        )


def _existing(folder: Path) -> Path:
    """Return the nearest folder above that is there."""
    return next(one for one in (folder, *folder.parents) if one.is_dir())
