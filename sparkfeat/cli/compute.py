"""`sparkfeat compute`, `explain` and `sql`: a configuration run, explained, or written as SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.filesize import decimal

from sparkfeat.cli.console import show_text, shown_progress
from sparkfeat.pipelines.config import EngineName
from sparkfeat.pipelines.config_file import read_config

if TYPE_CHECKING:
    from sparkfeat.pipelines.compute_features import RunResult

ConfigUri = Annotated[
    str, typer.Argument(metavar="CONFIG", help="Path or URI of a YAML file.", show_default=False)
]
Engine = Annotated[EngineName | None, typer.Option(help="Engine to use in place of the configured one.")]


def compute(
    config: ConfigUri,
    run_id: Annotated[
        str | None, typer.Option(help="Name of the run; a finished one is not repeated.")
    ] = None,
    engine: Engine = None,
    overwrite: Annotated[
        bool | None, typer.Option(help="Whether another run's matrix may be replaced.", show_default=False)
    ] = None,
    profile: Annotated[
        bool, typer.Option("--profile", help="Write time and rows of every step beside the matrix.")
    ] = False,
) -> None:
    """Compute the features of a configuration and publish the matrix."""
    settings = read_config(config).override(run_id=run_id, engine=engine, overwrite=overwrite)
    from sparkfeat.pipelines.compute_features import run

    with shown_progress() as progress:
        result = run(settings, progress=progress, profile=profile)
    _show_result(result)


def explain(config: ConfigUri, engine: Engine = None) -> None:
    """Say how each feature of a configuration would be computed; nothing is computed."""
    settings = read_config(config).override(engine=engine)
    from sparkfeat.pipelines.build import built

    with built(settings) as parts:
        show_text(parts.matrix.explain())


def sql(
    config: ConfigUri,
    dialect: Annotated[
        Literal["duckdb", "spark"] | None, typer.Option(help="Default: the dialect of the engine.")
    ] = None,
) -> None:
    """Print the SQL that computes the features of a configuration."""
    settings = read_config(config)
    from sparkfeat.pipelines.build import built

    with built(settings) as parts:
        show_text(parts.matrix.sql(dialect))


def _show_result(result: RunResult) -> None:
    manifest = result.manifest
    size = decimal(sum(file.bytes for file in manifest.files))
    fallbacks = f", {len(manifest.fallbacks)} features by Featuretools" if manifest.fallbacks else ""
    lines = {
        "run": manifest.run_id + ("" if result.computed else " (finished before)"),
        "output": result.output,
        "rows": f"{manifest.rows:,}",
        "columns": f"{len(manifest.columns):,}",
        "files": f"{len(manifest.files):,} ({size})",
        "engine": manifest.engine + fallbacks,
        "seconds": f"{sum(manifest.seconds.values()):,.1f}",
    }
    if result.profile is not None:
        lines["profile"] = result.profile
    for name, value in lines.items():
        show_text(f"{name:<8} {value}")
