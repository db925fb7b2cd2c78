"""Dates and times of day, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, transform
from tests.parity.data_dates import dates

CASES: dict[str, Case] = {
    "day": transform(p.Day),
    "month": transform(p.Month),
    "year": transform(p.Year),
    "weekday": transform(p.Weekday),
    "hour": transform(p.Hour),
    "minute": transform(p.Minute),
    "second": transform(p.Second),
    "quarter": transform(p.Quarter),
    "week": transform(p.Week),
    "day_of_year": transform(p.DayOfYear),
    "days_in_month": transform(p.DaysInMonth),
    "is_leap_year": transform(p.IsLeapYear),
    "is_weekend": transform(p.IsWeekend),
    "is_month_start": transform(p.IsMonthStart),
    "is_month_end": transform(p.IsMonthEnd),
    "is_quarter_start": transform(p.IsQuarterStart),
    "is_quarter_end": transform(p.IsQuarterEnd),
    "is_year_start": transform(p.IsYearStart),
    "is_year_end": transform(p.IsYearEnd),
    "is_lunch_time": transform(p.IsLunchTime),
    "is_working_hours": transform(p.IsWorkingHours),
    "part_of_day": transform(p.PartOfDay),
    "season": transform(p.Season, data=dates),
    "nth_week_of_month": transform(p.NthWeekOfMonth, data=dates),
    "is_first_week_of_month": transform(p.IsFirstWeekOfMonth, data=dates),
    "date_to_time_zone": transform(p.DateToTimeZone, data=dates, always_null=True),
    "age": transform(p.Age, data=dates),
    "time_since": transform(p.TimeSince, data=dates),
    "time_since_years": transform(p.TimeSince(unit="years"), data=dates),
}
