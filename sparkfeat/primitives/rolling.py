"""Functions of a moving window of rows in SQL, a row each, under Featuretools' names.

The windows are those of pandas: `window_length` rows, or a span of time, that end `gap` rows or a span before
the row. A gap in rows shifts the values and not their times. Of rows at the same time those that come later
are not in the window of an earlier one, which no RANGE frame can say: DuckDB counts the rows of each window
and takes a frame of so many rows; Spark, whose frames are constant, collects them.
"""

from __future__ import annotations

from collections.abc import Callable

from pandas.tseries.frequencies import to_offset

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.frames import RUNNING, finite, shifted
from sparkfeat.primitives.moving import Moving, framed, listed
from sparkfeat.primitives.rows import Refusal, Row, StepTexts, window


def _span(given: object) -> int | None:
    """Return a span of time in microseconds, None for what is none of a fixed length."""
    if not isinstance(given, str):
        return None
    try:
        return int(to_offset(given).nanos) // 1000
    except ValueError:
        return None


def _refused(call: Call) -> str | None:
    """Refuse what pandas refuses, and spans of no fixed length."""
    length, gap, least = (call.primitive.argument(name) for name in ("window_length", "gap", "min_periods"))
    for name, value in (("window_length", length), ("gap", gap)):
        if not isinstance(value, int) and not _span(value):
            return f"{name}={value!r} is no number of rows and no fixed span of time"
    if isinstance(length, int) and (length <= 0 or not isinstance(gap, int)):
        return f"window_length={length!r} with gap={gap!r}"
    if isinstance(gap, int) and gap < 0:
        return f"gap={gap!r}"
    enough = least is None or (isinstance(least, int) and least >= 0)
    possible = enough and not (isinstance(length, int) and isinstance(least, int) and least > length)
    return None if possible else f"min_periods={least!r}"


def _least(call: Call) -> int:
    """Return how many values there must be."""
    given, length = call.primitive.argument("min_periods"), call.primitive.argument("window_length")
    if isinstance(given, int):
        return given
    return length if isinstance(length, int) else 1


def _moving(call: Call, dialect: str, value: str) -> Moving:
    """Return the window of a call, over the text of a row's value."""
    length, gap = call.primitive.argument("window_length"), call.primitive.argument("gap")
    value = shifted(value, gap) if isinstance(gap, int) else value
    if isinstance(length, int):
        over = f"OVER (ROWS BETWEEN {length - 1} PRECEDING AND CURRENT ROW)"
        return framed(({"s": value},), over, dialect)
    span, distance = _span(length) or 0, _span(gap) or 0
    return (_collected if dialect == "spark" else _counted)(value, span + distance, distance)


_MICROS = "micros_between(x, CAST('1970-01-01 00:00:00' AS TIMESTAMP))"


def _counted(value: str, reach: int, gap: int) -> Moving:
    """Return a window of time as a frame of so many rows: k back to the first, j back to the last."""
    places = {"s": value, "r": "row_number() OVER ()", "e": _MICROS}
    earlier = "count(*) OVER (ORDER BY e RANGE BETWEEN UNBOUNDED PRECEDING AND {} PRECEDING)"
    counts = {"c": earlier.format(reach)} | ({"h": earlier.format(gap)} if gap else {})
    distances = {"k": "r - c - 1"} | ({"j": "r - h"} if gap else {})
    whole = "OVER (ROWS BETWEEN k PRECEDING AND CURRENT ROW)"
    over = "OVER (ROWS BETWEEN k PRECEDING AND j PRECEDING)" if gap else whole
    steps = (places, counts, distances)
    return framed(steps, over, "duckdb", whole, f"count(*) {over}" if gap else None)


