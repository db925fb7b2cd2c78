"""`sparkfeat config`: the schema of a configuration, and a check of a file."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer
from pydantic import BaseModel

from sparkfeat.cli.console import show_text
from sparkfeat.pipelines.config_file import read_model

app = typer.Typer(help="What a configuration may hold, and whether one fits.", no_args_is_help=True)

Kind = Literal["compute", "train", "score", "select"]
Of = Annotated[Kind, typer.Option("--of", help="The command that reads it.")]


@app.command()
def schema(of: Of = "compute") -> None:
    """Print the JSON schema of a configuration, for editors that complete and check YAML."""
    show_text(json.dumps(_model(of).model_json_schema(), indent=2))


@app.command()
def check(
    config: Annotated[
        str, typer.Argument(metavar="CONFIG", help="Path or URI of a YAML file.", show_default=False)
    ],
    of: Of = "compute",
) -> None:
    """Check a configuration's keys and values; the data it names is not opened."""
    read_model(config, _model(of))
    show_text(f"{config}: no problems")


def _model(of: Kind) -> type[BaseModel]:
    """Return what the configuration of a command is; those of models take longer to import."""
    from sparkfeat.pipelines.config import ComputeConfig
    from sparkfeat.pipelines.score_config import ScoreConfig
    from sparkfeat.pipelines.select_config import SelectConfig
    from sparkfeat.pipelines.train_config import TrainConfig

    models: dict[Kind, type[BaseModel]] = {
        "compute": ComputeConfig,
        "train": TrainConfig,
        "score": ScoreConfig,
        "select": SelectConfig,
    }
    return models[of]
