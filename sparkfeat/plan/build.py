"""Definitions and time rules made into a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sparkfeat.definitions import (
    AggregationFeature,
    DirectFeature,
    Duration,
    Feature,
    IdentityFeature,
)
from sparkfeat.entityset import EntitySet, Table
from sparkfeat.plan.columns import Calls
from sparkfeat.plan.cutoffs import Bound, TimeRule, Visibility, visibility
from sparkfeat.plan.names import Names
from sparkfeat.plan.nodes import (
    Aggregate,
    AllRows,
    Attach,
    BinnedRows,
    ChildRows,
    Compute,
    Join,
    Matrix,
    Node,
    Output,
    ParentRows,
    Rows,
    Since,
    TargetRows,
)
from sparkfeat.plan.rows import ancestor, carried_keys, columns_of, is_lookup, is_stable
from sparkfeat.plan.trie import Edge, PathNode, build_trie, find_approximated, steps


@dataclass(frozen=True)
class CutoffShape:
    """What the plan must know of the cutoff times.

    `per_row`: each cutoff row has a time of its own; else one time is shared by all.
    `listed`: instances are named; else all visible ones are meant.
    """

    per_row: bool
    listed: bool


@dataclass(frozen=True)
class Plan:
    """A feature matrix as a graph of relational nodes, ready to be lowered to SQL."""

    matrix: Matrix
    shape: CutoffShape
    rule: TimeRule


def build_plan(
    entityset: EntitySet, target: Table, features: tuple[Feature, ...], shape: CutoffShape, rule: TimeRule
) -> Plan:
    """Build the plan of a matrix of `features` of the rows of `target`."""
    return Plan(_Builder(entityset, shape, rule).matrix(target, features), shape, rule)


@dataclass(frozen=True)
class _Found:
    """A relation with computed features. `visible` is set where rows still have to be checked."""

    node: Node
    timed: bool
    visible: Visibility | None = None


@dataclass
class _Place:
    """A trie node as built: the rows reached, all rows where they are needed, and the places below."""

    table: Table
    label: str
    reached: _Found
    full: _Found | None = None
    children: dict[Edge, _Place] = field(default_factory=dict)

    def relation(self, *, full: bool) -> _Found:
        """Return the relation that features on full rows, or on the rows reached, are found in."""
        return self.full if full and self.full is not None else self.reached


class _Builder:
    def __init__(self, entityset: EntitySet, shape: CutoffShape, rule: TimeRule) -> None:
        self._entityset = entityset
        self._shape = shape
        self._rule = rule
        # The length of the bins whose starts are the times of the rows being built; None: the cutoffs are.
        self._every: int | None = None
        self._names = Names(entityset)
        self._calls = Calls(entityset, self._names)

    def matrix(self, table: Table, features: tuple[Feature, ...]) -> Matrix:
        approximated = frozenset() if self._rule.approximate is None else find_approximated(features)
        root = build_trie(table.name, features, approximated)
        target = TargetRows(
            table.name,
            table,
            columns_of(root, table, table.order),
            visibility(table, self._rule),
            self._shape.per_row,
            self._shape.listed,
        )
        place = self._place(root, target, None, under_full=False)
        outputs = tuple(output for feature in features for output in self._outputs(feature))
        return Matrix("matrix", place.reached.node, target, outputs, table.order)

    def _place(self, node: PathNode, rows: Rows, parent_full: _Found | None, *, under_full: bool) -> _Place:
        """Build a trie node on the rows reached, and on all rows where it needs them."""
        place = _Place(rows.table, rows.label, _Found(rows, rows.timed))
        if node.needs_full:
            place.full = self._full_rows(node, rows, parent_full, under_full=under_full)
        for edge, below in node.children.items():
            place.children[edge] = self._child_place(edge, below, rows, place, under_full=bool(node.full))
        if place.full is not None:
            place.full = self._with_features(place, place.full, node.full.values(), full=True)
            place.reached = self._with_full(place, node)
        if node.binned:
            place.reached = self._with_binned(place, node, rows)
        place.reached = self._with_features(place, place.reached, node.rest.values(), full=False)
        return place

    def _outputs(self, feature: Feature) -> list[Output]:
        several = len(feature.names) > 1
        return [
            Output(
                name,
                self._names.alias(feature),
                feature.logical_type,
                feature.default,
                place if several else None,
            )
            for place, name in enumerate(feature.names)
        ]

    # Which rows -----------------------------------------------------------------------------------

    def _full_rows(
        self, node: PathNode, rows: Rows, parent_full: _Found | None, *, under_full: bool
    ) -> _Found:
        visible = rows.visibility
        per_row = self._shape.per_row
        carrying = parent_full if node.carried and isinstance(rows, ChildRows) else None
        ever = per_row and not under_full and is_stable(node, rows.table, visible, self._rule)
        # Rows that take keys over from rows of many times are there once for each of those times.
        timed = per_row and (not ever or (carrying is not None and carrying.timed))
        label = f"{rows.label}_all"
        ever = per_row and not timed
        everything = AllRows(label, rows.table, rows.columns, visible, timed, ever, self._every)
        if carrying is None or not isinstance(rows, ChildRows):
            return _Found(everything, timed)
        link = rows.relationship
        keys = tuple((here, there, None) for here, there in rows.carried)
        join = Join(carrying.node, link.child_column, link.parent_column, carrying.timed, keys)
        return _Found(Attach(f"{label}_keys", everything, (join,)), timed)

    def _child_place(
        self, edge: Edge, node: PathNode, rows: Rows, above: _Place, *, under_full: bool
    ) -> _Place:
        table = self._entityset[node.table]
        visible = visibility(table, self._rule)
        label = f"{rows.label}_{table.name}"
        link = edge.relationship
        if not edge.forward:
            columns = columns_of(node, table, [link.child_column])
            keys = carried_keys(node, rows)
            below = ChildRows(label, table, columns, visible, rows.timed, rows, link, keys)
            return self._place(node, below, above.full, under_full=under_full)
        if is_lookup(node, visible):
            return self._lookup(node, table, visible, label)
        columns = columns_of(node, table)
        parents = ParentRows(label, table, columns, visible, rows.timed, rows, link)
        return self._place(node, parents, None, under_full=under_full)

    def _lookup(self, node: PathNode, table: Table, visible: Visibility, label: str) -> _Place:
        columns = columns_of(node, table, sorted(visible.columns))
        rows = AllRows(label, table, columns, visible, timed=False, ever=True)
        place = _Place(table, label, _Found(rows, timed=False))
        found = self._with_features(place, place.reached, node.features.values(), full=False)
        place.reached = _Found(found.node, timed=False, visible=None if visible.always else visible)
        return place

    # Which columns --------------------------------------------------------------------------------

    def _with_full(self, place: _Place, node: PathNode) -> _Found:
        """Give the rows reached the features that were computed on all rows."""
        assert place.full is not None
        aliases = [self._names.alias(f) for f in node.full.values() if not isinstance(f, IdentityFeature)]
        if not aliases:
            return place.reached
        index = place.table.index
        columns = tuple((alias, alias, None) for alias in aliases)
        join = Join(place.full.node, index, index, place.full.timed, columns)
        return _Found(Attach(f"{place.label}_with_all", place.reached.node, (join,)), place.reached.timed)

    def _with_binned(self, place: _Place, node: PathNode, rows: Rows) -> _Found:
        """Give the rows reached the aggregations that were computed at the start of their time's bin."""
        every = self._rule.approximate
        assert every is not None
        table, features = rows.table, tuple(node.binned.values())
        root = build_trie(table.name, features)
        label = f"{place.label}_binned"
        bins = BinnedRows(label, table, columns_of(root, table), rows.visibility, True, rows, every)
        self._every = every
        found = self._place(root, bins, None, under_full=False).reached
        self._every = None
        columns = tuple((self._names.alias(f), self._names.alias(f), f.column_default) for f in features)
        join = Join(found.node, table.index, table.index, True, columns, every=every)
        return _Found(Attach(f"{label}_joined", place.reached.node, (join,)), place.reached.timed)

    def _with_features(
        self, place: _Place, rows: _Found, features: Iterable[Feature], *, full: bool
    ) -> _Found:
        """Add the columns of `features`: first what comes from other tables, then transforms by depth."""
        features = list(features)
        joins = self._aggregates(place, features, full=full) + self._directs(place, features, full=full)
        node = Attach(f"{place.label}_joined", rows.node, tuple(joins)) if joins else rows.node
        for calls in self._calls.levels(features):
            node = Compute(f"{place.label}_computed", node, tuple(calls), rows.timed, place.table.order)
        return _Found(node, rows.timed)

    def _aggregates(self, place: _Place, features: list[Feature], *, full: bool) -> list[Join]:
        """Group the aggregations that share rows: one Aggregate for each path, condition and span before."""
        groups: dict[tuple[tuple[Edge, ...], str, str], list[AggregationFeature]] = defaultdict(list)
        for feature in features:
            if isinstance(feature, AggregationFeature):
                where = self._names.alias(feature.where) if feature.where else ""
                groups[steps(feature), where, repr(feature.use_previous)].append(feature)
        return [self._aggregate(place, path, group, full=full) for (path, *_), group in groups.items()]

    def _aggregate(
        self,
        place: _Place,
        path: tuple[Edge, ...],
        features: list[AggregationFeature],
        *,
        full: bool,
    ) -> Join:
        below = place
        for edge in path:
            below = below.children[edge]
        found = below.relation(full=full)
        key = path[0].relationship.child_column if len(path) == 1 else ancestor(len(path))
        label = f"{place.label}_by_{below.table.name}"
        calls = tuple(self._calls.call(feature, feature.bases) for feature in features)
        where = self._names.alias(features[0].where) if features[0].where else None
        previous = self._previous(features[0].use_previous, below.table)
        order = below.table.order
        grouped = Aggregate(label, found.node, key, found.timed, calls, where, order, previous)
        columns = tuple((c.alias, c.alias, f.column_default) for c, f in zip(calls, features, strict=True))
        return Join(grouped, path[0].relationship.parent_column, key, found.timed, columns)

    def _previous(self, span: Duration | int | None, table: Table) -> Since | int | None:
        if not isinstance(span, Duration) or table.time_index is None:
            return span if isinstance(span, int) else None
        gap = () if self._rule.gap is None else (self._rule.gap,)
        return Since(table.time_index, Bound((*gap, span), closed=True))

    def _directs(self, place: _Place, features: list[Feature], *, full: bool) -> list[Join]:
        """Join each parent once."""
        groups: dict[Edge, list[DirectFeature]] = defaultdict(list)
        for feature in features:
            if isinstance(feature, DirectFeature):
                groups[steps(feature)[0]].append(feature)
        joins = []
        for edge, group in groups.items():
            found = place.children[edge].relation(full=full)
            alias = self._names.alias
            columns = tuple((alias(f), alias(f.base), f.column_default) for f in group)
            link = edge.relationship
            joins.append(
                Join(found.node, link.child_column, link.parent_column, found.timed, columns, found.visible)
            )
        return joins