def _collected(value: str, reach: int, gap: int) -> Moving:
    """Return a window of time as a list of its rows."""
    places = {"s": value, "r": "row_number() OVER ()", "e": _MICROS.replace("TIMESTAMP", "TIMESTAMP_NTZ")}
    rows = "collect_list(named_struct('r', r, 'e', e, 'x', x, 's', s))"
    near = {"l": f"{rows} OVER (ORDER BY e RANGE BETWEEN {reach - 1} PRECEDING AND CURRENT ROW)"}
    before = {"k": f"array_sort(filter(l, w -> w.r <= r{f' AND w.e <= e - {gap}' if gap else ''}))"}
    known = {"p": "filter(k, w -> w.s IS NOT NULL)"}
    count = "size(filter(l, w -> w.r <= r AND w.s IS NOT NULL))"
    return listed((places, near, before, known), count, "size(k)" if gap else None)


# Rows -----------------------------------------------------------------------------------------------------

Made = Callable[[Call, str], tuple[StepTexts, str]]
"""Returns the steps and the text of a call in a dialect."""


def _row(name: str, made: Made, refuse: Refusal) -> Row:
    return window(
        name,
        lambda call: made(call, "duckdb")[1],
        lambda call: made(call, "spark")[1],
        steps=lambda call, dialect: made(call, dialect)[0],
        refuse=refuse,
    )


def _rolling(name: str, statistic: str) -> Row:
    def made(call: Call, dialect: str) -> tuple[StepTexts, str]:
        return _moving(call, dialect, finite("y")).guarded(statistic, _least(call))

    return _row(name, made, _refused)


def _rolling_count(call: Call, dialect: str) -> tuple[StepTexts, str]:
    """Count rows; where the gap is a number of rows, not before there could be values enough."""
    steps, value = _moving(call, dialect, "CAST(1 AS DOUBLE)").guarded("count", _least(call))
    gap, given = call.primitive.argument("gap"), call.primitive.argument("min_periods")
    if not isinstance(gap, int):
        return steps, value
    least = given if isinstance(given, int) and given > 0 else 1
    return steps, f"CASE WHEN row_number() OVER () >= {gap + least} THEN {value} END"


def _whole_numbers(call: Call) -> str | None:
    for name in ("gap", "min_periods"):
        value = call.primitive.argument(name)
        if not isinstance(value, int) or value < 0:
            return f"{name}={value!r}"
    return None


def _since_start(call: Call, dialect: str, value: str) -> tuple[Moving, int, int]:
    """Return the window of all rows so far, the gap and how many values there must be."""
    gap, least = (int(str(call.primitive.argument(name))) for name in ("gap", "min_periods"))
    return framed(({"s": shifted(value, gap)},), RUNNING, dialect), gap, least


def _expanding(name: str, statistic: str) -> Row:
    def made(call: Call, dialect: str) -> tuple[StepTexts, str]:
        moving, _, least = _since_start(call, dialect, finite("y"))
        return moving.guarded(statistic, least)

    return _row(name, made, _whole_numbers)


def _expanding_count(call: Call, dialect: str) -> tuple[StepTexts, str]:
    """Count the rows with a time, where a rolling count counts all rows."""
    moving, gap, least = _since_start(call, dialect, "CASE WHEN x IS NOT NULL THEN CAST(1 AS DOUBLE) END")
    steps, value = moving.guarded("count", 0)
    return steps, f"CASE WHEN row_number() OVER () >= {gap + least} THEN {value} END"


ROLLING: tuple[Row, ...] = (
    _row("rolling_count", _rolling_count, _refused),
    _rolling("rolling_max", "max"),
    _rolling("rolling_min", "min"),
    _rolling("rolling_mean", "mean"),
    _rolling("rolling_std", "std"),
    _rolling("rolling_trend", "trend"),
    _rolling("rolling_outlier_count", "outliers"),
    _row("expanding_count", _expanding_count, _whole_numbers),
    _expanding("expanding_max", "max"),
    _expanding("expanding_min", "min"),
    _expanding("expanding_mean", "mean"),
    _expanding("expanding_std", "std"),
    _expanding("expanding_trend", "trend"),
)
