"""Featuretools' feature objects and files as definitions."""

from __future__ import annotations

import inspect
import json
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import featuretools as ft
import pandas as pd
from featuretools import feature_base as fb
from woodwork.logical_types import Datetime

from sparkfeat.definitions import features as nodes
from sparkfeat.definitions.catalog import is_standard
from sparkfeat.definitions.duration import from_timedelta
from sparkfeat.definitions.features import Feature, Primitive, Scalar
from sparkfeat.entityset import EntitySet, Relationship
from sparkfeat.entityset.twin import read_relationship
from sparkfeat.errors import DefinitionError, SchemaError
from sparkfeat.storage.store import open_store


@dataclass(frozen=True)
class Definitions:
    """The features of one matrix, in order, as Featuretools' objects and as frozen nodes."""

    originals: tuple[fb.FeatureBase, ...]
    features: tuple[Feature, ...]

    @property
    def target(self) -> str:
        """Name of the table whose rows the features describe."""
        return self.features[0].table

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the output columns, in order."""
        return tuple(name for feature in self.features for name in feature.names)

    def original(self, feature: Feature) -> fb.FeatureBase:
        """Return the Featuretools object of one of the features."""
        return self.originals[self.features.index(feature)]


def read_features(features: Sequence[fb.FeatureBase] | str | Path, entityset: EntitySet) -> Definitions:
    """Read feature objects, or a file that `featuretools.save_features` wrote, for an EntitySet.

    Raises:
        DefinitionError: not a non-empty list of features of one table, or an unreadable file.
        SchemaError: a feature needs a table, column or relationship that the EntitySet has not.
    """
    originals = _checked(load_features(features) if isinstance(features, str | Path) else features)
    targets = {feature.dataframe_name for feature in originals}
    if len(targets) > 1:
        raise DefinitionError(
            "The features describe different dataframes",
            why=", ".join(sorted(targets)),
            hint="Compute one matrix for each of them",
        )
    reader = _Reader(entityset)
    return Definitions(tuple(originals), tuple(reader.read(feature) for feature in originals))


def _checked(features: Any) -> list[fb.FeatureBase]:
    if not isinstance(features, list | tuple) or not features:
        raise DefinitionError("features must be a non-empty list of features", hint="sf.dfs(...) makes one")
    for feature in features:
        if not isinstance(feature, fb.FeatureBase):
            raise DefinitionError(
                f"{feature!r} is no Featuretools feature", hint="sf.dfs(...) makes features"
            )
        if isinstance(feature, fb.FeatureOutputSlice):
            raise DefinitionError(
                f"'{feature.get_name()}' is a slice and cannot be requested",
                hint="Ask for the whole multi-output feature",
            )
    _check_names(features)
    return list(features)


def _check_names(features: Sequence[fb.FeatureBase]) -> None:
    """Refuse two columns of one name: nobody could tell them apart."""
    names = Counter(name for feature in features for name in feature.get_feature_names())
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise DefinitionError(
            f"{len(twice)} feature names come more than once",
            why=", ".join(repr(name) for name in twice[:3]),
            hint="Drop the duplicates, or give one of them another name: feature.rename(...)",
        )


def load_features(path: str | Path) -> list[fb.FeatureBase]:
    """Load features saved by `featuretools.save_features` or `save_features`.

    Raises:
        DefinitionError: no such file, or not a file of features.
    """
    content = open_store(path, doing="read definitions from").content("")
    if content is None:
        raise DefinitionError("No such file of feature definitions", where=str(path))
    try:
        text = content.data.decode()
        features = list(ft.load_features(text))
    except Exception as error:
        missing = isinstance(error, RuntimeError) and str(error).startswith("Primitive ")
        raise DefinitionError(
            "Not a file of feature definitions" if not missing else "A file of features needs a primitive",
            where=str(path),
            why=f"{type(error).__name__}: {error}",
            hint="Import the primitive's module before"
            if missing
            else "Write it with sf.save_features or featuretools.save_features (1.31)",
        ) from error
    _check_classes(features, text, str(path))
    return features


def _check_classes(features: Sequence[fb.FeatureBase], text: str, path: str) -> None:
    """Refuse classes that are not those of the file: Featuretools takes any of the name and package."""
    saved = json.loads(text).get("primitive_definitions", {}).values()
    named = {(one["module"], one["type"]) for one in saved}
    parts = [part for feature in features for part in (feature, *feature.get_dependencies(deep=True))]
    for given in {type(part.primitive) for part in parts if part.primitive.name is not None}:
        if not is_standard(given) and (given.__module__, given.__name__) not in named:
            wanted = ", ".join(sorted(module for module, name in named if name == given.__name__))
            raise DefinitionError(
                f"The file's primitive {given.__name__} is not the one that is loaded",
                where=path,
                why=f"It is that of {wanted}; Featuretools takes that of {given.__module__}, "
                "as it looks at names and the outermost package only",
                hint=f"Import {wanted} and not the other, or rename one of the two",
            )


def save_features(features: Sequence[fb.FeatureBase], path: str | Path) -> None:
    """Save features as JSON that `load_features` and `featuretools.load_features` read.

    Raises:
        DefinitionError: not a non-empty list of features.
        StorageError, EnvironmentProblem: the file cannot be written.
    """
    open_store(path, doing="save definitions to").put("", features_text(features).encode())


def features_text(features: Sequence[fb.FeatureBase]) -> str:
    """Return what `save_features` writes.

    Raises:
        DefinitionError: not a non-empty list of features.
    """
    text: str = ft.save_features(_checked(features))
    return text


# Table, names, logical type and semantic tags: what every kind of feature begins with.
_Common = tuple[str, tuple[str, ...], str | None, frozenset[str]]


class _Reader:
    """Reads each feature once: features that share an input share its node."""

    def __init__(self, entityset: EntitySet) -> None:
        self._entityset = entityset
        self._known: dict[tuple[str, str], Feature] = {}

    def read(self, feature: fb.FeatureBase) -> Feature:
        key = (feature.dataframe_name, feature.get_name())
        if key not in self._known:
            self._known[key] = self._make(feature)
        return self._known[key]

    def _make(self, feature: fb.FeatureBase) -> Feature:
        table = self._entityset[feature.dataframe_name]
        schema = feature.column_schema
        common = (
            table.name,
            tuple(feature.get_feature_names()),
            _type_name(feature),
            frozenset(schema.semantic_tags),
        )
        bases = tuple(self.read(base) for base in feature.base_features)
        match feature:
            case fb.IdentityFeature():
                column = table.column(feature.column_name)
                return nodes.IdentityFeature(*common, column=column.name)
            case fb.DirectFeature():
                (link,) = self._path(feature)
                return nodes.DirectFeature(*common, base=bases[0], relationship=link)
            case fb.AggregationFeature():
                return self._aggregation(feature, common, bases)
            case fb.GroupByTransformFeature():
                primitive = read_primitive(feature.primitive)
                return nodes.GroupByTransformFeature(
                    *common, primitive, bases[:-1], self.read(feature.groupby)
                )
            case fb.FeatureOutputSlice():
                return nodes.FeatureOutputSlice(*common, base=bases[0], position=feature.n)
            case fb.TransformFeature():
                return nodes.TransformFeature(*common, read_primitive(feature.primitive), bases)
        raise DefinitionError(f"Unknown kind of feature: {type(feature).__name__}", where=feature.get_name())

    def _aggregation(
        self, feature: fb.AggregationFeature, common: _Common, bases: tuple[Feature, ...]
    ) -> Feature:
        previous = feature.use_previous
        if previous is not None:
            previous = (
                from_timedelta(previous) if previous.has_no_observations() else int(previous.get_value("o"))
            )
        where = self.read(feature.where) if feature.where is not None else None
        path = self._path(feature)
        primitive = read_primitive(feature.primitive)
        return nodes.AggregationFeature(*common, primitive, bases, path, where, previous)

    def _path(self, feature: fb.FeatureBase) -> tuple[Relationship, ...]:
        links = tuple(read_relationship(link) for _, link in feature.relationship_path)
        for link in links:
            if link not in self._entityset.relationships:
                raise SchemaError(
                    f"The EntitySet has no relationship {link}",
                    where=f"feature '{feature.get_name()}'",
                    hint="Add it with add_relationship",
                )
        return links


def _type_name(feature: fb.FeatureBase) -> str | None:
    """Return the name of a feature's type: None for numbers, and where only a user's function knows it.

    Of no type are also texts of Featuretools' own primitives; Woodwork infers what they are.
    """
    schema = feature.column_schema
    if schema.logical_type is not None:
        return type(schema.logical_type).__name__
    while isinstance(feature, fb.DirectFeature):
        (feature,) = feature.base_features
    own = is_standard(type(feature.primitive))
    return "Unknown" if own and "category" in schema.semantic_tags else None


def read_primitive(primitive: Any) -> Primitive:
    """Read a primitive object: its name, all its arguments, and what Featuretools knows of it."""
    names = [name for name in inspect.signature(type(primitive).__init__).parameters if name != "self"]
    arguments = tuple((name, _frozen(getattr(primitive, name, None))) for name in names)
    return Primitive(
        primitive.name,
        arguments,
        _default(primitive),
        primitive.number_output_features,
        bool(getattr(primitive, "uses_full_dataframe", False)),
        bool(primitive.uses_calc_time),
        None if is_standard(type(primitive)) else type(primitive),
    )


def _default(primitive: Any) -> Scalar:
    """Return the default value, every kind of null as None; no number is a time in the matrix."""
    value, made = primitive.default_value, primitive.return_type
    if made is not None and isinstance(made.logical_type, Datetime):
        return None
    return None if value is None or value is pd.NA or pd.isna(value) else value


def _frozen(value: Any) -> Hashable:
    """Return `value`, lists and sets as tuples."""
    if isinstance(value, set | frozenset):
        return tuple(sorted(value, key=repr))
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    return value if isinstance(value, Hashable) else repr(value)
