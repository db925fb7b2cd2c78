"""The primitives that sparkfeat computes in SQL, and the features that each is tried on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import featuretools as ft
import featuretools.primitives as p

from tests.parity.data import traps

Columns = dict[str, list[str]]

AGGREGATIONS: dict[str, Any] = {
    "count": p.Count,
    "sum": p.Sum,
    "mean": p.Mean,
    "mean_skipna": p.Mean(skipna=False),
    "min": p.Min,
    "max": p.Max,
    "std": p.Std,
    "skew": p.Skew,
    "median": p.Median,
    "mode": p.Mode,
    "num_unique": p.NumUnique,
    "percent_true": p.PercentTrue,
    "first": p.First,
    "last": p.Last,
    "trend": p.Trend,
    "time_since_last": p.TimeSinceLast,
    "time_since_last_hours": p.TimeSinceLast(unit="hours"),
    "avg_time_between": p.AvgTimeBetween,
    "avg_time_between_days": p.AvgTimeBetween(unit="days"),
    "variance": p.Variance,
    "all": p.All,
    "any": p.Any,
    "num_true": p.NumTrue,
    "count_greater_than": p.CountGreaterThan(threshold=2),
    "count_less_than": p.CountLessThan(threshold=2.5),
    "count_inside_range": p.CountInsideRange(lower=-1, upper=5),
    "count_outside_range": p.CountOutsideRange(lower=0, upper=3, skipna=False),
    "max_min_delta": p.MaxMinDelta,
    "max_min_delta_nulls": p.MaxMinDelta(skipna=False),
    "first_last_time_delta": p.FirstLastTimeDelta,
    "time_since_first": p.TimeSinceFirst,
    "is_unique": p.IsUnique,
    "has_no_duplicates": p.HasNoDuplicates,
    "has_no_duplicates_nulls": p.HasNoDuplicates(skipna=False),
    "percent_unique": p.PercentUnique,
    "percent_unique_nulls": p.PercentUnique(skipna=False),
}
DATES_AND_TEXT: dict[str, Any] = {
    "day": p.Day,
    "month": p.Month,
    "year": p.Year,
    "weekday": p.Weekday,
    "hour": p.Hour,
    "minute": p.Minute,
    "second": p.Second,
    "quarter": p.Quarter,
    "week": p.Week,
    "day_of_year": p.DayOfYear,
    "days_in_month": p.DaysInMonth,
    "is_leap_year": p.IsLeapYear,
    "is_weekend": p.IsWeekend,
    "is_month_start": p.IsMonthStart,
    "is_month_end": p.IsMonthEnd,
    "is_quarter_start": p.IsQuarterStart,
    "is_quarter_end": p.IsQuarterEnd,
    "is_year_start": p.IsYearStart,
    "is_year_end": p.IsYearEnd,
    "is_lunch_time": p.IsLunchTime,
    "is_working_hours": p.IsWorkingHours,
    "part_of_day": p.PartOfDay,
    "latitude": p.Latitude,
    "longitude": p.Longitude,
    "haversine": p.Haversine,
    "haversine_kilometers": p.Haversine(unit="kilometers"),
    "num_words": p.NumWords,
    "num_characters": p.NumCharacters,
    "is_null": p.IsNull,
}
ARITHMETIC: dict[str, Any] = {
    "add_numeric": p.AddNumeric,
    "add_numeric_scalar": p.AddNumericScalar(2.5),
    "subtract_numeric": p.SubtractNumeric,
    "subtract_numeric_ordered": p.SubtractNumeric(commutative=False),
    "subtract_numeric_scalar": p.SubtractNumericScalar(3),
    "scalar_subtract_numeric_feature": p.ScalarSubtractNumericFeature(-1.5),
    "multiply_numeric": p.MultiplyNumeric,
    "multiply_numeric_scalar": p.MultiplyNumericScalar(-2),
    "divide_numeric": p.DivideNumeric,
    "divide_numeric_scalar": p.DivideNumericScalar(4),
    "divide_numeric_scalar_zero": p.DivideNumericScalar(0),
    "divide_by_feature": p.DivideByFeature(3),
    "divide_by_feature_zero": p.DivideByFeature(0),
    "modulo_numeric": p.ModuloNumeric,
    "modulo_numeric_scalar": p.ModuloNumericScalar(3),
    "modulo_numeric_scalar_negative": p.ModuloNumericScalar(-2.5),
    "modulo_by_feature": p.ModuloByFeature(7),
    "negate": p.Negate,
    "absolute": p.Absolute,
    "square_root": p.SquareRoot,
    "natural_logarithm": p.NaturalLogarithm,
    "sine": p.Sine,
    "cosine": p.Cosine,
    "tangent": p.Tangent,
}
COMPARISONS: dict[str, Any] = {
    "equal": p.Equal,
    "not_equal": p.NotEqual,
    "greater_than": p.GreaterThan,
    "greater_than_equal_to": p.GreaterThanEqualTo,
    "less_than": p.LessThan,
    "less_than_equal_to": p.LessThanEqualTo,
    "equal_scalar": p.EqualScalar(5),
    "equal_scalar_text": p.EqualScalar("red"),
    "equal_scalar_true": p.EqualScalar(True),
    "not_equal_scalar": p.NotEqualScalar(5),
    "not_equal_scalar_text": p.NotEqualScalar("red"),
    "greater_than_scalar": p.GreaterThanScalar(1.5),
    "greater_than_equal_to_scalar": p.GreaterThanEqualToScalar(5),
    "less_than_scalar": p.LessThanScalar(1.5),
    "less_than_equal_to_scalar": p.LessThanEqualToScalar(5),
}
ROW_ORDER: dict[str, Any] = {
    "cum_sum": p.CumSum,
    "cum_count": p.CumCount,
    "cum_max": p.CumMax,
    "cum_min": p.CumMin,
    "cum_mean": p.CumMean,
    "time_since_previous": p.TimeSincePrevious,
    "diff": p.Diff,
    "diff_periods": p.Diff(periods=1),
    "lag": p.Lag,
    "lag_periods": p.Lag(periods=2),
}

# Columns left out where a primitive takes any pair: enough of each type stays.
FEWER: Columns = {
    "events": ["from", "to", "note", "digit"],
    "customers": ["home", "work", "about", "left", "refund", "reason"],
    "products": ["label", "fair"],
    "regions": ["name", "cities"],
    "items": ["kind"],
}
PAIRS_OF_ANYTHING = ("equal", "not_equal")


def search(target: str, **options: Any) -> list[ft.Feature]:
    """Return what dfs finds on the traps, in an order that does not depend on the hash seed."""
    made = ft.dfs(entityset=traps(), target_dataframe_name=target, features_only=True, **options)
    return sorted(made, key=lambda feature: str(feature.get_name()))


@cache
def aggregation_features(name: str) -> list[ft.Feature]:
    """Return the aggregation over every column that it takes, filtered and stacked too."""
    primitive = AGGREGATIONS[name]
    found = search(
        "customers",
        agg_primitives=[primitive],
        where_primitives=[primitive],
        trans_primitives=[],
        max_depth=2,
    )
    return with_primitive(found, primitive)


IN_DOUBLES: Columns = {"customers": ["points"]}
"""A lag of integers goes through float64 in Featuretools, which rounds the largest of the points."""


def ignored(case: str) -> Columns | None:
    """Return the columns that a case leaves out."""
    if case in PAIRS_OF_ANYTHING:
        return FEWER
    return IN_DOUBLES if case.startswith("lag") else None


def is_modulo_of_nullable_integers(feature: ft.Feature) -> bool:
    """Tell the one modulo in which pandas answers 0 for a division by 0: see test_known_differences."""
    kinds = [str(base.column_schema.logical_type) for base in feature.base_features]
    return feature.primitive.name == "modulo_numeric" and "IntegerNullable" in kinds and "Double" not in kinds


@cache
def transform_features(name: str) -> list[ft.Feature]:
    """Return the transform of customers' columns, and the last value of the transform of events' columns."""
    primitive = {**DATES_AND_TEXT, **ARITHMETIC, **COMPARISONS}[name]
    found = search(
        "customers",
        agg_primitives=[p.Last],
        trans_primitives=[primitive],
        max_depth=2,
        ignore_columns=ignored(name),
    )
    return with_primitive(found, primitive)


@cache
def row_order_features(name: str) -> list[ft.Feature]:
    """Return the transform along the rows of whole tables and of groups, and customers' last values of it."""
    primitive = ROW_ORDER[name]
    groups = [] if primitive_name(primitive) == "lag" else [primitive]
    found = search(
        "customers",
        agg_primitives=[p.Last],
        trans_primitives=[primitive],
        groupby_trans_primitives=groups,
        max_depth=2,
        ignore_columns=ignored(name),
    )
    return with_primitive(found, primitive)


