"""`sparkfeat config`: the configuration's schema, and a check of a file."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from sparkfeat.cli.console import show_text
from sparkfeat.pipelines.config import ComputeConfig
from sparkfeat.pipelines.config_file import read_config

app = typer.Typer(help="What a configuration may hold, and whether one fits.", no_args_is_help=True)


@app.command()
def schema() -> None:
    """Print the JSON schema of the configuration, for editors that complete and check YAML."""
    show_text(json.dumps(ComputeConfig.model_json_schema(), indent=2))


@app.command()
def check(
    config: Annotated[
        str, typer.Argument(metavar="CONFIG", help="Path or URI of a YAML file.", show_default=False)
    ],
) -> None:
    """Check a configuration's keys and values; the data it names is not opened."""
    read_config(config)
    show_text(f"{config}: no problems")
