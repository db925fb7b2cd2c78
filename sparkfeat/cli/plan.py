"""`sparkfeat plan`: how large a configuration's job is, and whether it fits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.filesize import decimal

from sparkfeat.cli.compute import ConfigUri, Engine
from sparkfeat.cli.console import show_table, show_text
from sparkfeat.pipelines.config_file import read_config

if TYPE_CHECKING:
    from sparkfeat.engines.estimate import Stage
    from sparkfeat.pipelines.job_plan import Features, Group, HotKeys, JobPlan, MemoryUse

Line = tuple[str, str]


def plan(
    config: ConfigUri,
    engine: Engine = None,
    form: Annotated[Literal["table", "json"], typer.Option("--format", help="How to print it.")] = "table",
) -> None:
    """Say how large a configuration's job is and whether it fits; no feature is computed."""
    settings = read_config(config).override(engine=engine)
    from sparkfeat.pipelines import plan_features

    found = plan_features.plan(settings)
    if form == "json":
        show_text(json.dumps(found.as_dict(), indent=2, default=str))
    else:
        show_table(("what", "planned"), _lines(found))
    found.raise_problem()


def _lines(found: JobPlan) -> Iterator[Line]:
    yield "engine", f"{found.engine}: {found.engine_reason}"
    yield "features", _features(found.features)
    for table in found.tables:
        files = f"{table.files:,} file{'s' if table.files != 1 else ''}"
        yield f"table {table.name}", f"{table.rows:,} rows, {files} of {decimal(table.bytes)}"
    matrix = found.matrix
    yield "matrix", f"{matrix.rows:,} rows, {matrix.columns:,} columns, about {decimal(matrix.bytes)}"
    yield "widest stage", _stage(found.widest)
    for keys in found.keys:
        yield f"keys {keys.relationship}", _keys(keys)
    yield from _memory(found.memory)
    if found.group is not None:
        yield "largest group", _group(found.group)


def _features(features: Features) -> str:
    return f"{features.count:,}: {features.sql:,} by SQL, {features.featuretools:,} by Featuretools"


def _stage(stage: Stage) -> str:
    return f"{stage.name}: {stage.columns:,} columns, about {stage.rows:,} rows; {stage.what}"


def _group(group: Group) -> str:
    whose = "all rows together" if group.instance is None else f"those of instance {group.instance}"
    return f"{group.rows:,} rows of at most {group.limit:,}: {whose}"


def _keys(keys: HotKeys) -> str:
    told = ", ".join(f"{key.value} with {key.rows:,} rows ({key.share:.1%})" for key in keys.keys)
    sample = "" if keys.sampled is None else f"; from a sample of {keys.sampled:,} rows"
    return (told or "no row has a key") + sample


def _memory(memory: MemoryUse) -> Iterator[Line]:
    each = f"{decimal(memory.part_bytes)} for each {memory.part} of {memory.parts:,}"
    yield "memory", f"about {decimal(memory.working)}, {each}; the limit is {decimal(memory.limit)}"
    free = "" if memory.free is None else f"; {decimal(memory.free)} are free in {memory.folder}"
    yield "spill", f"about {decimal(memory.spill)}{free}" if memory.spill else f"none{free}"
    if memory.pandas:
        yield "Featuretools", f"about {decimal(memory.pandas)} of memory for whole tables in pandas"
