"""Dates and times of day in SQL. Parts of a null are null; questions about a null are answered with False."""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import seconds, unknown_unit
from sparkfeat.primitives.rows import Row, Template, expression

_LAST_OF_MONTH = "last_day(x) = CAST(x AS DATE)"
_LEAP_YEAR = "year(x) % 4 = 0 AND (year(x) % 100 <> 0 OR year(x) % 400 = 0)"

# The first hour of each part of the day, as Featuretools' PartOfDay has them.
_PARTS_OF_DAY = {
    4: "dawn",
    6: "early morning",
    8: "late morning",
    11: "noon",
    14: "afternoon",
    17: "evening",
    20: "night",
    23: "midnight",
}


# The last day of each season as month and day, as Featuretools' Season has them; then it is winter again.
_SEASONS = {320: "winter", 620: "spring", 922: "summer", 1220: "fall"}

# The number of days before the first of a month in a week that starts on Sunday.
_BEFORE_FIRST = "((isodow(x) - day(x) + 36) % 7)"
_BEFORE_FIRST_SPARK = "((dayofweek(x) - day(x) + 35) % 7)"


def _part(name: str, duckdb: str, spark: str | None = None) -> Row:
    return expression(
        name, f"CAST({duckdb} AS BIGINT)", f"CAST({spark} AS BIGINT)" if spark is not None else None
    )


def _question(name: str, duckdb: Template, spark: str | None = None) -> Row:
    if not isinstance(duckdb, str):
        return expression(name, lambda call: f"coalesce({duckdb(call)}, FALSE)")
    return expression(
        name, f"coalesce({duckdb}, FALSE)", f"coalesce({spark}, FALSE)" if spark is not None else None
    )


def _lunch_time(call: Call) -> str:
    return f"hour(x) = {_hour(call, 'lunch_hour')}"


def _working_hours(call: Call) -> str:
    return f"hour(x) BETWEEN {_hour(call, 'start_hour')} AND {_hour(call, 'end_hour')}"


def _hour(call: Call, argument: str) -> int:
    return int(str(call.primitive.argument(argument)))


def _part_of_day() -> str:
    hours = sorted(_PARTS_OF_DAY, reverse=True)
    cases = " ".join(f"WHEN hour(x) >= {hour} THEN '{_PARTS_OF_DAY[hour]}'" for hour in hours)
    return f"CASE {cases} WHEN hour(x) >= 0 THEN 'midnight' END"


def _season() -> str:
    cases = " ".join(
        f"WHEN month(x) * 100 + day(x) <= {last} THEN '{name}'" for last, name in _SEASONS.items()
    )
    return f"CASE {cases} WHEN x IS NOT NULL THEN 'winter' END"


def _week_of_month(before_first: str) -> str:
    return f"CAST(ceil((day(x) + {before_first}) / 7.0e0) AS DOUBLE)"


def _time_since(call: Call) -> str:
    return seconds("seconds_between(t, x)", call)


CALENDAR: tuple[Row, ...] = (
    _part("day", "day(x)"),
    _part("month", "month(x)"),
    _part("year", "year(x)"),
    _part("weekday", "isodow(x) - 1", "weekday(x)"),
    _part("hour", "hour(x)"),
    _part("minute", "minute(x)"),
    _part("second", "second(x)"),
    _part("quarter", "quarter(x)"),
    _part("week", "week(x)", "weekofyear(x)"),
    _part("day_of_year", "dayofyear(x)"),
    _part("days_in_month", "day(last_day(x))"),
    _question("is_leap_year", _LEAP_YEAR),
    _question("is_weekend", "isodow(x) > 5", "weekday(x) > 4"),
    _question("is_month_start", "day(x) = 1"),
    _question("is_month_end", _LAST_OF_MONTH),
    _question("is_quarter_start", "day(x) = 1 AND month(x) % 3 = 1"),
    _question("is_quarter_end", f"{_LAST_OF_MONTH} AND month(x) % 3 = 0"),
    _question("is_year_start", "dayofyear(x) = 1"),
    _question("is_year_end", "month(x) = 12 AND day(x) = 31"),
    _question("is_lunch_time", _lunch_time),
    _question("is_working_hours", _working_hours),
    expression("part_of_day", _part_of_day()),
    expression("season", _season()),
    expression("nth_week_of_month", _week_of_month(_BEFORE_FIRST), _week_of_month(_BEFORE_FIRST_SPARK)),
    expression(
        "is_first_week_of_month", f"day(x) + {_BEFORE_FIRST} <= 7", f"day(x) + {_BEFORE_FIRST_SPARK} <= 7"
    ),
    # Woodwork drops the zone of every time that it stores.
    expression("date_to_time_zone", "CAST(NULL AS TEXT)", "CAST(NULL AS STRING)"),
    expression("age", "CAST(whole_days(t, x) AS DOUBLE) / 365"),
    expression("time_since", _time_since, refuse=unknown_unit),
)