def with_primitive(features: Sequence[ft.Feature], primitive: Any) -> list[ft.Feature]:
    """Return the features that are made by `primitive`, directly or below."""
    name = primitive_name(primitive)
    return [
        feature
        for feature in features
        if name in {each.primitive.name for each in parts(feature)}
        and not any(map(is_modulo_of_nullable_integers, parts(feature)))
    ]


def parts(feature: ft.Feature) -> list[ft.Feature]:
    """Return a feature and all that it is made of."""
    return [feature, *feature.get_dependencies(deep=True)]


def primitive_name(primitive: Any) -> str:
    """Return Featuretools' name of a primitive."""
    return str(primitive.name)


BUILDERS: dict[str, Callable[[str], list[ft.Feature]]] = {
    **dict.fromkeys(AGGREGATIONS, aggregation_features),
    **dict.fromkeys((*DATES_AND_TEXT, *ARITHMETIC, *COMPARISONS), transform_features),
    **dict.fromkeys(ROW_ORDER, row_order_features),
}


def features_of(case: str) -> list[ft.Feature]:
    """Return the features of a case for customers, fifty of them at most."""
    found = BUILDERS[case](case)
    return found[:: len(found) // 50 + 1]


@cache
def features_of_events(case: str) -> list[ft.Feature]:
    """Return the transform of a case for every event: of its own columns and of its parents'."""
    primitive = {**DATES_AND_TEXT, **ARITHMETIC, **COMPARISONS, **ROW_ORDER}[case]
    found = search(
        "events",
        agg_primitives=[],
        trans_primitives=[primitive],
        groupby_trans_primitives=[primitive] if case in ROW_ORDER and not case.startswith("lag") else [],
        max_depth=2,
        ignore_columns=ignored(case),
    )
    made = with_primitive(found, primitive)
    return made[:: len(made) // 50 + 1]
