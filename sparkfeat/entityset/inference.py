"""The logical types of stored columns: as told, else by the schema, else by a sample of the values."""

from __future__ import annotations

import warnings
from collections.abc import Hashable
from typing import Any

import pandas as pd
import pyarrow as pa
import woodwork as ww

from sparkfeat.entityset.options import TableOptions
from sparkfeat.entityset.schema import Column
from sparkfeat.entityset.sources import Source
from sparkfeat.entityset.types import LOGICAL_TYPES, is_list, is_place, logical_type_of, standard_tags
from sparkfeat.errors import SchemaError, did_you_mean


def infer_columns(source: Source, options: TableOptions, full: frozenset[str]) -> tuple[Column, ...]:
    """Type the columns of a stored table: as told, else by the schema, else (text) by a sample.

    `full` names the columns known to hold no null.
    """
    types: dict[str, str | None] = {
        field.name: logical_type_of(field.type, nullable=field.name not in full) for field in source.schema
    }
    types |= {
        name: type_name(given, f"{options.where}, '{name}'") for name, given in options.logical_types.items()
    }
    for field in source.schema:
        _check_stored(field, types[field.name], options)
    open_ones = [name for name, logical_type in types.items() if logical_type is None]
    if open_ones:
        sample = source.sample(open_ones).to_pandas()
        types |= {name: _inferred(sample[name]) for name in open_ones}
    return tuple(
        make_column(
            name, str(logical_type), options, ordinal_order(options.logical_types.get(name), name, options)
        )
        for name, logical_type in types.items()
    )


def _check_stored(field: pa.Field, logical_type: str | None, options: TableOptions) -> None:
    """Refuse values that no logical type is made of: bytes, and what is nested but no place.

    Raises:
        SchemaError: such a column.
    """
    binary = pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type)
    nested = pa.types.is_nested(field.type) and not pa.types.is_dictionary(field.type)
    place = logical_type == "LatLong" and (is_place(field.type) or is_list(field.type))
    if binary or (nested and not place):
        raise SchemaError(
            f"No logical type holds values stored as {field.type}",
            where=f"{options.where}, column '{field.name}'",
            hint="Leave the column out, or turn it into text; places are lists of two numbers or structs of"
            " latitude and longitude, of logical type LatLong",
        )


def _inferred(values: pd.Series[Any]) -> str:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Could not infer format", UserWarning)
        return type(ww.type_system.infer_logical_type(values)).__name__


def type_name(given: Any, where: str) -> str:
    """Return Woodwork's class name of a logical type given as a name, a class or an instance.

    Raises:
        SchemaError: no such type.
    """
    if isinstance(given, str):
        names = {name.casefold(): name for name in LOGICAL_TYPES}
        found = names.get(given.replace("_", "").casefold())
    else:
        found = (given if isinstance(given, type) else type(given)).__name__
    if found not in LOGICAL_TYPES:
        raise SchemaError(
            f"No logical type '{given}'", where=where, hint=did_you_mean(str(given), LOGICAL_TYPES)
        )
    return found


def ordinal_order(given: Any, name: str, options: TableOptions) -> tuple[Hashable, ...] | None:
    """Return the order of an Ordinal, None for every other type.

    Raises:
        SchemaError: no such type; an Ordinal without an order.
    """
    if given is None or type_name(given, f"{options.where}, '{name}'") != "Ordinal":
        return None
    order = getattr(given, "order", None)
    if not order:
        raise SchemaError(
            "An Ordinal needs an order",
            where=f"{options.where}, column '{name}'",
            hint="Give woodwork.logical_types.Ordinal(order=[...])",
        )
    return tuple(order)


def make_column(
    name: str, logical_type: str, options: TableOptions, categories: tuple[Hashable, ...] | None
) -> Column:
    """Return a column with its tags: those given, those of its type, those of its role."""
    given = options.semantic_tags.get(name, ())
    tags = frozenset({given} if isinstance(given, str) else given)
    if name == options.index:
        # Woodwork takes the standard tags off an index: it is neither numeric nor a category.
        return Column(name, logical_type, tags | {"index"}, (), categories)
    if name == options.time_index:
        tags |= {"time_index"}
    return Column(name, logical_type, tags | standard_tags(logical_type), (), categories)
