"""Aggregations along the row order in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.frames import BEFORE, RUNNING, WHOLE
from sparkfeat.primitives.rows import Row, StepTexts, aggregate
from sparkfeat.primitives.spread import MEAN, MEAN_SPARK


def _runs(good: str, bad: str) -> StepTexts:
    """Return the steps to a run's length: the number of good rows so far, less that at the last bad one."""
    return (
        {"g": f"count(CASE WHEN {good} THEN 1 END) {RUNNING}"},
        {"b": f"max(CASE WHEN {bad} THEN g END) {RUNNING}"},
    )


def _longest(good: str) -> str:
    return f"coalesce(max(CASE WHEN {good} THEN g - coalesce(b, 0) END), 0)"


def _skips_nulls(call: Call) -> bool:
    return dict(call.primitive.arguments).get("skipna", False) is True


def _max_consecutive(name: str, good: str) -> Row:
    """Make the row of the longest run of good rows; nulls end a run where they are not skipped."""

    def longest(call: Call) -> str:
        return _longest(f"{good} AND c IS NOT NULL" if call.inputs[0].masked else good)

    def steps(call: Call, _: str) -> StepTexts:
        if call.inputs[0].masked:
            before = f"latest({good}) {BEFORE}" if _skips_nulls(call) else f"lag({good}, 1) OVER ()"
            return _masked_runs(good, before)
        return _runs(good, f"NOT ({good})" if _skips_nulls(call) else f"coalesce(NOT ({good}), TRUE)")

    return aggregate(name, longest, steps=steps)


def _masked_runs(good: str, previous: str) -> StepTexts:
    """Return the steps to a run's length as pandas compares masked values: beside a null no run changes.

    Rows without a value before them are in no run, and so not counted.
    """
    return (
        {"p": previous},
        {"c": f"CASE WHEN ({good}) = p THEN 0 WHEN ({good}) <> p THEN 1 END"},
        {"g": f"count(c) {RUNNING}"},
        {"b": f"max(CASE WHEN c = 1 THEN g - 1 END) {RUNNING}"},
    )


def _consecutive_mean(name: str, operator: str) -> Row:
    """Make the row of the longest run of values on one side of the group's mean."""
    good = f"x {operator} m"

    def longest(call: Call) -> str:
        return (
            _longest(good)
            if _skips_nulls(call)
            else f"CASE WHEN count(x) = count(*) THEN {_longest(good)} END"
        )

    steps = _runs(good, f"NOT ({good})")
    return aggregate(name, longest, stage=MEAN, spark_stage=MEAN_SPARK, steps=steps)


def _since_last(name: str, counted: str, last: str) -> Row:
    """Make the row of how many rows pass after the last that passes another condition; null without one."""
    steps = (
        {
            "c": f"count(CASE WHEN {last} THEN 1 END) {RUNNING}",
            "d": f"count(CASE WHEN {last} THEN 1 END) {WHOLE}",
        },
    )
    value = f"CASE WHEN max(d) > 0 THEN count(CASE WHEN {counted} AND c = d THEN 1 END) END"
    return aggregate(name, value, steps=steps)


def _monotonic(name: str, operator: str) -> Row:
    return aggregate(name, f"coalesce(bool_and(x {operator} p), TRUE)", steps=({"p": f"latest(x) {BEFORE}"},))


# scipy.signal.find_peaks: a rise, then any number of equal values, then a fall. A null is neither.
_SLOPE = (
    "CASE WHEN x > lag(x, 1) OVER () THEN 1 WHEN x < lag(x, 1) OVER () THEN -1"
    " WHEN x = lag(x, 1) OVER () THEN NULL ELSE 0 END"
)
_SIGN = "CASE WHEN x > 0 THEN 1 WHEN x < 0 THEN -1 END"

SEQUENCES: tuple[Row, ...] = (
    _max_consecutive("max_consecutive_true", "x"),
    _max_consecutive("max_consecutive_false", "NOT x"),
    _max_consecutive("max_consecutive_positives", "x > 0"),
    _max_consecutive("max_consecutive_negatives", "x < 0"),
    _max_consecutive("max_consecutive_zeros", "x = 0"),
    _consecutive_mean("num_consecutive_greater_mean", ">"),
    _consecutive_mean("num_consecutive_less_mean", "<"),
    _since_last("num_true_since_last_false", "x", "NOT x"),
    _since_last("num_false_since_last_true", "NOT x", "x"),
    _monotonic("is_monotonically_increasing", ">="),
    _monotonic("is_monotonically_decreasing", "<="),
    aggregate(
        "num_peaks",
        "count(CASE WHEN d = -1 AND p = 1 THEN 1 END)",
        steps=({"d": _SLOPE}, {"p": f"latest(d) {BEFORE}"}),
    ),
    aggregate(
        "num_zero_crossings",
        f"count(CASE WHEN {_SIGN} = -p THEN 1 END)",
        steps=({"p": f"latest({_SIGN}) {BEFORE}"},),
    ),
)
