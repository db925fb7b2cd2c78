"""Aggregations around the mean, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, aggregation
from tests.parity.data_spread import spread

CASES: dict[str, Case] = {
    "kurtosis": aggregation(p.Kurtosis, data=spread),
    "kurtosis_unbiased": aggregation(p.Kurtosis(fisher=False, bias=False), data=spread),
    "kurtosis_omit": aggregation(p.Kurtosis(bias=False, nan_policy="omit"), data=spread),
    "count_above_mean": aggregation(p.CountAboveMean, data=spread),
    "count_above_mean_nulls": aggregation(p.CountAboveMean(skipna=False), data=spread),
    "count_below_mean": aggregation(p.CountBelowMean, data=spread),
    "count_below_mean_nulls": aggregation(p.CountBelowMean(skipna=False), data=spread),
    "count_inside_nth_std": aggregation(p.CountInsideNthSTD, data=spread),
    "count_inside_nth_std_half": aggregation(p.CountInsideNthSTD(n=0.5), data=spread),
    "count_inside_nth_std_none": aggregation(p.CountInsideNthSTD(n=0), data=spread),
    "count_outside_nth_std": aggregation(p.CountOutsideNthSTD, data=spread),
    "count_outside_nth_std_two": aggregation(p.CountOutsideNthSTD(n=2), data=spread),
    "max_count": aggregation(p.MaxCount),
    "max_count_nulls": aggregation(p.MaxCount(skipna=False), data=spread),
    "min_count": aggregation(p.MinCount, data=spread),
    "min_count_nulls": aggregation(p.MinCount(skipna=False), data=spread),
    "median_count": aggregation(p.MedianCount, data=spread),
    "median_count_nulls": aggregation(p.MedianCount(skipna=False), data=spread),
}
