"""Aggregations of how often each value occurs, in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import rank
from sparkfeat.primitives.rows import Row, value_counts


def _mode(call: Call) -> str:
    return f"first(v ORDER BY v IS NULL, n DESC, {rank('v', call.inputs[0], 'duckdb')})"


def _mode_spark(call: Call) -> str:
    key = rank("v", call.inputs[0], "spark")
    return f"min_by(v, CASE WHEN v IS NOT NULL THEN struct(-n, {key}) END)"


COUNTS: tuple[Row, ...] = (
    value_counts("mode", _mode, _mode_spark),
    value_counts("num_unique", "count(v)"),
)
