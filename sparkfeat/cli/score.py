"""`sparkfeat score`: predictions of a trained model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sparkfeat.cli.console import show_text, shown_progress
from sparkfeat.pipelines.config_file import read_model

if TYPE_CHECKING:
    from sparkfeat.pipelines.score_model import ScoreResult


def score(
    config: Annotated[str, typer.Argument(metavar="CONFIG", help="Path of a YAML file.", show_default=False)],
    run_id: Annotated[
        str | None, typer.Option(help="Name of the run; a finished one is not repeated.")
    ] = None,
    overwrite: Annotated[
        bool | None, typer.Option(help="Whether other predictions may be replaced.", show_default=False)
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compute rows of the training again first; they must be equal.")
    ] = False,
) -> None:
    """Compute features by a model's own definitions, predict, and publish the predictions."""
    from sparkfeat.pipelines.score_config import ScoreConfig
    from sparkfeat.pipelines.score_model import run

    settings = read_model(config, ScoreConfig).override(run_id=run_id, overwrite=overwrite, check=check)
    with shown_progress() as progress:
        result = run(settings, progress=progress)
    _show(result)


def _show(result: ScoreResult) -> None:
    manifest = result.manifest
    cutoffs = {manifest.first_cutoff, manifest.last_cutoff} - {None}
    lines = {
        "run": manifest.run_id + ("" if result.computed else " (finished before)"),
        "output": result.output,
        "rows": f"{manifest.rows:,}",
        "model": f"{manifest.model.uri}, version {manifest.model.version}",
        "cutoffs": " to ".join(sorted(str(one) for one in cutoffs)) or "-",
        "checked": "-" if manifest.checked is None else f"{manifest.checked:,} rows of the training",
        "seconds": f"{sum(manifest.seconds.values()):,.1f}",
    }
    for name, value in lines.items():
        show_text(f"{name:<8} {value}")
