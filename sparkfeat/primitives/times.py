"""Aggregations of times in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import is_integer
from sparkfeat.primitives.rows import Row, Template, aggregate

_MONTH = "year(x) * 12 + month(x)"
_DAY_OF_YEAR = "month(x) * 100 + day(x)"
_MONDAY = "date_trunc('week', x)"
_MONDAY_SPARK = "date_sub(CAST(x AS DATE), weekday(x))"


def _distinct(name: str, duckdb: str, spark: str | None = None) -> Row:
    return aggregate(
        name, f"count(DISTINCT {duckdb})", f"count(DISTINCT {spark})" if spark is not None else None
    )


def _since_last(condition: str) -> str:
    return f"seconds_between(t, last_by(x, x IS NOT NULL AND {condition}, o))"


def _since_greatest(sign: str) -> tuple[Template, Template]:
    """Measure the time from the first row, not the last, that has the greatest or the least value."""

    def spark(call: Call) -> str:
        # The opposite of the least 64-bit integer is none.
        y = "CAST(y AS DECIMAL(20, 0))" if is_integer(call.inputs[1]) else "y"
        first = f"min_by(x, CASE WHEN x IS NOT NULL AND y IS NOT NULL THEN struct({sign}{y}, o) END)"
        return f"seconds_between(t, {first})"

    direction = "DESC" if sign else "ASC"
    first = f"first(x ORDER BY y {direction}, o) FILTER (WHERE x IS NOT NULL AND y IS NOT NULL)"
    return f"seconds_between(t, {first})", spark


TIMES: tuple[Row, ...] = (
    _distinct("n_unique_days", "CAST(x AS DATE)"),
    _distinct("n_unique_days_of_calendar_year", _DAY_OF_YEAR),
    _distinct("n_unique_days_of_month", "day(x)"),
    _distinct("n_unique_months", _MONTH),
    _distinct("n_unique_weeks", _MONDAY, _MONDAY_SPARK),
    aggregate("date_first_event", "first_by(x, x IS NOT NULL, o)"),
    aggregate("time_since_last_true", _since_last("y")),
    aggregate("time_since_last_false", _since_last("NOT y")),
    aggregate("time_since_last_max", *_since_greatest("-")),
    aggregate("time_since_last_min", *_since_greatest("")),
)
