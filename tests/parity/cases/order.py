"""Functions of the rows before, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, Columns, along_rows

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
}
