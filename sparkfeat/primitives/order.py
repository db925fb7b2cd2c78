"""Functions of the rows before a row in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import is_integer, seconds, unknown_unit
from sparkfeat.primitives.rows import Row, window


def _diff(call: Call) -> str:
    back = int(str(call.primitive.argument("periods")))
    # In a type wide enough that the difference of two 64-bit integers is exact.
    x = "CAST(x AS DECIMAL(20, 0))" if is_integer(call.inputs[0]) else "x"
    now, before = (f"lag({x}, {back}) OVER ()" if back else x), f"lag({x}, {back + 1}) OVER ()"
    return f"nan_to_null(CAST({now} - {before} AS DOUBLE))"


def _lag(call: Call) -> str:
    return f"lag(x, {call.primitive.argument('periods')}) OVER ()"


def _no_shift(call: Call) -> str | None:
    periods = call.primitive.argument("periods")
    return None if isinstance(periods, int) and periods >= 0 else f"periods={periods!r}"


def _time_since_previous(call: Call) -> str:
    return seconds("seconds_between(x, lag(x, 1) OVER ())", call)


_RUNNING = "OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"

_CUM_MEAN = f"nan_to_null(sum(CAST(x AS DOUBLE)) {_RUNNING} / count(*) {_RUNNING})"

ROW_ORDER: tuple[Row, ...] = (
    window("cum_sum", f"CASE WHEN x IS NOT NULL THEN nan_to_null(sum(CAST(x AS DOUBLE)) {_RUNNING}) END"),
    window("cum_max", f"CASE WHEN x IS NOT NULL THEN CAST(max(x) {_RUNNING} AS DOUBLE) END"),
    window("cum_min", f"CASE WHEN x IS NOT NULL THEN CAST(min(x) {_RUNNING} AS DOUBLE) END"),
    # pandas divides by the place of the row: rows of nulls count too.
    window(
        "cum_mean",
        f"CASE WHEN x IS NOT NULL THEN {_CUM_MEAN} END",
    ),
    window("cum_count", f"count(*) {_RUNNING}"),
    window("diff", _diff, refuse=_no_shift),
    window("lag", _lag, refuse=_no_shift),
    window("time_since_previous", _time_since_previous, refuse=unknown_unit),
)
