"""Nodes for instances with many cutoff times: rows that stand once for all times that see them.

The cutoff times of an instance, the owner of its rows, are numbered from 0. A row of a lasting relation has
the span of those at which it is what it says: FROM is the first of them, UNTIL the one after the last.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sparkfeat.entityset import Relationship
from sparkfeat.plan.cutoffs import Bound
from sparkfeat.plan.nodes import Aggregate, Join, Node, Rows, TargetRows, listed

OWNER = "__owner"
"""Column of the instance whose cutoff times are meant."""

TILE = "__tile"
"""Column of a cutoff time's number."""

TILES = "__tiles"
"""Column of how many cutoff times the owner has."""

POINT = "__point"

Span = tuple[str, str]
"""The columns that hold FROM and UNTIL."""

OF_ROWS: Span = ("__from", "__until")
OF_PIECES: Span = ("__piece_from", "__piece_until")


@dataclass(frozen=True, eq=False)
class Timeline(Node):
    """The cutoff times of each instance, numbered: OWNER, TIME, TILE, TILES."""

    target: TargetRows

    @property
    def parents(self) -> tuple[Node, ...]:
        """The target's rows, of which there is one for each time."""
        return (self.target,)

    @property
    def description(self) -> str:
        """Say whose times."""
        return f"cutoff times of {self.target.table.name}, numbered"


@dataclass(frozen=True, eq=False)
class Points(Node):
    """A point in time before each cutoff time: OWNER, POINT, TILE."""

    timeline: Timeline
    bound: Bound

    @property
    def parents(self) -> tuple[Node, ...]:
        """The cutoff times."""
        return (self.timeline,)

    @property
    def description(self) -> str:
        """Say what they are for."""
        return "where the spans of visible rows end"


@dataclass(frozen=True, eq=False)
class Owners(Rows):
    """The instances, each once, with the span of all of its cutoff times."""

    timeline: Timeline

    @property
    def parents(self) -> tuple[Node, ...]:
        """The cutoff times and the rows they are of."""
        return (self.timeline, self.timeline.target)

    @property
    def description(self) -> str:
        """Say of which table."""
        return f"rows of {self.table.name}, each once"


@dataclass(frozen=True, eq=False)
class LastingRows(Rows):
    """The rows of a child table that point at rows of `parent`, with the span of cutoff times that see them.

    `enters` are the points in time up to which rows are visible, `leaves` those from which on they are; None
    where all rows are. `carried` and `taken` are those of the rows that stand once for each time.
    """

    parent: Owners | LastingRows
    relationship: Relationship
    carried: tuple[tuple[str, str], ...]
    taken: tuple[tuple[str, str], ...]
    enters: Points | None
    leaves: Points | None

    @property
    def parents(self) -> tuple[Node, ...]:
        """The rows pointed at, and the points in time."""
        return (self.parent, *(one for one in (self.enters, self.leaves) if one is not None))

    @property
    def description(self) -> str:
        """Say by which key."""
        by = self.relationship.child_column
        return f"rows of {self.table.name} by {by}, with the span of cutoff times that see them"


@dataclass(frozen=True, eq=False)
class Versions(Aggregate):
    """One row for each group of the input and span in which the group's rows are the same.

    Columns: the key, OWNER, TILES, the span OF_ROWS, and one for each call. `span` is that of the
    input's rows.
    """

    span: Span = field(kw_only=True)

    @property
    def description(self) -> str:
        """Name the columns."""
        return f"{super().description}, where they change"


@dataclass(frozen=True, eq=False)
class Pieces(Node):
    """The input's rows cut where a value changes that `joins` find for them; the spans are OF_PIECES."""

    input: LastingRows
    joins: tuple[Join, ...]

    @property
    def parents(self) -> tuple[Node, ...]:
        """The input and what is joined."""
        return (self.input, *(join.node for join in self.joins))

    @property
    def description(self) -> str:
        """Name the columns."""
        found = listed([here for join in self.joins for here, _, _ in join.columns])
        return f"attach {found}, where they change"


@dataclass(frozen=True, eq=False)
class Moments(Node):
    """The groups of `versions` at each cutoff time: TIME, the key and the columns of the calls."""

    versions: Versions
    timeline: Timeline

    @property
    def parents(self) -> tuple[Node, ...]:
        """The groups and the times."""
        return (self.versions, self.timeline)

    @property
    def description(self) -> str:
        """Name the columns."""
        return f"{listed([call.alias for call in self.versions.calls])} at each cutoff time"
