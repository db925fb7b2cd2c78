"""Aggregations that weigh rows by how long ago they were, in SQL."""

from __future__ import annotations

from sparkfeat.definitions import own
from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.own.row import both, micros
from sparkfeat.primitives.rows import Row


def _weight(call: Call, until: str, time: str) -> str:
    return f"power(2.0e0, -(micros_between({until}, {time}) / {micros(call, 'halflife')}.0e0))"


def _sum(call: Call) -> str:
    return f"sum(CAST(x AS DOUBLE) * {_weight(call, 't', 'y')})"


_LATEST = "max(CASE WHEN x IS NOT NULL THEN y END)"


def _mean(call: Call) -> str:
    weight = _weight(call, "m", "y")
    return f"sum(CAST(x AS DOUBLE) * {weight}) / sum(CASE WHEN x IS NOT NULL THEN {weight} END)"


def _count(call: Call) -> str:
    return f"sum({_weight(call, 't', 'x')})"


def _within(call: Call, argument: str, time: str) -> str:
    return f"micros_between(t, {time}) < {micros(call, argument)}"


def _ratio(call: Call) -> str:
    short, long = (
        f"coalesce(sum(CASE WHEN {_within(call, window, 'y')} THEN CAST(x AS DOUBLE) END), 0.0e0)"
        for window in ("short", "long")
    )
    return f"CASE WHEN {long} <> 0 THEN {short} / {long} END"


def _count_ratio(call: Call) -> str:
    short, long = (
        f"count(CASE WHEN {_within(call, window, 'x')} THEN 1 END)" for window in ("short", "long")
    )
    return f"CASE WHEN {long} > 0 THEN CAST({short} AS DOUBLE) / {long} END"


DECAY: dict[type, Row] = {
    **both(own.ExponentialWeightedSum, _sum),
    **both(own.ExponentialWeightedMean, _mean, stage={"m": _LATEST}),
    **both(own.ExponentialWeightedCount, _count),
    **both(own.WindowRatio, _ratio),
    **both(own.WindowCountRatio, _count_ratio),
}
