"""Functions of the rows before, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, Columns, along_rows
from tests.parity.data_sequences import sequences

IN_DOUBLES: Columns = {"customers": ["points"]}
"""A lag of integers goes through float64 in Featuretools, which rounds the largest of the points."""

CASES: dict[str, Case] = {
    "cum_sum": along_rows(p.CumSum),
    "cum_count": along_rows(p.CumCount),
    "cum_max": along_rows(p.CumMax),
    "cum_min": along_rows(p.CumMin),
    "cum_mean": along_rows(p.CumMean),
    "time_since_previous": along_rows(p.TimeSincePrevious),
    "diff": along_rows(p.Diff),
    "diff_periods": along_rows(p.Diff(periods=1)),
    "lag": along_rows(p.Lag, in_groups=False, ignored=IN_DOUBLES),
    "lag_periods": along_rows(p.Lag(periods=2), in_groups=False, ignored=IN_DOUBLES),
    "diff_ahead": along_rows(p.Diff(periods=-2), data=sequences),
    "lag_ahead": along_rows(p.Lag(periods=-1), data=sequences, in_groups=False),
    "numeric_lag": along_rows(p.NumericLag(periods=2), data=sequences),
    "numeric_lag_fill": along_rows(p.NumericLag(periods=1, fill_value=7), data=sequences),
    "diff_datetime": along_rows(p.DiffDatetime, data=sequences),
    "diff_datetime_periods": along_rows(p.DiffDatetime(periods=2), data=sequences),
    "rate_of_change": along_rows(p.RateOfChange, data=sequences),
    "cumulative_time_since_last_true": along_rows(p.CumulativeTimeSinceLastTrue, data=sequences),
    "cumulative_time_since_last_false": along_rows(p.CumulativeTimeSinceLastFalse, data=sequences),
    "absolute_diff": along_rows(p.AbsoluteDiff, data=sequences),
    "absolute_diff_backward": along_rows(p.AbsoluteDiff(method="bfill", limit=1), data=sequences),
    "same_as_previous": along_rows(p.SameAsPrevious, data=sequences),
    "same_as_previous_limit": along_rows(p.SameAsPrevious(limit=1), data=sequences),
    "same_as_previous_backward": along_rows(p.SameAsPrevious(fill_method="backfill"), data=sequences),
    "percent_change": along_rows(p.PercentChange, data=sequences),
    "percent_change_periods": along_rows(
        p.PercentChange(periods=3, fill_method="bfill", limit=2), data=sequences
    ),
    "percent_change_ahead": along_rows(p.PercentChange(periods=-1), data=sequences),
    "percentile": along_rows(p.Percentile, data=sequences),
    "percentile_ties": along_rows(p.Percentile),
}
