"""Windows from the first row on, as the state of a range of rows combined with that of the ranges before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from sparkfeat.primitives.frames import BEFORE, WHOLE

LATER = "OVER (ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)"


@dataclass(frozen=True)
class State:
    """How a window is put together; texts in which letters stand for what other fields hold.

    Attributes:
        letters: the function's arguments, x and y.
        of_range: aggregates of one range, by letter; o is the order.
        carried: windows over the ranges in their order, of their aggregates, by letter.
        here: functions of the window within the range, by letter; None is the window's own.
        value: the result, of what is here and what is carried.
    """

    letters: Mapping[str, exp.Expr]
    of_range: Mapping[str, str] = field(default_factory=dict)
    carried: Mapping[str, str] = field(default_factory=dict)
    here: Mapping[str, str | None] = field(default_factory=dict)
    value: str = "v"


def state_of(window: exp.Window) -> State | None:
    """Return how to compute a window in ranges; None where that is not known."""
    function = window.this
    ignoring = isinstance(function, exp.IgnoreNulls)
    function = function.this if ignoring else function
    made = _KNOWN.get((frame_of(window), ignoring, type(function)))
    return made(function) if made else None


def is_unordered(window: exp.Window) -> bool:
    """Tell a window of all rows whose function does not ask for their order."""
    return (frame_of(window), False, type(window.this)) in _KNOWN and frame_of(window) == _WHOLE


def frame_of(window: exp.Window) -> str:
    """Return a window's frame as SQL; empty where it has none."""
    spec = window.args.get("spec")
    return "" if spec is None else str(spec.sql())


def _letters(function: exp.Expr) -> dict[str, exp.Expr]:
    arguments = [function.this, *([function.expression] if function.args.get("expression") else [])]
    return {letter: one for letter, one in zip("xy", arguments, strict=False) if isinstance(one, exp.Expr)}


def _combined(of_range: str, carried: str, value: str) -> Callable[[exp.Expr], State]:
    return lambda function: State(_letters(function), {"b": of_range}, {"c": carried}, {"v": None}, value)


def _whole(of_range: str, carried: str) -> Callable[[exp.Expr], State]:
    return lambda function: State(_letters(function), {"b": of_range}, {"c": f"{carried} {WHOLE}"}, value="c")


def _within(function: exp.Expr) -> State:
    """Rows of one value are in one range."""
    return State(_letters(function), here={"v": None})


# Means, deviations and slopes ----------------------------------------------------------------------------


def _mean(function: exp.Expr) -> State:
    parts = {"s": "sum(x)", "n": "count(x)"}
    carried = {"t": f"sum(s) {BEFORE}", "m": f"sum(n) {BEFORE}"}
    value = "CAST(coalesce(s + t, s, t) AS DOUBLE) / nullif(n + coalesce(m, 0), 0)"
    return State(_letters(function), parts, carried, parts, value)


# Count, means of x and y, sum of squares of x, sum of products, all about the means. Of two such states a
# third is made as in Chan, Golub, LeVeque: Updating formulae and a pairwise algorithm (1979).
_MOMENTS: dict[str, str] = {
    "n": "regr_count(y, x)",
    "a": "regr_avgx(y, x)",
    "b": "regr_avgy(y, x)",
    "p": "regr_sxx(y, x)",
    "q": "regr_sxy(y, x)",
}
_SHARE = "(get(t, 0) / (get(s, 0) + get(t, 0)))"
_APART = "(get(t, {0}) - get(s, {0}))"
_MERGED = ", ".join(
    [
        "get(s, 0) + get(t, 0)",
        *(f"get(s, {n}) + {_APART.format(n)} * {_SHARE}" for n in (1, 2)),
        *(
            f"get(s, {n}) + get(t, {n}) + {_APART.format(1)} * {_APART.format(m)} * get(s, 0) * {_SHARE}"
            for n, m in ((3, 1), (4, 2))
        ),
    ]
)
_NOTHING = ", ".join(["CAST(0 AS DOUBLE)"] * 5)
_FOLDED = (
    f"aggregate(collect_list(CASE WHEN n > 0 THEN array(CAST(n AS DOUBLE), a, b, p, q) END) {BEFORE}, "
    f"array({_NOTHING}), (s, t) -> array({_MERGED}))"
)
_TOTAL = "(n + get(z, 0))"


