"""The aggregations in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from collections.abc import Callable

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import (
    all_present,
    constant,
    is_integer,
    no_number,
    seconds,
    unknown_unit,
)
from sparkfeat.primitives.rows import Row, Template, TwoPasses, aggregate

# pandas.core.nanops.nanskew: sums of centred powers, with sums below 1e-14 taken as zero. Here n is the
# number of values, m their mean, q their centred sum of squares, p the sum of cubes, c the centred one, e
# that all are alike, s the skewness, r about what the rounding of the cubes makes of it, which a skewness of
# skewnesses enlarges some hundred times.
_SKEW = """
CASE WHEN n < 3 THEN NULL
     WHEN e OR q < 1e-14 OR abs(c) < 1e-14 OR abs(s) <= r THEN 0.0
     ELSE nan_to_null(s) END
"""
_CENTRED_CUBES = "(p - 3 * m * q - n * m * m * m)"
_SPREAD = "(1 + n * m * m / q)"
_SQUARES_AGAIN = "sum((x - m) * (x - m))"
_CUBES_AGAIN = "sum((x - m) * (x - m) * (x - m))"
_SKEW_PASSES = TwoPasses(
    sums={
        "n": "count(x)",
        "e": "min(x) = max(x)",
        "m": "CAST(sum(x) AS DOUBLE) / count(x)",
        "q": "(count(x) - 1) * power(stddev_samp(CAST(x AS DOUBLE)), 2)",
        "p": "sum(CAST(x AS DOUBLE) * CAST(x AS DOUBLE) * CAST(x AS DOUBLE))",
    },
    measures={
        "c": _CENTRED_CUBES,
        "s": f"n * sqrt(n - 1.0) / (n - 2.0) * {_CENTRED_CUBES} / (q * sqrt(q))",
        "r": f"1.2e-16 * (4 + sqrt(n)) * {_SPREAD} * sqrt({_SPREAD})",
    },
    doubt="n > 2 AND NOT e AND NOT coalesce(isfinite(s) AND r <= 1e-12 * greatest(abs(s), 0.1), FALSE)",
    again=f"""
CASE WHEN abs({_SQUARES_AGAIN}) < 1e-14 OR abs({_CUBES_AGAIN}) < 1e-14 THEN 0.0
     ELSE nan_to_null(count(x) * sqrt(count(x) - 1.0) / (count(x) - 2.0)
                      * {_CUBES_AGAIN} / power({_SQUARES_AGAIN}, 1.5)) END
