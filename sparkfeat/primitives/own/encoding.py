"""Categories as the labels that they went with before, in SQL."""

from __future__ import annotations

from sparkfeat.definitions import own
from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.custom import class_row
from sparkfeat.primitives.frames import finite
from sparkfeat.primitives.inputs import constant, number
from sparkfeat.primitives.own.row import MICROS, both, earlier
from sparkfeat.primitives.rows import Row, StepTexts


def _label(call: Call) -> str:
    return finite(number("y", call.inputs[1]))


def _sums(of_category: str, of_all: str) -> dict[str, str]:
    return {
        "s": f"sum(l) {of_category}",
        "c": f"count(l) {of_category}",
        "p": f"sum(l) {of_all}",
        "q": f"count(l) {of_all}",
    }


def _steps(call: Call, dialect: str) -> StepTexts:
    placed = {"e": MICROS[dialect].format(time="z"), "l": _label(call)}
    return placed, _sums(earlier("x"), earlier())


def _encoding(call: Call) -> str:
    smoothing = constant(call, "smoothing")
    value = f"(coalesce(s, 0.0e0) + {smoothing} * (p / q)) / (c + {smoothing})"
    return f"CASE WHEN e IS NOT NULL AND q > 0 AND c + {smoothing} > 0 THEN {value} END"


_NEVER = 10**17
"""Microseconds beyond every time."""


def _delayed_steps(call: Call, dialect: str) -> StepTexts:
    """Count back from when a row's own label is known to what was known strictly before the row.

    That distance differs from row to row, which only DuckDB's frames can say.
    """
    own_time, since = (MICROS[dialect].format(time=letter) for letter in ("z", "x4"))
    both = "z IS NOT NULL AND x4 IS NOT NULL"
    later = f"CASE WHEN {both} THEN greatest({since}, {own_time}) ELSE {_NEVER} END"
    placed = {"e": own_time, "k": later, "l": f"CASE WHEN {both} THEN {_label(call)} END"}
    reach = {"d": "k - coalesce(e, 0) + 1"}
    before = "ORDER BY k RANGE BETWEEN UNBOUNDED PRECEDING AND d PRECEDING"
    return placed, reach, _sums(f"OVER (PARTITION BY x {before})", f"OVER ({before})")


ENCODING: dict[type, Row] = {
    **both(own.TargetEncoding, _encoding, steps=_steps),
    own.DelayedTargetEncoding: class_row(
        own.DelayedTargetEncoding, {"duckdb": _encoding}, {}, _delayed_steps
    ),
}
