"""Aggregations of times, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, aggregation
from tests.parity.data_dates import dates

CASES: dict[str, Case] = {
    "n_unique_days": aggregation(p.NUniqueDays, data=dates),
    "n_unique_days_of_calendar_year": aggregation(p.NUniqueDaysOfCalendarYear, data=dates),
    "n_unique_days_of_month": aggregation(p.NUniqueDaysOfMonth, data=dates),
    "n_unique_months": aggregation(p.NUniqueMonths, data=dates),
    "n_unique_weeks": aggregation(p.NUniqueWeeks, data=dates),
    "date_first_event": aggregation(p.DateFirstEvent, data=dates),
    "time_since_last_true": aggregation(p.TimeSinceLastTrue),
    "time_since_last_false": aggregation(p.TimeSinceLastFalse),
    "time_since_last_max": aggregation(p.TimeSinceLastMax),
    "time_since_last_min": aggregation(p.TimeSinceLastMin),
}
