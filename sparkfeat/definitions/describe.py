"""Features in words and as a graph, by Featuretools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import featuretools as ft
from featuretools import feature_base as fb

from sparkfeat.errors import DefinitionError, EnvironmentProblem, MissingInputError, UserInputError


def describe_feature(
    feature: fb.FeatureBase,
    feature_descriptions: dict[Any, str] | None = None,
    primitive_templates: dict[Any, Any] | None = None,
    metadata_file: str | Path | None = None,
) -> str:
    """Say in an English sentence what a feature is. Takes the arguments of `featuretools.describe_feature`.

    Args:
        feature: a Featuretools feature, made or loaded.
        feature_descriptions: texts for features, by feature or by "dataframe: name".
        primitive_templates: texts for primitives, by primitive or name.
        metadata_file: JSON file with "feature_descriptions" and "primitive_templates".

    Raises:
        DefinitionError: not a feature.
        MissingInputError: no such metadata file.
    """
    _check(feature)
    file = None if metadata_file is None else str(metadata_file)
    try:
        return str(ft.describe_feature(feature, feature_descriptions, primitive_templates, file))
    except FileNotFoundError as error:
        raise MissingInputError("No such file of descriptions", where=str(metadata_file)) from error


def graph_feature(
    feature: fb.FeatureBase, to_file: str | Path | None = None, description: bool | str = False, **kwargs: Any
) -> Any:
    """Draw how a feature is made with Graphviz. Takes the arguments of `featuretools.graph_feature`.

    Args:
        feature: a Featuretools feature, made or loaded.
        to_file: picture to write; its ending says the format.
        description: a caption; True for the feature's description.
        kwargs: arguments of `describe_feature`.

    Returns:
        graphviz.Digraph: the graph, which notebooks show.

    Raises:
        DefinitionError: not a feature.
        EnvironmentProblem: Graphviz is not installed.
        UserInputError: a file without an ending, or of an unknown format.
    """
    _check(feature)
    try:
        return ft.graph_feature(feature, None if to_file is None else str(to_file), description, **kwargs)
    except (ImportError, RuntimeError) as error:
        raise EnvironmentProblem(
            "A feature cannot be drawn",
            why="Graphviz is not installed: the Python package graphviz, or the program dot that it calls",
            hint="Install both, or use `sparkfeat features graph`, which needs neither",
        ) from error
    except ValueError as error:
        raise UserInputError(f"Cannot draw into '{to_file}'", why=str(error)) from error


def _check(feature: Any) -> None:
    if not isinstance(feature, fb.FeatureBase):
        raise DefinitionError(f"{feature!r} is no Featuretools feature", hint="sf.dfs(...) makes features")