""",
)

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
        else "coalesce(nan_to_null(compensated_sum(x)), 0.0)"
    )


def _mean(call: Call) -> str:
    total = "CAST(sum(x) AS DOUBLE)" if is_integer(call.inputs[0]) else "compensated_sum(x)"
    return _skipna(call, f"nan_to_null(CASE WHEN count(x) > 0 THEN {total} / count(x) END)")


def _mean_spark(call: Call) -> str:
    return _skipna(call, "nan_to_null(avg(CAST(x AS DOUBLE)))")


def _skipna(call: Call, value: str) -> str:
    """Give null for a group with a null row where nulls count; masked ones are always skipped."""
    return value if call.inputs[0].masked else all_present(call, value)


def _since(time: str) -> Template:
    """Measure the time from a row's to the cutoff, in the call's unit."""
    return lambda call: seconds(f"seconds_between(t, {time})", call)


def _avg_time_between(call: Call) -> str:
    # By way of nanoseconds, as Featuretools has it: the last digit decides what equals what.
    average = "CAST(micros_between(max(x), min(x)) AS DOUBLE) * 1e3 / (count(x) - 1) * 1e-9"
    return f"CASE WHEN count(x) > 1 THEN {seconds(average, call)} END"


def _counted(condition: Callable[[Call], str]) -> Template:
    """Count the rows that pass."""
    return lambda call: all_present(call, f"count(CASE WHEN {condition(call)} THEN 1 END)")


def _between(call: Call) -> str:
    return f"x >= {constant(call, 'lower')} AND x <= {constant(call, 'upper')}"


def _outside(call: Call) -> str:
    return f"x < {constant(call, 'lower')} OR x > {constant(call, 'upper')}"


def _max_min_delta(call: Call) -> str:
    wide = "CAST(x AS DECIMAL(20, 0))" if is_integer(call.inputs[0]) else "x"
    return all_present(call, f"nan_to_null(CAST(max({wide}) - min({wide}) AS DOUBLE))")


# Null counts as one more value where nulls are not skipped.
_VALUES = "(count(DISTINCT x) + CASE WHEN count(x) < count(*) THEN 1 ELSE 0 END)"


def _has_no_duplicates(call: Call) -> str:
    skips = call.primitive.argument("skipna") is True
    return "count(x) = count(DISTINCT x)" if skips else f"count(*) = {_VALUES}"


def _percent_unique(call: Call) -> str:
    values = "count(DISTINCT x)" if call.primitive.argument("skipna") is True else _VALUES
    return f"CAST({values} AS DOUBLE) / CAST(count(*) AS DOUBLE)"


AGGREGATIONS: tuple[Row, ...] = (
    aggregate("count", "count(*)"),
    aggregate("sum", _sum, "coalesce(nan_to_null(sum(CAST(x AS DOUBLE))), 0.0)"),
    aggregate("mean", _mean, _mean_spark),
    aggregate("min", "min(x)"),
    aggregate("max", "max(x)"),
    aggregate("std", "nan_to_null(stddev_samp(CAST(x AS DOUBLE)))"),
    aggregate("skew", _SKEW, _SKEW_SPARK, passes=_SKEW_PASSES),
    aggregate(
        "median", "nan_to_null(median(CAST(x AS DOUBLE)))", "nan_to_null(percentile(CAST(x AS DOUBLE), 0.5))"
    ),
    aggregate("percent_true", "avg(CASE WHEN x THEN 1.0e0 ELSE 0.0e0 END)"),
    aggregate("first", "first(x ORDER BY o)", "min_by(x, o)"),
    aggregate("last", "last(x ORDER BY o)", "max_by(x, o)"),
    aggregate("trend", _TREND, stage=_TREND_STAGE),
    aggregate("time_since_last", _since("last(x ORDER BY o)"), _since("max_by(x, o)"), refuse=unknown_unit),
    aggregate("avg_time_between", _avg_time_between, refuse=unknown_unit),
    aggregate("variance", "nan_to_null(var_samp(CAST(x AS DOUBLE)))"),
    aggregate("all", "coalesce(bool_and(x), TRUE)"),
    aggregate("any", "coalesce(bool_or(x), FALSE)"),
    aggregate("num_true", "count(CASE WHEN x THEN 1 END)"),
    aggregate(
        "count_greater_than",
        _counted(lambda call: f"x > {constant(call, 'threshold')}"),
        refuse=no_number("threshold"),
    ),
    aggregate(
        "count_less_than",
        _counted(lambda call: f"x < {constant(call, 'threshold')}"),
        refuse=no_number("threshold"),
    ),
    aggregate("count_inside_range", _counted(_between), refuse=no_number("lower", "upper")),
    aggregate("count_outside_range", _counted(_outside), refuse=no_number("lower", "upper")),
    aggregate("max_min_delta", _max_min_delta),
    aggregate(
        "first_last_time_delta",
        "seconds_between(last(x ORDER BY x IS NOT NULL, o), first_by(x, x IS NOT NULL, o))",
        "seconds_between(max_by(x, CASE WHEN x IS NOT NULL THEN o END), first_by(x, x IS NOT NULL, o))",
    ),
    aggregate("time_since_first", _since("first(x ORDER BY o)"), _since("min_by(x, o)"), refuse=unknown_unit),
    aggregate("is_unique", f"count(*) = {_VALUES}"),
    aggregate("has_no_duplicates", _has_no_duplicates),
    aggregate("percent_unique", _percent_unique),
)
