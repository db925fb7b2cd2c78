"""What sparkfeat's own primitives have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from featuretools.primitives import AggregationPrimitive, TransformPrimitive
from featuretools.utils import convert_time_units
from woodwork.column_schema import ColumnSchema
from woodwork.logical_types import Boolean, BooleanNullable, Datetime, Double, IntegerNullable

from sparkfeat.errors import DefinitionError

Function = Callable[..., Any]
Inputs = list[Any]

NUMBER = ColumnSchema(semantic_tags={"numeric"})
CATEGORY = ColumnSchema(semantic_tags={"category"})
KEY = ColumnSchema(semantic_tags={"foreign_key"})
TIME = ColumnSchema(logical_type=Datetime)
TIME_INDEX = ColumnSchema(logical_type=Datetime, semantic_tags={"time_index"})
FLAGS = (ColumnSchema(logical_type=Boolean), ColumnSchema(logical_type=BooleanNullable))
DOUBLE = ColumnSchema(logical_type=Double, semantic_tags={"numeric"})
COUNT = ColumnSchema(logical_type=IntegerNullable, semantic_tags={"numeric"})

UNITS = ("years", "months", "days", "hours", "minutes", "seconds", "milliseconds", "nanoseconds")


class OwnAggregation(AggregationPrimitive):  # type: ignore[misc]
    """An aggregation that Featuretools does not have.

    All of them take the cutoff time: of functions that do not, Featuretools casts the results back to the
    type of the input (`Int64`, a category) wherever that happens to be possible.
    """

    uses_calc_time = True
    stack_on_self = False


class OwnTransform(TransformPrimitive):  # type: ignore[misc]
    """A transform that Featuretools does not have: of all rows that are visible, strictly earlier ones only.

    `looks_back` tells the plan that later rows never change a row's value.
    """

    uses_full_dataframe = True
    looks_back = True
    stack_on_self = False


def numbers(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return numbers or booleans as doubles, every kind of null as NaN."""
    return values.astype("float64")


def complete(values: pd.Series[Any], times: pd.Series[Any]) -> tuple[Any, pd.Series[Any]]:
    """Return the values as an array of doubles, and the times, of the rows that have both."""
    value = numbers(values)
    both = value.notna() & times.notna()
    return value[both].to_numpy(), times[both]


def checked_span(span: Any, argument: str) -> str:
    """Return a span of time of fixed length as text that `micros_of` reads.

    Raises:
        DefinitionError: it is something else, or not positive.
    """
    try:
        text = span if isinstance(span, str) else str(pd.Timedelta(span))
        positive = micros_of(text) > 0
    except (ValueError, TypeError) as error:
        raise _no_span(span, argument, str(error)) from error
    if not positive:
        raise _no_span(span, argument, "It is not positive")
    return text


def _no_span(span: Any, argument: str, why: str) -> DefinitionError:
    return DefinitionError(
        f"Cannot use {argument}={span!r}",
        why=why,
        hint="Give a span of fixed length: '7 days', '12 hours', pandas.Timedelta(...)",
    )


def micros_of(span: str) -> int:
    """Return a span of time in microseconds."""
    return int(pd.Timedelta(span).value) // 1000


def checked_unit(unit: str) -> str:
    """Return a unit of time.

    Raises:
        DefinitionError: Featuretools does not know it.
    """
    if unit not in UNITS:
        raise DefinitionError(f"No unit '{unit}'", hint=f"Known: {', '.join(UNITS)}")
    return unit


def checked_number(value: Any, argument: str, least: float, most: float) -> float:
    """Return a number within bounds.

    Raises:
        DefinitionError: it is none.
    """
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise DefinitionError(
            f"Cannot use {argument}={value!r}", hint=f"Give a number from {least} to {most}"
        )
    return value


def checked_count(value: Any, argument: str, most: int) -> int:
    """Return a whole number from 1.

    Raises:
        DefinitionError: it is none, or too large.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise DefinitionError(
            f"Cannot use {argument}={value!r}", hint=f"Give a whole number from 1 to {most}"
        )
    return value


def in_unit(seconds: float, unit: str) -> float:
    """Return seconds in another unit, as Featuretools converts them."""
    return float(convert_time_units(seconds, unit))
