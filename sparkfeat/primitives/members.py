"""Membership in a list in SQL: which values of the list count is asked of pandas itself.

What equals what depends on the column's dtype at run time and on the whole list: True is 1, None is a
missing value in some dtypes only. So the values that a column can hold are tried when the query is planned.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from sparkfeat.definitions.calls import Call, Input
from sparkfeat.entityset.types import BOOLEAN_TYPES, INTEGER_TYPES
from sparkfeat.primitives.inputs import kind, sql_literal
from sparkfeat.primitives.rows import Template

_BEYOND_INTEGERS = 2**63
_OF_KIND = {"time": "datetime64[ns]", "span": "timedelta64[ns]"}


def is_in(dialect: str) -> Template:
    """Return the text that tells whether x is in the list; a null is or is not, never null."""

    def text(call: Call) -> str:
        column, listed = call.inputs[0], _listed(call)
        null = sql_literal(_tried([math.nan], column, listed, nulls=True)[0])
        equal = _equal(column, _members(column, listed), dialect)
        return f"CASE WHEN x IS NULL THEN {null} ELSE coalesce({equal}, FALSE) END"

    return text


def no_list(call: Call) -> str | None:
    """Refuse what is no list, and categories that have no SQL literal."""
    given = call.primitive.argument("list_of_outputs")
    if given is not None and not isinstance(given, tuple):
        return f"list_of_outputs={given!r} is no list"
    strange = (value for value in call.inputs[0].categories or () if sql_literal(value) is None)
    return next((f"a category of type {type(value).__name__} has no SQL literal" for value in strange), None)


def _listed(call: Call) -> list[Any]:
    given = call.primitive.argument("list_of_outputs")
    return list(given) if isinstance(given, tuple) else []


def _members(column: Input, listed: list[Any]) -> list[Any]:
    """Return the values of the column's kind that pandas finds in the list."""
    values = list(dict.fromkeys(_possible(column, listed)))
    tried = _tried(values, column, listed)
    return [value for value, found in zip(values, tried, strict=True) if found]


def _tried(values: list[Any], column: Input, listed: list[Any], *, nulls: bool = False) -> list[bool]:
    if column.categorical:
        categories = values if column.categories is None else list(column.categories)
        series = pd.Series(pd.Categorical(values, categories=[] if nulls else categories))
    else:
        series = pd.Series(values, dtype=_dtype(column, nulls=nulls))
    with warnings.catch_warnings():
        # That texts will stop being times in some later pandas is for its user to hear, not for ours.
        warnings.simplefilter("ignore", FutureWarning)
        return [bool(found) for found in series.isin(listed)]


def _dtype(column: Input, *, nulls: bool) -> str:
    """Return the dtype that the column has when Featuretools computes; plain ones change with nulls."""
    if kind(column) == "number":
        masked, plain, with_nulls = _numeric_dtypes(column)
        return masked if column.masked else with_nulls if nulls else plain
    return "string" if column.masked else _OF_KIND.get(kind(column), "object")


def _numeric_dtypes(column: Input) -> tuple[str, str, str]:
    if column.logical_type in BOOLEAN_TYPES:
        return "boolean", "bool", "object"
    if column.logical_type in INTEGER_TYPES:
        return "Int64", "int64", "float64"
    return "Float64", "float64", "float64"


def _possible(column: Input, listed: Iterable[Any]) -> list[Any]:
    """Return what a column may hold of a list, as the column holds it."""
    if column.categories is not None:
        return list(column.categories)
    convert = _CONVERT[kind(column)]
    found = (convert(value.item() if isinstance(value, np.generic) else value, column) for value in listed)
    return [value for value in found if value is not None]


def _number(value: Any, column: Input) -> bool | int | float | None:
    if not isinstance(value, bool | int | float) or math.isnan(value):
        return None
    if column.logical_type in BOOLEAN_TYPES:
        return bool(value)
    if column.logical_type not in INTEGER_TYPES:
        return float(value)
    whole = abs(value) < _BEYOND_INTEGERS and value == int(value)
    return int(value) if whole else None


def _text(value: Any, _: Input) -> str | None:
    return value if isinstance(value, str) else None


def _time(value: Any, _: Input) -> pd.Timestamp | None:
    found = _parsed(pd.Timestamp, value)
    # A time with a zone is none of a column without, and no engine holds nanoseconds.
    fits = isinstance(found, pd.Timestamp) and found.tz is None and found.nanosecond == 0
    return found if fits else None


def _span(value: Any, _: Input) -> pd.Timedelta | None:
    found = _parsed(pd.Timedelta, value)
    return found if isinstance(found, pd.Timedelta) and found.nanoseconds == 0 else None


def _parsed(parse: Callable[[Any], Any], value: Any) -> Any:
    """Return what pandas reads in a value, None where it reads nothing."""
    try:
        return parse(value)
    except (TypeError, ValueError):
        return None


def _pair(value: Any, _: Input) -> tuple[float, float] | None:
    numbers = (
        isinstance(value, tuple) and len(value) == 2 and all(isinstance(each, int | float) for each in value)
    )
    return (float(value[0]), float(value[1])) if numbers else None


_CONVERT: dict[str, Callable[[Any, Input], Any]] = {
    "number": _number,
    "text": _text,
    "time": _time,
    "span": _span,
    "pair": _pair,
}


def _equal(column: Input, values: list[Any], dialect: str) -> str:
    if not values:
        return "FALSE"
    if kind(column) == "pair":
        return " OR ".join(f"({_at(latitude, longitude)})" for latitude, longitude in values)
    return f"x IN ({', '.join(_literal(value, dialect) for value in values)})"


def _literal(value: Any, dialect: str) -> str:
    if isinstance(value, pd.Timestamp):
        return f"CAST('{value}' AS {'TIMESTAMP_NTZ' if dialect == 'spark' else 'TIMESTAMP'})"
    if isinstance(value, pd.Timedelta):
        return str(value.value // 1000)
    return str(sql_literal(value, dialect))


def _at(latitude: float, longitude: float) -> str:
    parts = (("latitude", latitude), ("longitude", longitude))
    return " AND ".join(
        f"(x).{name} IS NULL" if math.isnan(value) else f"(x).{name} = {sql_literal(value)}"
        for name, value in parts
    )
