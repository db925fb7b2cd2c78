"""Aggregations of when rows happened, in SQL."""

from __future__ import annotations

from sparkfeat.definitions import own
from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import seconds
from sparkfeat.primitives.own.row import both
from sparkfeat.primitives.rows import Row, StepTexts


def _since(call: Call) -> str:
    return seconds("seconds_between(t, max(CASE WHEN x = m THEN y END))", call)


_GAPS: StepTexts = ({"g": "seconds_between(x, lag(x, 1) OVER (ORDER BY x))"},)


def _between(given: type, duckdb: str, spark: str | None = None) -> dict[type, Row]:
    return both(
        given,
        lambda call: seconds(duckdb, call),
        lambda call: seconds(spark or duckdb, call),
        steps=_GAPS,
    )


TIMES: dict[type, Row] = {
    **both(own.TimeSinceMax, _since, stage={"m": "max(x)"}),
    **both(own.TimeSinceMin, _since, stage={"m": "min(x)"}),
    **_between(own.MaxTimeBetween, "max(g)"),
    **_between(own.MinTimeBetween, "min(g)"),
    **_between(own.MedianTimeBetween, "median(g)", "percentile(g, 0.5)"),
    **_between(own.StdTimeBetween, "stddev_samp(g)"),
}
