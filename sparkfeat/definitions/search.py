"""Deep feature synthesis: Featuretools' own search, on an empty twin of the schema."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from inspect import signature
from typing import Any

import featuretools as ft
from featuretools import feature_base as fb

from sparkfeat.definitions.own import OWN
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
    arguments |= {name: _named(arguments[name], name) for name in _PRIMITIVES if arguments.get(name)}
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


_PRIMITIVES = ("agg_primitives", "trans_primitives", "groupby_trans_primitives", "where_primitives")


def _named(primitives: Sequence[Any], argument: str) -> list[Any]:
    """Return the primitives with the classes of sparkfeat's own in place of their names.

    Names are checked before Featuretools does, so that the nearest one can be named.
    """
    theirs = set(ft.primitives.get_aggregation_primitives()) | set(ft.primitives.get_transform_primitives())
    return [_resolved(one, argument, theirs) if isinstance(one, str) else one for one in primitives]


def _resolved(name: str, argument: str, theirs: set[str]) -> Any:
    if name.lower() in theirs:
        return name
    primitive = OWN.get(name.lower())
    if primitive is None:
        raise DefinitionError(
            f"No primitive '{name}'", where=argument, hint=did_you_mean(name, theirs | set(OWN))
        )
    if any(one.default is one.empty for one in signature(primitive).parameters.values()):
        raise DefinitionError(
            f"'{name}' needs arguments",
            where=argument,
            hint=f"Give an instance: sparkfeat.primitives.{primitive.__name__}(...)",
        )
    return primitive
