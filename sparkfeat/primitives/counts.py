"""Aggregations of how often each value occurs, in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import rank
from sparkfeat.primitives.rows import Row, aggregate, value_counts


def _mode(call: Call) -> str:
    return f"first(v ORDER BY v IS NULL, n DESC, {rank('v', call.inputs[0], 'duckdb')})"


def _mode_spark(call: Call) -> str:
    key = rank("v", call.inputs[0], "spark")
    return f"min_by(v, CASE WHEN v IS NOT NULL THEN struct(-n, {key}) END)"


def _average_count(call: Call) -> str:
    """Divide rows by values; of a category column every category is a value, in the group or not."""
    categories = call.inputs[0].categories
    values = "count(DISTINCT x)" if categories is None else str(len(categories))
    if call.primitive.argument("skipna") is True:
        return f"CAST(count(x) AS DOUBLE) / nullif({values}, 0)"
    return f"CAST(count(*) AS DOUBLE) / nullif({values} + CASE WHEN count(x) < count(*) THEN 1 ELSE 0 END, 0)"


def _unknown_categories(call: Call) -> str | None:
    column = call.inputs[0]
    if column.categorical and column.categories is None:
        return "the number of categories is only known to the data"
    return None


COUNTS: tuple[Row, ...] = (
    value_counts("mode", _mode, _mode_spark),
    value_counts("num_unique", "count(v)"),
    aggregate("average_count_per_unique", _average_count, refuse=_unknown_categories),
)
