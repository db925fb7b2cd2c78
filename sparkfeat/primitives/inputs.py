"""Small SQL texts that depend on what is known of an input."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from sparkfeat.definitions.calls import Call, Input
from sparkfeat.entityset.types import BOOLEAN_TYPES, CATEGORY_TYPES, DOUBLE_TYPES, INTEGER_TYPES

INFINITY = "CAST('Infinity' AS DOUBLE)"
NAN = "CAST('NaN' AS DOUBLE)"

# Divisors of Featuretools' convert_time_units: seconds in a unit.
SECONDS = {
    "years": 31_540_000,
    "months": 2_628_000,
    "days": 86_400,
    "hours": 3_600,
    "minutes": 60,
    "seconds": 1,
    "milliseconds": 0.001,
    "nanoseconds": 0.000000001,
}


def is_integer(column: Input) -> bool:
    """Tell whether the column's SQL values are integers, not doubles."""
    return column.logical_type in INTEGER_TYPES


def kind(column: Input) -> str:
    """Return what a value can be compared with: 'number', 'text', 'time', 'pair'."""
    logical_type = column.logical_type
    if logical_type in INTEGER_TYPES | DOUBLE_TYPES | BOOLEAN_TYPES or logical_type is None:
        return "number"
    if logical_type in CATEGORY_TYPES:
        return "number" if column.numbers else "text"
    return {"Datetime": "time", "LatLong": "pair", "Timedelta": "span"}.get(logical_type, "text")


def seconds(span: str, call: Call) -> str:
    """Convert `span`, in seconds, to the call's unit as Featuretools does."""
    unit = str(call.primitive.argument("unit"))
    return f"({span}) / {SECONDS[unit]!r}" if unit != "seconds" else span


def unknown_unit(call: Call) -> str | None:
    """Refuse a unit Featuretools does not know: it raises there."""
    unit = str(call.primitive.argument("unit"))
    return None if unit in SECONDS else f"unknown unit '{unit}'"


def all_present(call: Call, value: str) -> str:
    """Give null for a group with a null row, of whatever kind, where the call does not skip nulls."""
    skips = dict(call.primitive.arguments).get("skipna", True) is True
    return value if skips else f"CASE WHEN count(x) = count(*) THEN {value} END"


def constant(call: Call, argument: str = "value") -> str:
    """Return a number among the primitive's arguments as SQL."""
    return f"({sql_literal(call.primitive.argument(argument))})"


def holds(call: Call, argument: str) -> bool:
    """Tell whether an argument of the primitive is true to Python."""
    return bool(call.primitive.argument(argument))


def no_number(*arguments: str) -> Callable[[Call], str | None]:
    """Refuse a call in which one of these arguments is no number."""

    def refuse(call: Call) -> str | None:
        given = {argument: call.primitive.argument(argument) for argument in arguments}
        wrong = [f"{name}={value!r}" for name, value in given.items() if not isinstance(value, int | float)]
        return f"{wrong[0]} is no number" if wrong else None

    return refuse


def number(name: str, column: Input) -> str:
    """Return the input as a number: booleans as 0 and 1."""
    return f"CAST({name} AS INTEGER)" if column.logical_type in BOOLEAN_TYPES else name


def rank(name: str, column: Input, dialect: str) -> str:
    """Return the sort key of a category: its place in the category list, or itself where that is sorted."""
    categories = column.categories
    if categories is None or list(categories) == sorted(
        categories, key=lambda value: (str(type(value)), value)
    ):
        return name
    listed = ", ".join(str(sql_literal(value, dialect)) for value in categories)
    if dialect == "duckdb":
        return f"list_position([{listed}], {name})"
    return f"array_position(array({listed}), {name})"


def sql_literal(value: object, dialect: str = "duckdb") -> str | None:
    """Return a Python scalar as SQL text, None where it has none; numbers are the same in both dialects."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        special = {"nan": NAN, "inf": INFINITY, "-inf": f"-{INFINITY}"}
        return special.get(repr(value), f"CAST({value!r} AS DOUBLE)")
    if isinstance(value, str):
        quoted = value.replace("'", "''")
        if dialect == "spark":
            quoted = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{quoted}'"
    return None


def one_of(value: str, texts: Sequence[str], dialect: str) -> str:
    """Return whether a text is one of many, as SQL that is parsed and planned quickly."""
    if not texts:
        return "FALSE"
    if dialect == "spark":
        return f"{value} IN ({', '.join(str(sql_literal(one, dialect)) for one in texts)})"
    used = set("".join(texts))
    between = next(one for one in (" ", "\n", *map(chr, range(1, sys.maxunicode))) if one not in used)
    return f"list_contains(string_split({sql_literal(between.join(texts))}, {sql_literal(between)}), {value})"
