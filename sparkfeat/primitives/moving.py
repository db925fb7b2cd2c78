"""Statistics of a moving window of values: over frames where SQL has them, else over collected rows.

In the texts, x is the row's time and s its value, null where it has none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sparkfeat.primitives.frames import WHOLE
from sparkfeat.primitives.rows import StepTexts

Statistic = Callable[[str], tuple[StepTexts, str]]
"""Returns the steps and the text of 'count', 'max', 'min', 'mean', 'std', 'trend' or 'outliers'."""


@dataclass(frozen=True)
class Moving:
    """A window: the steps that lead to it, how many values it has, and its statistics.

    `rows` is how many rows it has, values or not, where those must be enough too.
    """

    steps: StepTexts
    known: str
    statistic: Statistic
    rows: str | None = None

    def guarded(self, name: str, least: int) -> tuple[StepTexts, str]:
        """Return the steps and the text of a statistic, null where there are too few values."""
        more, value = self.statistic(name)
        conditions = [f"{self.known} >= {least}"]
        if self.rows is not None:
            conditions.append(f"{self.rows} >= {max(1, least)}")
        return (*self.steps, *more), f"CASE WHEN {' AND '.join(conditions)} THEN {value} END"


# Over frames --------------------------------------------------------------------------------------------


def framed(
    steps: StepTexts, over: str, dialect: str, known: str | None = None, rows: str | None = None
) -> Moving:
    """Return the window of a frame; `known` counts values over another one."""
    return Moving(steps, f"count(s) {known or over}", partial(_over, over, dialect), rows)


_PLAIN = {
    "count": "count(s)",
    "max": "max(s)",
    "min": "min(s)",
    "mean": "avg(s)",
    "std": "stddev_samp(s)",
}


def _over(over: str, dialect: str, name: str) -> tuple[StepTexts, str]:
    if name == "trend":
        return _trend(over)
    if name == "outliers":
        return _outliers(over, dialect)
    value = f"{_PLAIN[name]} {over}"
    return (), f"nan_to_null({value})" if name == "std" else value


def _trend(over: str) -> tuple[StepTexts, str]:
    """Return the slope as featuretools.utils.calculate_trend has it, of rows with value and time.

    Times count from the first row.
    """
    steps = (
        {"f": f"min(x) {WHOLE}", "q": "CASE WHEN s IS NOT NULL THEN x END"},
        {"u": "seconds_between(x, f)"},
    )
    slope = f"regr_slope(s, u) {over} * time_unit(earliest(q) {over})"
    return steps, _slope(f"count(q) {over}", f"min(q) {over} = max(q) {over}", slope)


def _slope(count: str, same_time: str, slope: str) -> str:
    return f"CASE WHEN {count} < 3 THEN NULL WHEN {same_time} THEN 0.0e0 ELSE nan_to_null({slope}) END"


_BY_DIALECT = {
    "duckdb": ("quantile_cont(s, {share})", "list(s)", "len(list_filter(l, lambda w: w < lo OR w > hi))"),
    "spark": ("percentile(s, {share})", "collect_list(s)", "size(filter(l, w -> w < lo OR w > hi))"),
}


def _outliers(over: str, dialect: str) -> tuple[StepTexts, str]:
    quartile, values, outside = _BY_DIALECT[dialect]
    extremes = {"lowest": f"min(s) {over}", "highest": f"max(s) {over}", "l": f"{values} {over}"}
    quartiles = {
        "q": f"{quartile.format(share=0.25)} {over}",
        "h": f"{quartile.format(share=0.75)} {over}",
    }
    return (extremes | quartiles, _box()), f"CASE WHEN count(s) {over} > 0 THEN {outside} END"


def _box() -> dict[str, str]:
    """Return the bounds of woodwork's box plot, rounded as it does, from quartiles and extremes."""
    return {
        "lo": "round_5(greatest(q - 1.5e0 * (h - q), lowest))",
        "hi": "round_5(least(h + 1.5e0 * (h - q), highest))",
    }


# Over collected rows ------------------------------------------------------------------------------------


def listed(steps: StepTexts, known: str, rows: str | None = None) -> Moving:
    """Return the window of the rows collected in p, for Spark, whose frames are constant.

    p holds structs of r (place), x (time) and s, which is never null.
    """
    return Moving(steps, known, _listed, rows)


_SUM = "aggregate(p, CAST(0 AS DOUBLE), (a, w) -> a + {term})"
_VALUES = "transform(p, w -> w.s)"
_MEAN = f"{_SUM.format(term='w.s')} / size(p)"
_FROM_LIST = {
    "count": "size(p)",
    "max": f"array_max({_VALUES})",
    "min": f"array_min({_VALUES})",
    "mean": f"CASE WHEN size(p) > 0 THEN {_MEAN} END",
}


def _listed(name: str) -> tuple[StepTexts, str]:
    return _LISTED[name]() if name in _LISTED else ((), _FROM_LIST[name])


def _listed_std() -> tuple[StepTexts, str]:
    squares = _SUM.format(term="(w.s - m) * (w.s - m)")
    step = {"m": f"CASE WHEN size(p) > 0 THEN {_MEAN} END"}
    return (step,), f"CASE WHEN size(p) > 1 THEN sqrt({squares} / (size(p) - 1)) END"


def _listed_trend() -> tuple[StepTexts, str]:
    """Sum the products of what values and times differ from their means by."""
    first = "get(p, 0).x"
    seconds = "seconds_between(w.x, f)"
    means = {"m": f"CASE WHEN size(p) > 0 THEN {_MEAN} END", "f": first}
    times = {"u": f"CASE WHEN size(p) > 0 THEN {_SUM.format(term=seconds)} / size(p) END"}
    across = _SUM.format(term=f"(w.s - m) * ({seconds} - u)")
    along = _SUM.format(term=f"({seconds} - u) * ({seconds} - u)")
    same = "array_max(transform(p, w -> w.x)) = array_min(transform(p, w -> w.x))"
    return (means, times), _slope("size(p)", same, f"{across} / {along} * time_unit(f)")


def _listed_outliers() -> tuple[StepTexts, str]:
    def quartile(share: float) -> str:
        at = f"({share} * (size(v) - 1))"
        low, high = f"get(v, CAST(floor({at}) AS INT))", f"get(v, CAST(ceil({at}) AS INT))"
        return f"{low} + ({high} - {low}) * ({at} - floor({at}))"

    values = {"v": f"array_sort({_VALUES})"}
    extremes = {"lowest": "array_min(v)", "highest": "array_max(v)"}
    quartiles = {"q": quartile(0.25), "h": quartile(0.75), **extremes}
    outside = "CASE WHEN size(v) > 0 THEN size(filter(v, w -> w < lo OR w > hi)) END"
    return (values, quartiles, _box()), outside


_LISTED: dict[str, Callable[[], tuple[StepTexts, str]]] = {
    "std": _listed_std,
    "trend": _listed_trend,
    "outliers": _listed_outliers,
}
