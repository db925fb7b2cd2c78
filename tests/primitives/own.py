"""Primitives as users write them, each with the SQL that it can be given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from featuretools.primitives import AggregationPrimitive, TransformPrimitive
from woodwork.column_schema import ColumnSchema
from woodwork.logical_types import BooleanNullable, Datetime

import sparkfeat as sf

NUMBER = ColumnSchema(semantic_tags={"numeric"})
TIME = ColumnSchema(logical_type=Datetime)
Function = Callable[..., Any]


class Spread(AggregationPrimitive):  # type: ignore[misc]
    """The distance from the least to the greatest value."""

    name = "spread"
    input_types = [NUMBER]  # noqa: RUF012
    return_type = NUMBER

    def get_function(self) -> Function:
        return lambda values: values.max() - values.min()


class AboveMean(AggregationPrimitive):  # type: ignore[misc]
    """How many values are above the mean: SQL needs the mean first."""

    name = "above_mean"
    input_types = [NUMBER]  # noqa: RUF012
    return_type = NUMBER
    default_value = 0

    def get_function(self) -> Function:
        return lambda values: (values.astype("float64") > values.astype("float64").mean()).sum()


class Often(AggregationPrimitive):  # type: ignore[misc]
    """How many values come more than once."""

    name = "often"
    input_types = [NUMBER]  # noqa: RUF012
    return_type = NUMBER

    def get_function(self) -> Function:
        return lambda values: (values.value_counts() > 1).sum()


class Newest(AggregationPrimitive):  # type: ignore[misc]
    """The value of the last row."""

    name = "newest"
    input_types = [NUMBER]  # noqa: RUF012
    return_type = NUMBER

    def get_function(self) -> Function:
        return lambda values: values.iloc[-1]


class HoursSince(AggregationPrimitive):  # type: ignore[misc]
    """Hours from the latest time to the cutoff."""

    name = "hours_since"
    input_types = [TIME]  # noqa: RUF012
    return_type = NUMBER
    uses_calc_time = True

    def get_function(self) -> Function:
        return lambda values, time=None: (time - values.max()).total_seconds() / 3600


class Scaled(TransformPrimitive):  # type: ignore[misc]
    """A value times a factor."""

    name = "scaled"
    input_types = [NUMBER]  # noqa: RUF012
    return_type = NUMBER

    def __init__(self, factor: float = 2) -> None:
        self.factor = factor

    def get_function(self) -> Function:
        return lambda values: values * self.factor


class Weekend(TransformPrimitive):  # type: ignore[misc]
    """Whether a time is on a weekend."""

    name = "weekend"
    input_types = [TIME]  # noqa: RUF012
    return_type = ColumnSchema(logical_type=BooleanNullable)

    def get_function(self) -> Function:
        return lambda values: values.dt.dayofweek > 4


class CumSum(TransformPrimitive):  # type: ignore[misc]
    """A running total of absolute values, named like one of Featuretools' own."""

    name = "cum_sum"
    input_types = [NUMBER]  # noqa: RUF012
    return_type = NUMBER
    uses_full_dataframe = True

    def get_function(self) -> Function:
        return lambda values: values.abs().cumsum()


_SCALED: Function = lambda call: f"x * {call.primitive.argument('factor')!r}"  # noqa: E731
_RUNNING = "OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"

SQL: dict[type, dict[str, Any]] = {
    Spread: {"sql": "max(CAST(x AS DOUBLE)) - min(CAST(x AS DOUBLE))"},
    AboveMean: {"sql": "count(CASE WHEN x > m THEN 1 END)", "stage": {"m": "avg(CAST(x AS DOUBLE))"}},
    Often: {"sql": "count(CASE WHEN n > 1 THEN v END)"},
    Newest: {"duckdb": "last(x ORDER BY o)", "spark": "max_by(x, o)"},
    HoursSince: {"sql": "seconds_between(t, max(x)) / 3600"},
    Scaled: {"sql": _SCALED},
    Weekend: {"duckdb": "coalesce(isodow(x) > 5, FALSE)", "spark": "coalesce(weekday(x) > 4, FALSE)"},
    CumSum: {"sql": f"CASE WHEN x IS NOT NULL THEN sum(abs(CAST(x AS DOUBLE))) {_RUNNING} END"},
}


@contextmanager
def registered(*classes: type) -> Iterator[None]:
    """Give classes their SQL for a while."""
    for given in classes:
        sf.register_primitive(given, **SQL[given])
    try:
        yield
    finally:
        for given in classes:
            sf.unregister_primitive(given)
