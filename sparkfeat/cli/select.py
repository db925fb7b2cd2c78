"""`sparkfeat select`: which features are worth computing for all instances."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from sparkfeat.cli.console import show_text, shown_progress
from sparkfeat.pipelines.config_file import read_model

if TYPE_CHECKING:
    from sparkfeat.pipelines.select_features import SelectResult


def select(
    config: Annotated[
        str, typer.Argument(metavar="CONFIG", help="YAML: compute, label, output, rules.", show_default=False)
    ],
) -> None:
    """Compute the features of some instances and write the definitions of those worth computing for all."""
    from sparkfeat.pipelines.select_config import SelectConfig
    from sparkfeat.pipelines.select_features import run

    settings = read_model(config, SelectConfig)
    with shown_progress() as progress:
        result = run(settings, progress=progress)
    _show(result)


def _show(result: SelectResult) -> None:
    from sparkfeat.pipelines.select_picture import WORDS

    found = result.selection
    counted = Counter(one.rule for one in found.decisions)
    show_text(f"{len(found.kept)} of {len(found.decisions)} features stay, by {found.rows:,} rows")
    for rule, words in WORDS.items():
        if rule and counted[rule]:
            show_text(f"{counted[rule]:>6} {words}")
    for name, why in found.suspicious.items():
        show_text(f"suspicious: {name}: {why}")
    if found.seconds_before:
        show_text(f"seconds: {found.seconds_after:,.2f} of {found.seconds_before:,.2f} on the pilot")
    show_text(f"definitions: {result.definitions}")
