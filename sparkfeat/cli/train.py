"""`sparkfeat train`: a model from a published matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sparkfeat.cli.console import show_table, show_text, shown_progress
from sparkfeat.pipelines.config_file import read_model
from sparkfeat.pipelines.metric_table import metric_columns, metric_rows

if TYPE_CHECKING:
    from sparkfeat.pipelines.train_model import TrainResult
    from sparkfeat.storage.records import ModelManifest


def train(
    config: Annotated[str, typer.Argument(metavar="CONFIG", help="Path of a YAML file.", show_default=False)],
    run_id: Annotated[
        str | None, typer.Option(help="Name of the run; a finished one is not repeated.")
    ] = None,
    overwrite: Annotated[
        bool | None, typer.Option(help="Whether another model may be replaced.", show_default=False)
    ] = None,
) -> None:
    """Train a model on a published matrix, judge it, log it to MLflow, and publish it."""
    from sparkfeat.pipelines.train_config import TrainConfig
    from sparkfeat.pipelines.train_model import run

    settings = read_model(config, TrainConfig).override(run_id=run_id, overwrite=overwrite)
    with shown_progress() as progress:
        result = run(settings, progress=progress)
    _show(result)


def _show(result: TrainResult) -> None:
    manifest = result.manifest
    lines = {
        "run": manifest.run_id + ("" if result.computed else " (finished before)"),
        "output": result.output,
        "features": f"{len(manifest.card.features):,}",
        "report": result.report if manifest.report else "-",
        "mlflow": _tracked(manifest),
        "seconds": f"{sum(manifest.seconds.values()):,.1f}",
    }
    for name, value in lines.items():
        show_text(f"{name:<8} {value}")
    show_table(metric_columns(manifest), metric_rows(manifest), headed=True)


def _tracked(manifest: ModelManifest) -> str:
    tracking = manifest.tracking
    if tracking is None:
        return "-"
    if tracking.problem:
        return f"not complete: {tracking.problem}"
    version = (
        f", {tracking.registered}{' (champion)' if tracking.champion else ''}" if tracking.registered else ""
    )
    return f"{tracking.uri}, run {tracking.run_id}{version}"
