"""Definitions and time rules made into a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sparkfeat.definitions import Feature, IdentityFeature
from sparkfeat.entityset import EntitySet, Table
from sparkfeat.plan.columns import Columns
from sparkfeat.plan.cutoffs import CutoffShape, TimeRule, Visibility, visibility
from sparkfeat.plan.lasting import LastingRowsMaker
from sparkfeat.plan.names import Names
from sparkfeat.plan.nodes import (
    AllRows,
    Attach,
    BinnedRows,
    ChildRows,
    Join,
    Matrix,
    Node,
    Output,
    ParentRows,
    Rows,
    TargetRows,
)
from sparkfeat.plan.places import Found, Lasting, Place
from sparkfeat.plan.rows import carried_keys, climbing, columns_of, is_lookup, is_stable
from sparkfeat.plan.trie import Edge, PathNode, build_trie, find_approximated

R = TypeVar("R", bound=Rows)


@dataclass(frozen=True)
class Part:
    """Features to compute under one time rule."""

    rule: TimeRule
    features: tuple[Feature, ...]


@dataclass(frozen=True)
class Plan:
    """A feature matrix as a graph of relational nodes, ready to be lowered to SQL."""

    matrix: Matrix
    shape: CutoffShape


def build_plan(entityset: EntitySet, target: Table, shape: CutoffShape, parts: Sequence[Part]) -> Plan:
    """Build the plan of a matrix of features of the rows of `target`.

    Args:
        entityset: the tables.
        target: the table whose rows the features describe.
        shape: what is known of the cutoff times.
        parts: the features by time rule, that of the widest training window first: its rows are those of
            the matrix, and the others are taken from among them. Outputs are in the order of the parts.
    """
    first = _Builder(entityset, shape, parts[0].rule, shared=len(parts) > 1)
    rows = first.target(target, parts[0].features)
    node = first.build(rows)
    outputs, windows = first.outputs(parts[0].features, 0), []
    for number, part in enumerate(parts[1:], start=1):
        builder = _Builder(entityset, shape, part.rule, wider=first)
        windows.append(builder.build(builder.target(target, part.features)))
        outputs += builder.outputs(part.features, number)
    return Plan(Matrix("matrix", node, rows.rows, tuple(outputs), target.order, tuple(windows)), shape)


@dataclass(frozen=True)
class _Target:
    """The root of a trie and the rows that it is computed on."""

    root: PathNode
    rows: TargetRows


class _Builder:
    """Builds the part of one time rule.

    Args:
        entityset: the tables.
        shape: what is known of the cutoff times.
        rule: the time rule.
        shared: keep what narrower windows need of the rows.
        wider: the builder of a rule that sees all rows that this one sees.
    """

    def __init__(
        self,
        entityset: EntitySet,
        shape: CutoffShape,
        rule: TimeRule,
        *,
        shared: bool = False,
        wider: _Builder | None = None,
    ) -> None:
        self._entityset = entityset
        self._shape = shape
        self._rule = rule
        self._names = Names(entityset)
        self._columns = Columns(entityset, self._names, rule)
        self._shared = shared
        self._wider = wider
        # The length of the bins whose starts are the times of the rows being built; None: the cutoffs are.
        self._every: int | None = None
        self._lasting = LastingRowsMaker(shape, rule)
        self._made: dict[tuple[Rows | None, Edge | None], Rows] = {}

    def target(self, table: Table, features: tuple[Feature, ...]) -> _Target:
        approximated = frozenset() if self._rule.approximate is None else find_approximated(features)
        root = build_trie(table.name, features, approximated)
        columns = self._columns_of(root, table, table.order)
        seen = visibility(table, self._rule)
        made = TargetRows(table.name, table, columns, seen, self._shape.per_row, self._shape.listed)
        return _Target(root, self._within(made, None, None))

    def build(self, target: _Target) -> Node:
        """Return the target's rows with all features."""
        lasting = self._lasting.owners(target.rows)
        return self._place(target.root, target.rows, None, lasting, under_full=False).reached.node

    def _columns_of(self, node: PathNode, table: Table, extra: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the columns that rows must have: for narrower windows their times too."""
        times = filter(None, [table.time_index, table.last_time_index] if self._shared else [])
        return columns_of(node, table, [*extra, *times])

    def _within(self, rows: R, parent: Rows | None, edge: Edge | None) -> R:
        """Take rows from those that the wider window found on the same way, where it found them."""
        self._made[parent, edge] = rows
        if self._wider is None:
            return rows
        above = parent.within if parent is not None else None
        wide = self._wider._made.get((above, edge))
        if wide is None or wide.timed != rows.timed or (parent is not None and above is None):
            return rows
        return replace(rows, within=wide)

    def _place(
        self,
        node: PathNode,
        rows: Rows,
        parent_full: Found | None,
        lasting: Lasting | None,
        *,
        under_full: bool,
    ) -> Place:
        """Build a trie node on the rows reached, and on all rows where it needs them."""
        place = Place(rows.table, rows.label, Found(rows, rows.timed), lasting=lasting)
        if node.needs_full:
            place.full = self._full_rows(node, rows, parent_full, under_full=under_full)
        came_by = rows.relationship if isinstance(rows, ChildRows) else None
        at_hand = {feature.key: base.key for feature, base in climbing(node, came_by)} if came_by else {}
        for edge, below in node.children.items():
            if edge != (True, came_by) or {*below.features} != {*at_hand.values()}:
                place.children[edge] = self._child_place(edge, below, rows, place, under_full=bool(node.full))
        if place.full is not None:
            place.full = self._columns.add(place, place.full, node.full.values(), full=True)
            place.reached = self._with_full(place, node)
        if node.binned:
            place.reached = self._with_binned(place, node, rows)
        wanted = [feature for key, feature in node.rest.items() if key not in at_hand]
        place.reached = self._columns.add(place, place.reached, wanted, full=False)
        if lasting is not None and not isinstance(rows, TargetRows):
            place.lasting = self._columns.lasting(place, lasting, wanted)
        return place

    def outputs(self, features: Iterable[Feature], part: int) -> list[Output]:
        """Return the columns of the matrix that hold features."""
        return [output for feature in features for output in self._outputs(feature, part)]

    def _outputs(self, feature: Feature, part: int) -> list[Output]:
        several = len(feature.names) > 1
        return [
            Output(
                name,
                self._names.alias(feature),
                feature.logical_type,
                feature.default,
                place if several else None,
                part,
            )
            for place, name in enumerate(feature.names)
        ]

    # Which rows -----------------------------------------------------------------------------------

    def _full_rows(self, node: PathNode, rows: Rows, parent_full: Found | None, *, under_full: bool) -> Found:
        visible = rows.visibility
        per_row = self._shape.per_row
        keys = _carried_by_all(rows, parent_full)
        carrying = parent_full if keys else None
        ever = per_row and not under_full and is_stable(node, rows.table, visible, self._rule)
        # Rows that take keys over from rows of many times are there once for each of those times.
        timed = per_row and (not ever or (carrying is not None and carrying.timed))
        label = f"{rows.label}_all"
        ever = per_row and not timed
        made = AllRows(label, rows.table, rows.columns, visible, timed, ever, self._every)
        everything = self._within(made, rows, None)
        if carrying is None or not isinstance(rows, ChildRows):
            return Found(everything, timed)
        link = rows.relationship
        columns = tuple((here, there, None) for here, there in keys)
        join = Join(carrying.node, link.child_column, link.parent_column, carrying.timed, columns)
        attached = Attach(f"{label}_keys", everything, (join,))
        return Found(attached, timed, carried=frozenset(here for here, _ in keys))

    def _child_place(
        self, edge: Edge, node: PathNode, rows: Rows, above: Place, *, under_full: bool
    ) -> Place:
        table = self._entityset[node.table]
        visible = visibility(table, self._rule)
        label = f"{rows.label}_{table.name}"
        link = edge.relationship
        if not edge.forward:
            columns = self._columns_of(node, table, [link.child_column])
            keys = carried_keys(node, rows)
            taken = tuple((self._names.alias(f), base.column) for f, base in climbing(node, link))
            children = ChildRows(label, table, columns, visible, rows.timed, rows, link, keys, taken)
            below = self._within(children, rows, edge)
            lasting = self._lasting.children(children, above.lasting)
            return self._place(node, below, above.full, lasting, under_full=under_full)
        if is_lookup(node, visible):
            return self._lookup(node, table, visible, label)
        columns = self._columns_of(node, table)
        parents = ParentRows(label, table, columns, visible, rows.timed, rows, link)
        return self._place(node, self._within(parents, rows, edge), None, None, under_full=under_full)

    def _lookup(self, node: PathNode, table: Table, visible: Visibility, label: str) -> Place:
        columns = columns_of(node, table, sorted(visible.columns))
        rows = AllRows(label, table, columns, visible, timed=False, ever=True)
        place = Place(table, label, Found(rows, timed=False))
        found = self._columns.add(place, place.reached, node.features.values(), full=False)
        place.reached = Found(found.node, timed=False, visible=None if visible.always else visible)
        return place

    def _with_full(self, place: Place, node: PathNode) -> Found:
        """Give the rows reached the features that were computed on all rows."""
        assert place.full is not None
        aliases = [self._names.alias(f) for f in node.full.values() if not isinstance(f, IdentityFeature)]
        if not aliases:
            return place.reached
        index = place.table.index
        columns = tuple((alias, alias, None) for alias in aliases)
        join = Join(place.full.node, index, index, place.full.timed, columns)
        return Found(Attach(f"{place.label}_with_all", place.reached.node, (join,)), place.reached.timed)

    def _with_binned(self, place: Place, node: PathNode, rows: Rows) -> Found:
        """Give the rows reached the aggregations that were computed at the start of their time's bin."""
        every = self._rule.approximate
        assert every is not None
        table, features = rows.table, tuple(node.binned.values())
        root = build_trie(table.name, features)
        label = f"{place.label}_binned"
        bins = BinnedRows(label, table, columns_of(root, table), rows.visibility, True, rows, every)
        self._every = every
        found = self._place(root, bins, None, None, under_full=False).reached
        self._every = None
        columns = tuple((self._names.alias(f), self._names.alias(f), f.column_default) for f in features)
        join = Join(found.node, table.index, table.index, True, columns, every=every)
        return Found(Attach(f"{label}_joined", place.reached.node, (join,)), place.reached.timed)


def _carried_by_all(rows: Rows, parent_full: Found | None) -> tuple[tuple[str, str], ...]:
    """Return the ancestors' keys that all rows of a child table can take over from all rows of its parent.

    Features of an ancestor that need them are on all rows of every table between.
    """
    if parent_full is None or not isinstance(rows, ChildRows):
        return ()
    own = set(rows.parent.table.column_names)
    return tuple((here, there) for here, there in rows.carried if there in own | parent_full.carried)
