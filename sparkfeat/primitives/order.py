"""Functions of the rows before a row in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.frames import FIRST_ROW, RUNNING, WHOLE, shifted
from sparkfeat.primitives.inputs import is_integer, seconds, sql_literal, unknown_unit
from sparkfeat.primitives.numeric import divide, divide_spark
from sparkfeat.primitives.rows import Row, Steps, StepTexts, window


def _integer(call: Call, argument: str) -> int:
    return int(str(call.primitive.argument(argument)))


def _no_shift(call: Call) -> str | None:
    periods = call.primitive.argument("periods")
    return None if isinstance(periods, int) else f"periods={periods!r}"


def _wide(call: Call, value: str) -> str:
    """Return a number in a type in which the difference of two is exact, 64-bit integers included."""
    return f"CAST({value} AS DECIMAL(20, 0))" if is_integer(call.inputs[0]) else value


def _difference(call: Call, function: str) -> str:
    periods = _integer(call, "periods")
    value = function.format(now=shifted("x", periods), before=shifted("x", periods + 1))
    # The first row has none before it, also where the rows were shifted up.
    return f"CASE WHEN NOT {FIRST_ROW} THEN {value} END" if periods < 0 else value


def _diff(call: Call) -> str:
    difference = f"{_wide(call, '{now}')} - {_wide(call, '{before}')}"
    return _difference(call, f"nan_to_null(CAST({difference} AS DOUBLE))")


def _diff_datetime(call: Call) -> str:
    return _difference(call, "micros_between({now}, {before})")


def _lag(call: Call) -> str:
    return shifted("x", _integer(call, "periods"))


def _numeric_lag(call: Call) -> str:
    periods, fill = _integer(call, "periods"), call.primitive.argument("fill_value")
    value = shifted("CAST(y AS DOUBLE)", periods)
    if fill is None or periods == 0:
        return value
    return value.replace(") OVER ()", f", CAST({sql_literal(fill)} AS DOUBLE)) OVER ()")


def _no_fill(call: Call) -> str | None:
    fill = call.primitive.argument("fill_value")
    known = fill is None or isinstance(fill, int | float)
    return _no_shift(call) if known else f"fill_value={fill!r} is no number"


def _time_since_previous(call: Call) -> str:
    return seconds("seconds_between(x, lag(x, 1) OVER ())", call)


# Forward and backward filling ---------------------------------------------------------------------------

_FORWARD = {"ffill": True, "pad": True, "bfill": False, "backfill": False}


def _filled(call: Call, method: str) -> str:
    """Return x with nulls filled from the rows before, or after, `limit` rows away at most."""
    limit = call.primitive.argument("limit")
    reach = "UNBOUNDED" if limit is None else str(limit)
    if _FORWARD[str(call.primitive.argument(method))]:
        return f"latest(x) OVER (ROWS BETWEEN {reach} PRECEDING AND CURRENT ROW)"
    return f"earliest(x) OVER (ROWS BETWEEN CURRENT ROW AND {reach} FOLLOWING)"


def _no_limit(call: Call) -> str | None:
    limit = call.primitive.argument("limit")
    return None if limit is None or (isinstance(limit, int) and limit > 0) else f"limit={limit!r}"


def _fill_step(method: str, *, shift: str | None = None) -> Steps:
    def steps(call: Call, _: str) -> StepTexts:
        periods = 1 if shift is None else _integer(call, shift)
        return ({"f": _filled(call, method)}, {"p": shifted("f", periods)})

    return steps


def _absolute_diff(call: Call) -> str:
    return f"nan_to_null(abs(CAST({_wide(call, 'f')} - {_wide(call, 'p')} AS DOUBLE)))"


def _same_as_previous(call: Call) -> str:
    same = "f = p" if call.inputs[0].masked else "coalesce(f = p, FALSE)"
    return f"CASE WHEN {FIRST_ROW} THEN FALSE ELSE {same} END"


def _no_percent_change(call: Call) -> str | None:
    freq = call.primitive.argument("freq")
    return f"freq={freq!r}" if freq is not None else _no_shift(call) or _no_limit(call)


def _rate_of_change(divided: str) -> str:
    return f"CASE WHEN NOT {FIRST_ROW} THEN {divided} END"


def _value_and_time(call: Call, _: str) -> StepTexts:
    change = f"{_wide(call, 'x')} - {_wide(call, shifted('x', 1))}"
    return ({"d": f"CAST({change} AS DOUBLE)", "s": f"seconds_between(y, {shifted('y', 1)})"},)


_CUM_MEAN = f"nan_to_null(sum(CAST(x AS DOUBLE)) {RUNNING} / count(*) {RUNNING})"

# Rows of one value share the mean of their ranks.
_BY_VALUE = "ORDER BY x NULLS LAST"
_TIES = f"count(x) OVER ({_BY_VALUE} RANGE BETWEEN CURRENT ROW AND CURRENT ROW)"
_PERCENTILE = f"""
CASE WHEN x IS NOT NULL THEN
  (rank() OVER ({_BY_VALUE}) + ({_TIES} - 1) / 2.0e0) / count(x) {WHOLE} END
"""


def _since_last(flag: str) -> str:
    return f"seconds_between(x, latest(CASE WHEN {flag} THEN x END) {RUNNING})"


ROW_ORDER: tuple[Row, ...] = (
    window("cum_sum", f"CASE WHEN x IS NOT NULL THEN nan_to_null(sum(CAST(x AS DOUBLE)) {RUNNING}) END"),
    window("cum_max", f"CASE WHEN x IS NOT NULL THEN CAST(max(x) {RUNNING} AS DOUBLE) END"),
    window("cum_min", f"CASE WHEN x IS NOT NULL THEN CAST(min(x) {RUNNING} AS DOUBLE) END"),
    # pandas divides by the place of the row: rows of nulls count too.
    window("cum_mean", f"CASE WHEN x IS NOT NULL THEN {_CUM_MEAN} END"),
    window("cum_count", f"count(*) {RUNNING}"),
    window("diff", _diff, refuse=_no_shift),
    window("diff_datetime", _diff_datetime, refuse=_no_shift),
    window("lag", _lag, refuse=_no_shift),
    window("numeric_lag", _numeric_lag, refuse=_no_fill),
    window("time_since_previous", _time_since_previous, refuse=unknown_unit),
    window("cumulative_time_since_last_true", _since_last("y")),
    window("cumulative_time_since_last_false", _since_last("NOT y")),
    window(
        "rate_of_change",
        _rate_of_change(divide("d", "s")),
        _rate_of_change(divide_spark("d", "s")),
        steps=_value_and_time,
    ),
    window("absolute_diff", _absolute_diff, steps=_fill_step("method"), refuse=_no_limit),
    window("same_as_previous", _same_as_previous, steps=_fill_step("fill_method"), refuse=_no_limit),
    window(
        "percent_change",
        f"nan_to_null({divide('f', 'p')} - 1)",
        f"nan_to_null({divide_spark('f', 'p')} - 1)",
        steps=_fill_step("fill_method", shift="periods"),
        refuse=_no_percent_change,
    ),
    window("percentile", _PERCENTILE),
)
