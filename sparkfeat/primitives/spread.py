"""Aggregations of how values lie around their mean in SQL, a row each, under Featuretools' names.

Values that equal the mean but for rounding are above or below it as numpy's rounding has it, so the mean is
rounded in the same way. Spark adds in no particular order: there it is so for values that are all alike.
"""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import INFINITY, all_present, constant, no_number
from sparkfeat.primitives.rows import Row, Template, aggregate

_X = "CAST(x AS DOUBLE)"

MEAN: dict[str, Template] = {"m": f"nan_to_null(numpy_sum({_X}, o) / count(x))"}

# numpy adds up to 128 alike values as eight equal sums side by side, and then what is left over.
_ALIKE = "min(x) = max(x) AND count(x) = count(*) AND count(*) <= 128"
_EIGHTH = f"coalesce(list_sum(list_transform(range(count(x) // 8), lambda w: min({_X}))), 0.0e0)"
_REST = f"list_transform(range(count(x) % 8), lambda w: min({_X}))"
_SUM_OF_ALIKE = f"list_sum(list_concat([8 * {_EIGHTH}], {_REST}))"
_EIGHTH_SPARK = (
    f"aggregate(array_repeat(min({_X}), CAST(count(x) DIV 8 AS INT)), CAST(0 AS DOUBLE), (v, w) -> v + w)"
)
_SUM_OF_ALIKE_SPARK = (
    f"aggregate(array_repeat(min({_X}), CAST(count(x) % 8 AS INT)), 8 * {_EIGHTH_SPARK}, (v, w) -> v + w)"
)
_AVERAGE = (
    f"CASE WHEN {_ALIKE} THEN {_SUM_OF_ALIKE} / count(x) ELSE nan_to_null(compensated_sum(x) / count(x)) END"
)
_AVERAGE_SPARK = (
    f"CASE WHEN {_ALIKE} THEN {_SUM_OF_ALIKE_SPARK} / count(x) WHEN min(x) = max(x) THEN min({_X})"
    f" ELSE nan_to_null(avg({_X})) END"
)
MEAN_SPARK: dict[str, Template] = {"m": _AVERAGE_SPARK}

# Of two values both are as far from the mean as the standard deviation: rounded in one way, they are inside.
_MIDDLE = f"((min({_X}) + max({_X})) / 2)"
_OF_TWO = (
    f"sqrt((({_MIDDLE} - min({_X})) * ({_MIDDLE} - min({_X}))"
    f" + ({_MIDDLE} - max({_X})) * ({_MIDDLE} - max({_X}))) / 2)"
)
# The squares of finite numbers may be too large to add up; infinities deviate from nothing.
_DEVIATION_SPARK: dict[str, Template] = {
    **MEAN_SPARK,
    "s": f"CASE WHEN count(x) = 2 THEN {_OF_TWO}"
    f" WHEN min(x) = max(x) THEN abs(min({_X}) - {_AVERAGE_SPARK})"
    f" WHEN max(abs({_X})) < {INFINITY} THEN coalesce(nan_to_null(stddev_pop({_X})), {INFINITY}) END",
}
_DEVIATION = f"sqrt(numpy_sum(({_X} - m) * ({_X} - m), o) / count(x))"


def _beside_mean(operator: str) -> Template:
    """Count the values on one side of the mean; without a mean there is none."""

    def text(call: Call) -> str:
        counted = f"count(CASE WHEN {_X} {operator} m THEN 1 END)"
        return all_present(call, f"CASE WHEN min(m) IS NOT NULL THEN {counted} END")

    return text


def _nth_deviation(operator: str) -> Template:
    def text(call: Call) -> str:
        far = f"nan_to_null({_DEVIATION} * {constant(call, 'n')})"
        distances = f"list(abs({_X} - m))"
        counted = f"len(list_filter({distances}, lambda v: v {operator} w))"
        return f"CAST(list_transform([{far}], lambda w: {counted})[1] AS BIGINT)"

    return text


