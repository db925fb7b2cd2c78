"""Aggregations of how values lie, over time and among each other, in SQL."""

from __future__ import annotations

from sparkfeat.definitions import own
from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import SECONDS
from sparkfeat.primitives.own.row import both
from sparkfeat.primitives.rows import Row

_TIMES = "CASE WHEN x IS NOT NULL THEN y END"


def _slope(call: Call) -> str:
    slope = "regr_slope(CAST(x AS DOUBLE) - m, seconds_between(y, f))"
    unit = SECONDS[str(call.primitive.argument("unit"))]
    return f"CASE WHEN min({_TIMES}) < max({_TIMES}) THEN nan_to_null({slope}) * {unit!r} END"


def _argument(call: Call, name: str) -> str:
    return f"{float(str(call.primitive.argument(name)))!r}"


def _quantile(call: Call) -> str:
    return f"nan_to_null(quantile_cont(CAST(x AS DOUBLE), {_argument(call, 'q')}))"


def _quantile_spark(call: Call) -> str:
    return f"nan_to_null(percentile(CAST(x AS DOUBLE), {_argument(call, 'q')}))"


def _one_of(call: Call) -> str:
    """Return the exact one: DuckDB's approximate quantile guarantees nothing of its rank."""
    return f"quantile_disc(CAST(x AS DOUBLE), {_argument(call, 'q')})"


def _one_of_spark(call: Call) -> str:
    accuracy = round(1 / float(_argument(call, "error")))
    return f"percentile_approx(CAST(x AS DOUBLE), {_argument(call, 'q')}, {accuracy})"


_ERROR_OF_DUCKDB = 0.0325
"""Of a HyperLogLog of 1,024 registers: 1.04 / sqrt(1024)."""


def _num_unique(call: Call) -> str:
    enough = float(_argument(call, "relative_error")) >= _ERROR_OF_DUCKDB
    return "approx_count_distinct(x)" if enough else "count(DISTINCT x)"


def _num_unique_spark(call: Call) -> str:
    return f"approx_count_distinct(x, {_argument(call, 'relative_error')})"


SPREAD: dict[type, Row] = {
    **both(own.Slope, _slope, stage={"m": "avg(CAST(x AS DOUBLE))", "f": f"min({_TIMES})"}),
    **both(own.Quantile, _quantile, _quantile_spark),
    **both(own.ApproximateQuantile, _one_of, _one_of_spark),
    **both(own.ApproximateNumUnique, _num_unique, _num_unique_spark),
}
