"""`sparkfeat features`: the features of a configuration or definitions file, listed, described, drawn."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.tree import Tree

from sparkfeat.cli.console import show_table, show_text, show_tree

if TYPE_CHECKING:
    from sparkfeat.definitions import Feature

app = typer.Typer(help="List, describe or draw features.", no_args_is_help=True)

Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", help="A configuration, or a .json file of save_features.", show_default=False
    ),
]
Name = Annotated[str, typer.Argument(metavar="FEATURE", help="Name of a feature.", show_default=False)]


@app.command("list")
def list_features(source: Source) -> None:
    """List the features: name, logical type, and how each is made."""
    from sparkfeat.pipelines.definitions import kind_of, read_definitions, say

    features = read_definitions(source).features
    rows = [(name, kind_of(feature), say(feature)) for feature in features for name in feature.names]
    show_table(("feature", "type", "made of"), rows)


@app.command()
def describe(source: Source, name: Name) -> None:
    """Say how a feature is made, step by step down to the tables' columns."""
    from sparkfeat.pipelines.definitions import find_feature, read_definitions

    show_tree(_tree(find_feature(read_definitions(source), name)))


@app.command()
def graph(
    source: Source,
    name: Name,
    file: Annotated[
        Path | None,
        typer.Option("--output", help="PNG file to write. Default: the feature's name.", show_default=False),
    ] = None,
) -> None:
    """Draw how a feature is made, from the tables' columns to the feature, as a PNG picture."""
    from sparkfeat.pipelines.definitions import find_feature, read_definitions
    from sparkfeat.pipelines.feature_picture import draw_feature

    feature = find_feature(read_definitions(source), name)
    file = file or Path(re.sub(r"\W+", "_", feature.name).strip("_") + ".png")
    draw_feature(feature, file)
    show_text(str(file))


def _tree(feature: Feature) -> Tree:
    from sparkfeat.pipelines.definitions import kind_of, say

    kind = f"{kind_of(feature)}, in {feature.table}"
    tree = Tree(f"[bold]{escape(feature.name)}[/] [dim]{escape(kind)}[/]\n{escape(say(feature))}")
    for base in feature.inputs:
        tree.children.append(_tree(base))
    return tree
