"""The plan's nodes: which rows, which columns, in what order. No SQL, no engine.

A node is equal only to itself: two parents that hold the same node share its rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sparkfeat.definitions.calls import Call
from sparkfeat.definitions.features import Default, Scalar
from sparkfeat.entityset import Relationship, Table
from sparkfeat.plan.cutoffs import Bound, Visibility

TIME = "__time"
"""Column that tells which cutoff time a row belongs to, where there is more than one."""

CUTOFFS = "__cutoffs"
"""Name of the relation of cutoff rows: __position, instance_id, time and pass-through columns."""

CUTOFF_POSITION = "__position"
ORDER = "__order"
"""What the columns are called, with a number, that the rows of an unsorted matrix are to be sorted by."""

INSTANCE = "instance_id"
CUTOFF_TIME = "time"


@dataclass(frozen=True, eq=False)
class Node:
    """A relation. `label` names it in SQL and in explanations."""

    label: str

    @property
    def parents(self) -> tuple[Node, ...]:
        """The nodes this one reads."""
        return ()

    @property
    def description(self) -> str:
        """What the node does, in words."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Rows(Node):
    """Rows of one table with some of its columns.

    `timed`: the rows stand once for every cutoff time that sees them, told apart by the column TIME.
    `within`: rows of the same kind, found by a wider training window, that all these are among.
    """

    table: Table
    columns: tuple[str, ...]
    visibility: Visibility
    timed: bool
    within: Rows | None = field(default=None, kw_only=True)

    @property
    def parents(self) -> tuple[Node, ...]:
        """The rows of the wider window."""
        return () if self.within is None else (self.within,)


@dataclass(frozen=True, eq=False)
class TargetRows(Rows):
    """The visible rows of the target: of the instances asked for (`listed`), or of all."""

    listed: bool

    @property
    def description(self) -> str:
        """Say which instances."""
        which = "asked for" if self.listed else "known"
        return f"rows of {self.table.name} {which}, as visible at the cutoff"


@dataclass(frozen=True, eq=False)
class AllRows(Rows):
    """Every visible row of a table at each cutoff time; `ever`: at no particular time.

    `every`: at the start of each bin of so many microseconds that a cutoff time is in.
    """

    ever: bool = False
    every: int | None = None

    @property
    def description(self) -> str:
        """Say of which table."""
        if self.ever:
            return f"all rows of {self.table.name}"
        return f"all rows of {self.table.name} visible at the cutoff"


@dataclass(frozen=True, eq=False)
class ChildRows(Rows):
    """The visible rows of a child table that point at rows of `parent`.

    `carried` are keys taken over from the parent, `taken` other columns of it: (column here, column there).
    """

    parent: Rows
    relationship: Relationship
    carried: tuple[tuple[str, str], ...] = ()
    taken: tuple[tuple[str, str], ...] = ()

    @property
    def parents(self) -> tuple[Node, ...]:
        """The rows pointed at."""
        return (self.parent, *super().parents)

    @property
    def description(self) -> str:
        """Say by which key, and with which columns of the parent."""
        taken = f", with {listed([there for _, there in self.taken])} of theirs" if self.taken else ""
        by = self.relationship.child_column
        return f"rows of {self.table.name} by {by}{taken}, visible at the cutoff"


@dataclass(frozen=True, eq=False)
class ParentRows(Rows):
    """The visible rows of a parent table that rows of `child` point at, each once."""

    child: Rows
    relationship: Relationship

    @property
    def parents(self) -> tuple[Node, ...]:
        """The rows that point."""
        return (self.child, *super().parents)

    @property
    def description(self) -> str:
        """Say by which key."""
        return f"rows of {self.table.name} that {self.relationship.child_column} points at"


@dataclass(frozen=True, eq=False)
class BinnedRows(Rows):
    """Rows of a table that `rows` of the same table stand for, visible at the start of their time's bin.

    `every` is the length of a bin in microseconds; there is a row for each bin.
    """

    rows: Node
    every: int

    @property
    def parents(self) -> tuple[Node, ...]:
        """The rows stood for."""
        return (self.rows,)

    @property
    def description(self) -> str:
        """Say what the times are."""
        return f"rows of {self.table.name} as visible at the start of the cutoff's bin"


@dataclass(frozen=True, eq=False)
class Compute(Node):
    """The input's columns and one more for each call. `order` fixes the row order of windows."""

    input: Node
    calls: tuple[Call, ...]
    timed: bool
    order: tuple[str, ...]

    @property
    def parents(self) -> tuple[Node, ...]:
        """The input."""
        return (self.input,)

    @property
    def description(self) -> str:
        """Name the columns."""
        return "compute " + listed([call.alias for call in self.calls])


@dataclass(frozen=True)
class Since:
    """The rows whose `time` is at or after a point before the cutoff."""

    time: str
    bound: Bound


@dataclass(frozen=True, eq=False)
class Aggregate(Node):
    """One row for each group of the input that passes `where`: the key, and a column for each call.

    `previous` keeps of each group's rows those since a point in time, or so many of the last.
    """

    input: Node
    key: str
    timed: bool
    calls: tuple[Call, ...]
    where: str | None
    order: tuple[str, ...]
    previous: Since | int | None = None

    @property
    def parents(self) -> tuple[Node, ...]:
        """The input."""
        return (self.input,)

    @property
    def description(self) -> str:
        """Name the key, the condition and the columns."""
        condition = f" where {self.where}" if self.where else ""
        condition += " of the rows before" if self.previous is not None else ""
        return f"group by {self.key}{condition}: " + listed([call.alias for call in self.calls])


@dataclass(frozen=True)
class Join:
    """Columns of `node` for the rows whose `left` column equals its `right`, the times equal if `timed`.

    `columns`: (column here, column there, default where there is none). `visibility`: rows of `node`
    count only when visible at the time of the row they are joined to. `every`: the times of `node` are
    the starts of bins of so many microseconds.
    """

    node: Node
    left: str
    right: str
    timed: bool
    columns: tuple[tuple[str, str, Default], ...]
    visibility: Visibility | None = None
    every: int | None = None


@dataclass(frozen=True, eq=False)
class Attach(Node):
    """The input's rows and columns, and the columns that `joins` find for them."""

    input: Node
    joins: tuple[Join, ...]

    @property
    def parents(self) -> tuple[Node, ...]:
        """The input and what is joined."""
        return (self.input, *(join.node for join in self.joins))

    @property
    def description(self) -> str:
        """Name the columns."""
        return "attach " + listed([here for join in self.joins for here, _, _ in join.columns])


@dataclass(frozen=True)
class Output:
    """One column of the matrix: its name, where its values are, its type and its default.

    `position` is its place in the list that a multi-output feature gives; `part` the relation that holds it:
    0 for the matrix's input, else one of its windows.
    """

    name: str
    alias: str
    logical_type: str | None
    default: Scalar
    position: int | None = None
    part: int = 0


@dataclass(frozen=True, eq=False)
class Matrix(Node):
    """The feature matrix: a row for each cutoff row (or instance), a column for each output.

    `windows` are the target's rows with features as narrower training windows see them.
    """

    input: Node
    target: TargetRows
    outputs: tuple[Output, ...]
    order: tuple[str, ...]
    windows: tuple[Node, ...] = ()

    @property
    def parents(self) -> tuple[Node, ...]:
        """The target's rows with all features."""
        return (self.input, *self.windows)

    @property
    def description(self) -> str:
        """Say how many columns."""
        return f"matrix of {len(self.outputs)} columns"


def listed(names: list[str], most: int = 3) -> str:
    """Return names as a text, the first of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
