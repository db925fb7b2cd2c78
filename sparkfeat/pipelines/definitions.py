"""Feature definitions for people: found in a file, said in words."""

from __future__ import annotations

from pathlib import Path

from sparkfeat.definitions import (
    AggregationFeature,
    Definitions,
    DirectFeature,
    Duration,
    Feature,
    FeatureOutputSlice,
    GroupByTransformFeature,
    IdentityFeature,
    Primitive,
    TransformFeature,
    load_features,
    read_features,
)
from sparkfeat.entityset import EntitySet
from sparkfeat.errors import DefinitionError, did_you_mean
from sparkfeat.pipelines.build import build_entityset, find_features
from sparkfeat.pipelines.config_file import read_config


def read_definitions(source: str) -> Definitions:
    """Return the features of a configuration, or of a file that `save_features` wrote.

    Args:
        source: path of a .json file of definitions, else of a configuration.

    Raises:
        UserInputError: neither can be read.
    """
    if Path(source).suffix == ".json":
        saved = load_features(source)
        return read_features(saved, EntitySet.from_featuretools(saved[0].entityset))
    config = read_config(source)
    entityset = build_entityset(config.entityset)
    return read_features(find_features(config, entityset), entityset)


def find_feature(definitions: Definitions, name: str) -> Feature:
    """Return the feature of that name; a multi-output feature has the name of any of its columns.

    Raises:
        DefinitionError: there is none; names the nearest.
    """
    for feature in definitions.features:
        if name in feature.names:
            return feature
    raise DefinitionError(f"No feature '{name}'", hint=did_you_mean(name, definitions.names))


def kind_of(feature: Feature) -> str:
    """Return the logical type, or the semantic tags where Featuretools leaves the type open."""
    return feature.logical_type or ", ".join(sorted(feature.semantic_tags))


def say(feature: Feature) -> str:
    """Say in a sentence how a feature is made from its inputs."""
    match feature:
        case IdentityFeature():
            return f"the column {feature.column}"
        case DirectFeature(base=base, relationship=link):
            return f"{base.name} of the row of {link.parent} that {link.child_column} points at"
        case AggregationFeature(path=path):
            through = ", ".join(link.child for link in path[:-1])
            rows = f"the rows of {path[-1].child}" + (
                f" that belong to it through {through}" if through else ""
            )
            return f"{call(feature.primitive, feature.bases)} over {rows}{condition(feature)}"
        case GroupByTransformFeature(groupby=groupby):
            return f"{call(feature.primitive, feature.bases)} among the rows with the same {groupby.name}"
        case TransformFeature():
            return f"{call(feature.primitive, feature.bases)} of the same row"
        case FeatureOutputSlice(base=base, position=position):
            return f"output {position} of {base.name}"
    raise DefinitionError(f"A {type(feature).__name__} cannot be described", where=feature.name)


def call(primitive: Primitive, bases: tuple[Feature, ...]) -> str:
    """Write a primitive with its arguments and inputs, e.g. "lag(periods=1) of amount"."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in primitive.arguments)
    inputs = " and ".join(base.name for base in bases)
    return f"{primitive.name}({arguments}) of {inputs}" if arguments else f"{primitive.name} of {inputs}"


def condition(feature: AggregationFeature) -> str:
    """Say which of the rows an aggregation is restricted to; empty for all."""
    text = f" where {feature.where.name}" if feature.where else ""
    if isinstance(feature.use_previous, Duration):
        return f"{text}, within {feature.use_previous} before the cutoff"
    return f"{text}, the last {feature.use_previous} of them" if feature.use_previous else text
