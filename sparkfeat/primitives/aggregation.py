"""The aggregations in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import is_integer, rank, seconds, unknown_unit
from sparkfeat.primitives.rows import Row, Template, aggregate, value_counts

# pandas sums with Kahan's compensation, as fsum does; fsum gives NaN where an infinity takes part,
# and then the plain sum is the answer.
_FSUM = "CASE WHEN isfinite(fsum(x)) THEN fsum(x) ELSE sum(x) END"

# pandas.core.nanops.nanskew: sums of centred powers, with sums below 1e-14 taken as zero.
_M2 = "sum((x - m) * (x - m))"
_M3 = "sum((x - m) * (x - m) * (x - m))"
_SKEW = f"""
CASE WHEN count(x) < 3 THEN NULL
     WHEN abs({_M2}) < 1e-14 OR abs({_M3}) < 1e-14 THEN 0.0
     ELSE nan_to_null(count(x) * sqrt(count(x) - 1.0) / (count(x) - 2.0) * {_M3} / power({_M2}, 1.5)) END
"""

# Spark's own moments are centred as they are merged, exact enough in one pass; one more pass over the rows
# would cost a shuffle. Its skewness is the population's: corrected here, and the sums compared with 1e-14.
_SPARK_M2 = "count(x) * var_pop(CAST(x AS DOUBLE))"
_SPARK_M3 = "count(x) * skewness(CAST(x AS DOUBLE)) * power(var_pop(CAST(x AS DOUBLE)), 1.5)"
_SKEW_SPARK = f"""
CASE WHEN count(x) < 3 THEN NULL
     WHEN {_SPARK_M2} < 1e-14 OR abs({_SPARK_M3}) < 1e-14 THEN 0.0e0
     ELSE nan_to_null(skewness(CAST(x AS DOUBLE)) * sqrt(count(x) * (count(x) - 1.0e0)) / (count(x) - 2)) END
"""

# featuretools.utils.calculate_trend: least squares over the rows with both values, in a unit of time
# that the first of them decides. `int(value * 1e-9)` is computed in doubles there, and so it is here.
_TREND_STAGE: dict[str, Template] = {
    "m": "avg(CASE WHEN y IS NOT NULL THEN CAST(x AS DOUBLE) END)",
    "f": "min(CASE WHEN x IS NOT NULL THEN y END)",
    "u": "first_by(CASE WHEN x IS NOT NULL THEN y END, x IS NOT NULL, o)",
}
_TREND = """
CASE WHEN count(CASE WHEN y IS NOT NULL THEN x END) < 3 THEN NULL
     WHEN min(CASE WHEN x IS NOT NULL THEN y END) = max(CASE WHEN x IS NOT NULL THEN y END) THEN 0.0
     ELSE nan_to_null(regr_slope(x - m, seconds_between(y, f)) * min(time_unit(u))) END
"""


def _sum(call: Call) -> str:
    # A sum of BIGINT is a HUGEINT: exact, where pandas wraps at 64 bits.
    return (
        "coalesce(CAST(sum(x) AS DOUBLE), 0.0)"
        if is_integer(call.inputs[0])
        else f"coalesce(nan_to_null({_FSUM}), 0.0)"
    )


def _mean(call: Call) -> str:
    total = "CAST(sum(x) AS DOUBLE)" if is_integer(call.inputs[0]) else _FSUM
    return _skipna(call, f"nan_to_null(CASE WHEN count(x) > 0 THEN ({total}) / count(x) END)")


def _mean_spark(call: Call) -> str:
    return _skipna(call, "nan_to_null(avg(CAST(x AS DOUBLE)))")


def _skipna(call: Call, value: str) -> str:
    """Give null for a group with a null row where nulls count; masked ones are always skipped."""
    return (
        value
        if call.primitive.argument("skipna") is True or call.inputs[0].masked
        else f"CASE WHEN count(x) = count(*) THEN {value} END"
    )


def _mode(call: Call) -> str:
    return f"first(v ORDER BY v IS NULL, n DESC, {rank('v', call.inputs[0], 'duckdb')})"


def _mode_spark(call: Call) -> str:
    key = rank("v", call.inputs[0], "spark")
    return f"min_by(v, CASE WHEN v IS NOT NULL THEN struct(-n, {key}) END)"


def _time_since_last(call: Call) -> str:
    return seconds("seconds_between(t, last(x ORDER BY o))", call)


def _time_since_last_spark(call: Call) -> str:
    return seconds("seconds_between(t, max_by(x, o))", call)


def _avg_time_between(call: Call) -> str:
    average = "seconds_between(max(x), min(x)) / (count(x) - 1)"
    return f"CASE WHEN count(x) > 1 THEN {seconds(average, call)} END"


AGGREGATIONS: tuple[Row, ...] = (
    aggregate("count", "count(*)"),
    aggregate("sum", _sum, "coalesce(nan_to_null(sum(CAST(x AS DOUBLE))), 0.0)"),
    aggregate("mean", _mean, _mean_spark),
    aggregate("min", "min(x)"),
    aggregate("max", "max(x)"),
    aggregate("std", "nan_to_null(stddev_samp(CAST(x AS DOUBLE)))"),
    aggregate("skew", _SKEW, _SKEW_SPARK, stage={"m": "avg(CAST(x AS DOUBLE))"}, spark_stage={}),
    aggregate(
        "median", "nan_to_null(median(CAST(x AS DOUBLE)))", "nan_to_null(percentile(CAST(x AS DOUBLE), 0.5))"
    ),
    aggregate("percent_true", "avg(CASE WHEN x THEN 1.0e0 ELSE 0.0e0 END)"),
    aggregate("first", "first(x ORDER BY o)", "min_by(x, o)"),
    aggregate("last", "last(x ORDER BY o)", "max_by(x, o)"),
    aggregate("trend", _TREND, stage=_TREND_STAGE),
    aggregate("time_since_last", _time_since_last, _time_since_last_spark, refuse=unknown_unit),
    aggregate("avg_time_between", _avg_time_between, refuse=unknown_unit),
    value_counts("mode", _mode, _mode_spark),
    value_counts("num_unique", "count(v)"),
)