def _nth_deviation_spark(operator: str) -> Template:
    def text(call: Call) -> str:
        far = f"nan_to_null(s * {constant(call, 'n')})"
        return f"count(CASE WHEN abs({_X} - m) {operator} {far} THEN 1 END)"

    return text


_COUNT_EQUAL = "CASE WHEN count(x) > 0 THEN count(CASE WHEN x = m THEN 1 END) END"
_COUNT_MEDIAN = f"count(CASE WHEN {_X} = m THEN 1 END)"


def _count_equal(call: Call) -> str:
    return all_present(call, _COUNT_EQUAL)


# scipy.stats.kurtosis: values whose variance is within the rounding of their mean have none.
_ROUNDING = "power(2.220446049250313e-16 * min(m), 2)"
_M2 = f"(sum(power({_X} - m, 2)) / count(x))"
_M4 = f"(sum(power({_X} - m, 4)) / count(x))"
_M2_SPARK = f"CASE WHEN min(x) = max(x) THEN power(min({_X}) - min(m), 2) ELSE var_pop({_X}) END"
# Of an infinity there is neither.
_RATIO_SPARK = f"CASE WHEN min(x) = max(x) THEN 1 + 0 * (min({_X}) - min(m)) ELSE kurtosis({_X}) + 3 END"
_UNBIASED = (
    "(1.0e0 / (count(x) - 2) / (count(x) - 3)"
    " * ((power(count(x), 2) - 1) * {ratio} - 3 * power(count(x) - 1, 2)) + 3)"
)


def _kurtosis(variance: str, ratio: str) -> Template:
    def text(call: Call) -> str:
        value = ratio
        if not bool(call.primitive.argument("bias")):
            value = f"CASE WHEN count(x) > 3 THEN {_UNBIASED.format(ratio=ratio)} ELSE {ratio} END"
        value = f"({value}) - 3" if bool(call.primitive.argument("fisher")) else value
        skips = call.primitive.argument("nan_policy") == "omit"
        present = "" if skips else "count(x) = count(*) AND "
        return f"CASE WHEN {present}{variance} > {_ROUNDING} THEN nan_to_null({value}) END"

    return text


def _raises(call: Call) -> str | None:
    """Leave it to Featuretools to raise."""
    policy = call.primitive.argument("nan_policy")
    return "nan_policy='raise' raises where there is a null" if policy == "raise" else None


def _deviating(name: str, operator: str) -> Row:
    """Make the row of the number of values within so many standard deviations, or beyond them."""
    return aggregate(
        name,
        _nth_deviation(operator),
        _nth_deviation_spark(operator),
        stage=MEAN,
        spark_stage=_DEVIATION_SPARK,
        refuse=no_number("n"),
    )


SPREAD: tuple[Row, ...] = (
    aggregate(
        "kurtosis",
        _kurtosis(_M2, f"{_M4} / ({_M2} * {_M2})"),
        _kurtosis(f"({_M2_SPARK})", f"({_RATIO_SPARK})"),
        stage={"m": _AVERAGE},
        spark_stage=MEAN_SPARK,
        refuse=_raises,
    ),
    aggregate("count_above_mean", _beside_mean(">"), stage=MEAN, spark_stage=MEAN_SPARK),
    aggregate("count_below_mean", _beside_mean("<"), stage=MEAN, spark_stage=MEAN_SPARK),
    _deviating("count_inside_nth_std", "<="),
    _deviating("count_outside_nth_std", ">"),
    aggregate("max_count", _count_equal, stage={"m": "max(x)"}),
    aggregate("min_count", _count_equal, stage={"m": "min(x)"}),
    aggregate(
        "median_count",
        lambda call: all_present(call, _COUNT_MEDIAN),
        stage={"m": f"median({_X})"},
        spark_stage={"m": f"percentile({_X}, 0.5)"},
    ),
)