def _about_mean(own: str, place: int, other: str, other_place: int) -> str:
    """Return the sum of products of two columns' distances from their means, of all rows so far."""
    apart = f"(a - get(z, 1)) * ({other} - get(z, {other_place})) * get(z, 0) * (n / {_TOTAL})"
    return (
        f"(get(z, {place}) + coalesce({own}, 0) + CASE WHEN n > 0 AND get(z, 0) > 0 THEN {apart} ELSE 0 END)"
    )


_SQUARES = _about_mean("p", 3, "a", 1)
_PRODUCTS = _about_mean("q", 4, "b", 2)


def _moments(letters: Mapping[str, exp.Expr], value: str) -> State:
    return State(letters, _MOMENTS, {"z": _FOLDED}, _MOMENTS, value)


def _deviation(function: exp.Expr) -> State:
    value = f"CASE WHEN {_TOTAL} > 1 THEN sqrt({_SQUARES} / ({_TOTAL} - 1)) END"
    return _moments({"x": function.this, "y": function.this}, value)


def _slope(function: exp.Expr) -> State:
    # regr_slope(y, x): its first argument is the one explained.
    return _moments(
        {"y": function.this, "x": function.expression},
        f"CASE WHEN {_TOTAL} > 1 THEN {_PRODUCTS} / nullif({_SQUARES}, 0) END",
    )


# By frame, whether nulls are ignored, and function --------------------------------------------------------

_SO_FAR = (
    "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
    "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
)
_AFTER = "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING"
_WHOLE = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
_TIES = "RANGE BETWEEN CURRENT ROW AND CURRENT ROW"

_NUMBERED = _combined("count(*)", f"sum(b) {BEFORE}", "v + coalesce(c, 0)")
_FIRST = "min_by(x, CASE WHEN x IS NOT NULL THEN o END)"
_LAST = "max_by(x, CASE WHEN x IS NOT NULL THEN o END)"

Made = Callable[[exp.Expr], State]
_RUNNING: dict[tuple[bool, type[exp.Expr]], Made] = {
    (False, exp.Sum): _combined("sum(x)", f"sum(b) {BEFORE}", "coalesce(v + c, v, c)"),
    (False, exp.Count): _combined("count(x)", f"sum(b) {BEFORE}", "v + coalesce(c, 0)"),
    (False, exp.Min): _combined("min(x)", f"min(b) {BEFORE}", "least(v, c)"),
    (False, exp.Max): _combined("max(x)", f"max(b) {BEFORE}", "greatest(v, c)"),
    (False, exp.Avg): _mean,
    (False, exp.StddevSamp): _deviation,
    (False, exp.RegrSlope): _slope,
    (True, exp.LastValue): _combined(_LAST, f"last_value(b) IGNORE NULLS {BEFORE}", "coalesce(v, c)"),
    (True, exp.FirstValue): _combined(_FIRST, f"first_value(b) IGNORE NULLS {BEFORE}", "coalesce(c, v)"),
}
_KNOWN: dict[tuple[str, bool, type[exp.Expr]], Made] = {
    **{(frame, *kind): made for frame in _SO_FAR for kind, made in _RUNNING.items()},
    (_AFTER, True, exp.FirstValue): _combined(
        _FIRST, f"first_value(b) IGNORE NULLS {LATER}", "coalesce(v, c)"
    ),
    (_WHOLE, False, exp.Count): _whole("count(x)", "sum(b)"),
    (_WHOLE, False, exp.Sum): _whole("sum(x)", "sum(b)"),
    (_WHOLE, False, exp.Min): _whole("min(x)", "min(b)"),
    (_WHOLE, False, exp.Max): _whole("max(x)", "max(b)"),
    (_TIES, False, exp.Count): _within,
    ("", False, exp.RowNumber): _NUMBERED,
    ("", False, exp.Rank): _NUMBERED,
}
