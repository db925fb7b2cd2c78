"""Aggregations in one pass, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, aggregation

CASES: dict[str, Case] = {
    "count": aggregation(p.Count),
    "sum": aggregation(p.Sum),
    "mean": aggregation(p.Mean),
    "mean_skipna": aggregation(p.Mean(skipna=False)),
    "min": aggregation(p.Min),
    "max": aggregation(p.Max),
    "std": aggregation(p.Std),
    "skew": aggregation(p.Skew),
    "median": aggregation(p.Median),
    "percent_true": aggregation(p.PercentTrue),
    "first": aggregation(p.First),
    "last": aggregation(p.Last),
    "trend": aggregation(p.Trend),
    "time_since_last": aggregation(p.TimeSinceLast),
    "time_since_last_hours": aggregation(p.TimeSinceLast(unit="hours")),
    "avg_time_between": aggregation(p.AvgTimeBetween),
    "avg_time_between_days": aggregation(p.AvgTimeBetween(unit="days")),
    "variance": aggregation(p.Variance),
    "all": aggregation(p.All),
    "any": aggregation(p.Any),
    "num_true": aggregation(p.NumTrue),
    "count_greater_than": aggregation(p.CountGreaterThan(threshold=2)),
    "count_less_than": aggregation(p.CountLessThan(threshold=2.5)),
    "count_inside_range": aggregation(p.CountInsideRange(lower=-1, upper=5)),
    "count_outside_range": aggregation(p.CountOutsideRange(lower=0, upper=3, skipna=False)),
    "max_min_delta": aggregation(p.MaxMinDelta),
    "max_min_delta_nulls": aggregation(p.MaxMinDelta(skipna=False)),
    "first_last_time_delta": aggregation(p.FirstLastTimeDelta),
    "time_since_first": aggregation(p.TimeSinceFirst),
    "is_unique": aggregation(p.IsUnique),
    "has_no_duplicates": aggregation(p.HasNoDuplicates),
    "has_no_duplicates_nulls": aggregation(p.HasNoDuplicates(skipna=False)),
    "percent_unique": aggregation(p.PercentUnique),
    "percent_unique_nulls": aggregation(p.PercentUnique(skipna=False)),
}
