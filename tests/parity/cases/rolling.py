"""Functions of a window of rows, as they are tried."""

from __future__ import annotations

from functools import partial

import featuretools.primitives as p

from tests.parity.cases.case import Case, along_rows
from tests.parity.data_sequences import sequences

moving = partial(along_rows, data=sequences)
# Half days lie between the events: spans of some and of many of them, and of none.
DAYS = {"window_length": "2D", "gap": 1}
SPANS = {"window_length": "36h", "gap": "12h"}

CASES: dict[str, Case] = {
    "rolling_count": moving(p.RollingCount),
    "rolling_count_least": moving(p.RollingCount(window_length=5, gap=2, min_periods=3)),
    "rolling_count_days": moving(p.RollingCount(**DAYS)),
    "rolling_count_spans": moving(p.RollingCount(**SPANS, min_periods=2)),
    "rolling_max": moving(p.RollingMax),
    "rolling_max_least": moving(p.RollingMax(window_length=4, gap=0, min_periods=2)),
    "rolling_max_days": moving(p.RollingMax(**DAYS)),
    "rolling_max_spans": moving(p.RollingMax(**SPANS)),
    "rolling_min": moving(p.RollingMin),
    "rolling_min_days": moving(p.RollingMin(**DAYS, min_periods=None)),
    "rolling_min_spans": moving(p.RollingMin(**SPANS, min_periods=None)),
    "rolling_mean": moving(p.RollingMean),
    "rolling_mean_full": moving(p.RollingMean(min_periods=None)),
    "rolling_mean_days": moving(p.RollingMean(**DAYS)),
    "rolling_mean_spans": moving(p.RollingMean(**SPANS)),
    "rolling_std": moving(p.RollingSTD),
    "rolling_std_days": moving(p.RollingSTD(**DAYS)),
    "rolling_std_spans": moving(p.RollingSTD(**SPANS)),
    "rolling_trend": moving(p.RollingTrend(window_length=7)),
    "rolling_trend_days": moving(p.RollingTrend(window_length="5D", gap=0)),
    "rolling_trend_spans": moving(p.RollingTrend(window_length="4D", gap="12h")),
    "rolling_outlier_count": moving(p.RollingOutlierCount(window_length=9)),
    "rolling_outlier_count_days": moving(p.RollingOutlierCount(window_length="6D", gap=0, min_periods=3)),
    "rolling_outlier_count_spans": moving(p.RollingOutlierCount(window_length="6D", gap="12h")),
    "expanding_count": moving(p.ExpandingCount, in_groups=False),
    "expanding_count_least": moving(p.ExpandingCount(gap=2, min_periods=3), in_groups=False),
    "expanding_max": moving(p.ExpandingMax),
    "expanding_max_least": moving(p.ExpandingMax(gap=0, min_periods=3)),
    "expanding_min": moving(p.ExpandingMin),
    "expanding_mean": moving(p.ExpandingMean),
    "expanding_std": moving(p.ExpandingSTD),
    "expanding_trend": moving(p.ExpandingTrend),
    "expanding_trend_least": moving(p.ExpandingTrend(gap=2, min_periods=5)),
}
