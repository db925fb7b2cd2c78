"""`sparkfeat demo`: a made-up shop, its features on two engines, and a model that uses them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sparkfeat.cli.console import output


def demo(
    folder: Annotated[Path, typer.Option("--output", help="Folder for the data and the results.")] = Path(
        "out/demo"
    ),
    customers: Annotated[int, typer.Option(min=1, help="How many customers the shop has.")] = 2_000,
    seed: Annotated[int, typer.Option(help="The same seed makes the same shop.")] = 0,
) -> None:
    """Make a shop's data, compute its features on DuckDB and Spark, compare them, train a model, use it."""
    from sparkfeat.pipelines.demo import run

    run(folder, customers, seed, output())
