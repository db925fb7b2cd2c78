"""A primitive applied to columns: what a plan holds and a primitive's row turns into SQL."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from sparkfeat.definitions.dtypes import is_masked
from sparkfeat.definitions.features import (
    DirectFeature,
    Feature,
    GroupByTransformFeature,
    IdentityFeature,
    Primitive,
    Scalar,
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
    """

    alias: str
    logical_type: str | None
    masked: bool = False
    categorical: bool = False
    categories: tuple[Hashable, ...] | None = None
    origin: str | None = None


@dataclass(frozen=True)
class Call:
    """One primitive applied to columns, giving the column `alias`.

    `groupby` is the column whose groups a transform works in; `default` replaces null results.
    """

    alias: str
    primitive: Primitive
    inputs: tuple[Input, ...]
    groupby: str | None = None
    default: Scalar = None


# Primitives that return values of their input unchanged.
_CHOOSE_A_VALUE = frozenset({"first", "last", "mode", "lag"})


def input_of(feature: Feature, alias: str, entityset: EntitySet) -> Input:
    """Describe a feature as the input of a primitive, held in the column `alias`."""
    column = _column_of(feature, entityset)
    return Input(
        alias,
        feature.logical_type,
        is_masked(feature),
        column is not None and column.logical_type in CATEGORY_TYPES,
        column.categories if column else None,
        _origin(feature),
    )


def _origin(feature: Feature) -> str | None:
    """Return the primitive that computed the values; of a table's own, the one that chose among them."""
    while isinstance(feature, DirectFeature):
        feature = feature.base
    primitive = primitive_of(feature)
    below = _origin(feature.inputs[0]) if _chooses(feature) else None
    return below or (primitive.name if primitive else None)


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
    primitive = primitive_of(feature)
    return primitive is not None and primitive.standard and primitive.name in _CHOOSE_A_VALUE
