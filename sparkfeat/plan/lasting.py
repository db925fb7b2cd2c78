"""Which rows of instances with many cutoff times can stand once for all times that see them."""

from __future__ import annotations

from sparkfeat.plan.cutoffs import CutoffShape, TimeRule, bounds
from sparkfeat.plan.nodes import ChildRows, TargetRows
from sparkfeat.plan.places import Lasting
from sparkfeat.plan.spans import OF_ROWS, LastingRows, Owners, Points, Timeline


class LastingRowsMaker:
    """Makes the rows of one time rule, from the target's rows down."""

    def __init__(self, shape: CutoffShape, rule: TimeRule) -> None:
        self._shape = shape
        self._rule = rule

    def owners(self, rows: TargetRows) -> Lasting | None:
        """Return the instances, each once; None where that does not pay, or where they change with time."""
        if not (self._shape.repeated and rows.timed and rows.listed) or rows.visibility.masks:
            return None
        timeline = Timeline(f"{rows.label}_times", rows)
        upper, lower = bounds(self._rule)
        self._enters = Points(f"{rows.label}_enters", timeline, upper)
        self._leaves = Points(f"{rows.label}_leaves", timeline, lower) if lower is not None else None
        owners = Owners(
            f"{rows.label}_owners", rows.table, rows.columns, rows.visibility, timed=False, timeline=timeline
        )
        return Lasting(owners, owners, OF_ROWS, timeline, frozenset())

    def children(self, rows: ChildRows, above: Lasting | None) -> Lasting | None:
        """Return the same rows, each once; None where they change with time."""
        if above is None or rows.visibility.masks:
            return None
        by_time = rows.visibility.time is not None
        found = LastingRows(
            f"{rows.label}_lasting",
            rows.table,
            rows.columns,
            rows.visibility,
            timed=False,
            parent=above.rows,
            relationship=rows.relationship,
            carried=rows.carried,
            taken=rows.taken,
            enters=self._enters if by_time else None,
            leaves=self._leaves if by_time else None,
        )
        aliases = frozenset({*rows.columns, *(here for here, _ in rows.taken)})
        return Lasting(found, found, OF_ROWS, above.timeline, aliases)
