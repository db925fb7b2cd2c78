"""A primitive applied to columns: what a plan holds and a primitive's row turns into SQL."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from sparkfeat.definitions.dtypes import is_masked
from sparkfeat.definitions.features import (
    Default,
    DirectFeature,
    Feature,
    FeatureOutputSlice,
    GroupByTransformFeature,
    IdentityFeature,
    Primitive,
    primitive_of,
)
from sparkfeat.entityset import Column, EntitySet
from sparkfeat.entityset.types import CATEGORY_TYPES


@dataclass(frozen=True)
class Input:
    """One input of a primitive: its column and what is known of its values.

    `masked`: nulls are NA rather than NaN (see `dtypes`). `categorical`: the values have pandas' category
    dtype. `categories`: the values in category order, where that is known. `origin`: name of the
    primitive that made the values or, of a table's own, chose among them; None for a column as it is.
    `numbers`: the values are known to be numbers, whatever the logical type. `custom`: made by a user's
    primitive, so that nothing is known of the values beyond their logical type.
    """

    alias: str
    logical_type: str | None
    masked: bool = False
    categorical: bool = False
    categories: tuple[Hashable, ...] | None = None
    origin: str | None = None
    numbers: bool = False
    custom: bool = False


@dataclass(frozen=True)
class Call:
    """One primitive applied to columns, giving the column `alias`.

    `groupby` is the column whose groups a transform works in; `default` replaces null results;
    `logical_type` is that of the results, None where Featuretools leaves it open.
    """

    alias: str
    primitive: Primitive
    inputs: tuple[Input, ...]
    groupby: str | None = None
    default: Default = None
    logical_type: str | None = None


OUTPUT = "[]"
"""Name of what takes one output of a multi-output feature: no primitive of Featuretools."""


def output_at(position: int) -> Primitive:
    """Return what takes the output at a position, from 0."""
    return Primitive(OUTPUT, (("position", position),))


# Primitives that return values of their input unchanged.
_CHOOSE_A_VALUE = frozenset({"first", "last", "mode", "lag"})
_PASS_ON_VALUES = _CHOOSE_A_VALUE | {"n_most_common"}
# Primitives that give numbers as categories.
_GIVE_NUMBERS = frozenset(
    {
        "day",
        "day_of_year",
        "days_in_month",
        "hour",
        "minute",
        "month",
        "n_most_common_frequency",
        "quarter",
        "second",
        "week",
        "weekday",
        "year",
    }
)


def input_of(feature: Feature, alias: str, entityset: EntitySet) -> Input:
    """Describe a feature as the input of a primitive, held in the column `alias`."""
    source = feature
    while isinstance(source, DirectFeature | FeatureOutputSlice):
        source = source.base
    primitive = primitive_of(source)
    column = _column_of(feature, entityset)
    return Input(
        alias,
        feature.logical_type,
        is_masked(feature),
        column is not None and column.logical_type in CATEGORY_TYPES,
        column.categories if column else None,
        _origin(feature),
        _gives_numbers(feature, entityset),
        primitive is not None and not primitive.standard,
    )


def _gives_numbers(feature: Feature, entityset: EntitySet) -> bool:
    """Tell whether a category's values are known to be numbers."""
    source = feature
    while isinstance(source, DirectFeature | FeatureOutputSlice) or _made_of(source) & _PASS_ON_VALUES:
        source = source.inputs[0]
    if not isinstance(source, IdentityFeature):
        return bool(_made_of(source) & _GIVE_NUMBERS)
    listed = entityset[source.table].column(source.column).categories
    return bool(listed) and all(isinstance(value, int | float) for value in listed or ())


def _made_of(feature: Feature) -> set[str]:
    """Return the name of a feature's primitive, where it is one of Featuretools' own."""
    primitive = primitive_of(feature)
    return {primitive.name} if primitive is not None and primitive.standard else set()


def _origin(feature: Feature) -> str | None:
    """Return the primitive that computed the values; of a table's own, the one that chose among them.

    The name of a user's class is no name of Featuretools'.
    """
    while isinstance(feature, DirectFeature | FeatureOutputSlice):
        feature = feature.base
    primitive = primitive_of(feature)
    if primitive is None or primitive.custom is None:
        below = _origin(feature.inputs[0]) if _chooses(feature) else None
        return below or (primitive.name if primitive else None)
    return f"{primitive.custom.__module__}.{primitive.custom.__qualname__}"


def categories_of(feature: Feature, entityset: EntitySet) -> tuple[Hashable, ...] | None:
    """Return the category list of the column a feature's values are taken from, None where there is none."""
    column = _column_of(feature, entityset)
    return column.categories if column else None


def _column_of(feature: Feature, entityset: EntitySet) -> Column | None:
    """Return the column of a table that a feature's values are taken from, None where they are computed."""
    source = feature
    while isinstance(source, DirectFeature) or _chooses(source):
        source = source.inputs[0]
    return entityset[source.table].column(source.column) if isinstance(source, IdentityFeature) else None


def _chooses(feature: Feature) -> bool:
    if isinstance(feature, GroupByTransformFeature):
        # Its values are written into a plain column: the category list is lost.
        return False
    return bool(_made_of(feature) & _CHOOSE_A_VALUE)
