"""Deep feature synthesis: Featuretools' own search, on an empty twin of the schema."""

from __future__ import annotations

import warnings
from typing import Any

import featuretools as ft
from featuretools import feature_base as fb

from sparkfeat.entityset import EntitySet
from sparkfeat.errors import DefinitionError, did_you_mean


def search_features(
    entityset: EntitySet, target_dataframe_name: str, **arguments: Any
) -> list[fb.FeatureBase]:
    """Return the features that `featuretools.dfs` defines for the schema; no rows are read.

    Raises:
        SchemaError: no such target; a dataframe or column to ignore that is not there.
        DefinitionError: an unknown primitive, or arguments that Featuretools refuses.
    """
    target = entityset[target_dataframe_name]
    _check_primitives(arguments)
    for name in arguments.get("ignore_dataframes") or ():
        entityset[name]
    for name, columns in (arguments.get("ignore_columns") or {}).items():
        for column in columns:
            entityset[name].column(column)
    try:
        with warnings.catch_warnings():
            # Featuretools warns of primitives that found no column to work on; that is told below by name.
            warnings.simplefilter("ignore", FutureWarning)
            features = ft.dfs(
                entityset=entityset.schema_twin(),
                target_dataframe_name=target.name,
                features_only=True,
                **arguments,
            )
    except (ValueError, TypeError, AssertionError, KeyError, RuntimeError) as error:
        raise DefinitionError("Featuretools refuses these arguments of dfs", why=str(error)) from error
    if not features:
        raise DefinitionError(
            f"No feature can be made for '{target.name}'", hint="Add relationships, primitives or depth"
        )
    return list(features)


def _check_primitives(arguments: dict[str, Any]) -> None:
    """Check primitives given by name before Featuretools does, so that the nearest one can be named."""
    known = set(ft.primitives.get_aggregation_primitives()) | set(ft.primitives.get_transform_primitives())
    for argument in ("agg_primitives", "trans_primitives", "groupby_trans_primitives", "where_primitives"):
        for primitive in arguments.get(argument) or ():
            if isinstance(primitive, str) and primitive.lower() not in known:
                raise DefinitionError(
                    f"No primitive '{primitive}'", where=argument, hint=did_you_mean(primitive, known)
                )
