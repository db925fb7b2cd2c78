"""Windows that reach some rows, or some distance in the order's values, back or ahead."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp


@dataclass(frozen=True)
class Reach:
    """How far a window reaches, in rows, or in values of its order where `by_value`."""

    back: int
    ahead: int
    by_value: bool = False

    def __or__(self, other: Reach) -> Reach:
        """Return what reaches as far as both."""
        return Reach(max(self.back, other.back), max(self.ahead, other.ahead), self.by_value)


def reach_of(window: exp.Window) -> Reach | None:
    """Return how far a window reaches; None where that has no bound or is not known."""
    function = window.this
    if isinstance(function, exp.Lag | exp.Lead):
        offset = function.args.get("offset")
        rows = 1 if offset is None else int(offset.name)
        return Reach(rows, 0) if isinstance(function, exp.Lag) else Reach(0, rows)
    spec = window.args.get("spec")
    if spec is None:
        return None
    start = _distance(spec.args["start"], spec.args.get("start_side"))
    end = _distance(spec.args["end"], spec.args.get("end_side"))
    if start is None or end is None:
        return None
    by_value = spec.args["kind"] == "RANGE"
    return Reach(max(-start, -end, 0), max(start, end, 0), by_value)


def _distance(bound: object, side: str | None) -> int | None:
    """Return a frame's bound as a distance from the row, negative before it; None where it has none."""
    if bound == "CURRENT ROW":
        return 0
    if not isinstance(bound, exp.Literal):
        return None
    return int(bound.name) if side == "FOLLOWING" else -int(bound.name)
