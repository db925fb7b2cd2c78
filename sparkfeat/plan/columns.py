"""Which columns a plan adds to rows: what other tables know of them, then transforms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sparkfeat.definitions import (
    AggregationFeature,
    DirectFeature,
    Duration,
    Feature,
    FeatureOutputSlice,
    GroupByTransformFeature,
    TransformFeature,
    primitive_of,
)
from sparkfeat.definitions.calls import Call, input_of, output_at
from sparkfeat.definitions.features import Default
from sparkfeat.entityset import EntitySet, Table
from sparkfeat.plan.cutoffs import Bound, TimeRule
from sparkfeat.plan.names import Names
from sparkfeat.plan.nodes import Aggregate, Attach, Compute, Join, Since
from sparkfeat.plan.places import Found, Lasting, Place, Way
from sparkfeat.plan.rows import ancestor, is_row_local
from sparkfeat.plan.spans import OF_PIECES, LastingRows, Moments, Pieces, Versions
from sparkfeat.plan.trie import Edge, steps


class Columns:
    """Adds features to the rows of a place."""

    def __init__(self, entityset: EntitySet, names: Names, rule: TimeRule) -> None:
        self._entityset = entityset
        self._names = names
        self._rule = rule

    def add(self, place: Place, rows: Found, features: Iterable[Feature], *, full: bool) -> Found:
        """Add the columns of `features`: first what comes from other tables, then transforms by depth."""
        features = list(features)
        joins = self._aggregates(place, features, full=full) + self._directs(place, features, full=full)
        node = Attach(f"{place.label}_joined", rows.node, tuple(joins)) if joins else rows.node
        for calls in self._levels(features):
            node = Compute(f"{place.label}_computed", node, tuple(calls), rows.timed, place.table.order)
        return Found(node, rows.timed, carried=rows.carried)

    def _aggregates(self, place: Place, features: list[Feature], *, full: bool) -> list[Join]:
        """Group the aggregations that share rows: one Aggregate for each path, condition and span before."""
        groups: dict[tuple[tuple[Edge, ...], str, str], list[AggregationFeature]] = defaultdict(list)
        joins = []
        for feature in features:
            if isinstance(feature, AggregationFeature):
                where = self._names.alias(feature.where) if feature.where else ""
                groups[steps(feature), where, repr(feature.use_previous)].append(feature)
        for (path, where, _), group in groups.items():
            lasting = [] if full else [one for one in group if self._lasts(one, _below(place, path))]
            if lasting:
                joins.append(self._moments(place, (path, where), lasting))
            if rest := [one for one in group if one not in lasting]:
                joins.append(self._aggregate(place, path, rest, full=full))
        return joins

    def _aggregate(
        self, place: Place, path: tuple[Edge, ...], features: list[AggregationFeature], *, full: bool
    ) -> Join:
        below = _below(place, path)
        found = below.relation(full=full)
        key = _key(path)
        label = f"{place.label}_by_{below.table.name}"
        calls = tuple(self._call(feature, feature.bases) for feature in features)
        where = self._names.alias(features[0].where) if features[0].where else None
        previous = self._previous(features[0].use_previous, below.table)
        order = below.table.order
        grouped = Aggregate(label, found.node, key, found.timed, calls, where, order, previous)
        return Join(grouped, path[0].relationship.parent_column, key, found.timed, _columns(calls))

    def _lasts(self, feature: AggregationFeature, below: Place) -> bool:
        """Tell whether an aggregate changes with the rows that are visible and with nothing else."""
        primitive = primitive_of(feature)
        if below.lasting is None or primitive is None or feature.use_previous is not None:
            return False
        inputs = {self._names.alias(one) for one in feature.inputs}
        return not primitive.uses_calc_time and inputs <= below.lasting.aliases

    def _moments(self, place: Place, way: Way, features: list[AggregationFeature]) -> Join:
        """Aggregate rows that stand once for all cutoff times."""
        path, where = way
        below = _below(place, path)
        lasting = below.lasting
        assert lasting is not None
        label = f"{place.label}_by_{below.table.name}"
        calls = tuple(self._call(feature, feature.bases) for feature in features)
        versions = Versions(
            f"{label}_versions",
            lasting.node,
            _key(path),
            timed=False,
            calls=calls,
            where=where or None,
            order=below.table.order,
            span=lasting.span,
        )
        place.versions[way] = versions
        moments = Moments(label, versions, lasting.timeline)
        return Join(moments, path[0].relationship.parent_column, versions.key, True, _columns(calls))

    def lasting(self, place: Place, found: Lasting, features: Iterable[Feature]) -> Lasting:
        """Add the columns that are the same at all cutoff times of a row's span, after `add`."""
        features = list(features)
        rows, node, span = found.rows, found.node, found.span
        joins = tuple(
            Join(one, path[0].relationship.parent_column, one.key, False, _columns(one.calls))
            for (path, _), one in place.versions.items()
        )
        if joins and isinstance(rows, LastingRows):
            node, span = Pieces(f"{rows.label}_pieces", rows, joins), OF_PIECES
        looked_up = [
            join
            for join in self._directs(place, features, full=False)
            if not join.timed and join.visibility is None
        ]
        if looked_up:
            node = Attach(f"{rows.label}_joined", node, tuple(looked_up))
        known = {here for join in (*joins, *looked_up) for here, _, _ in join.columns} | found.aliases
        local = {
            self._names.alias(one): {self._names.alias(base) for base in one.inputs}
            for one in features
            if is_row_local(one) or isinstance(one, FeatureOutputSlice)
        }
        for level in self._levels(features):
            calls = [call for call in level if call.alias in local and local[call.alias] <= known]
            known |= {call.alias for call in calls}
            node = Compute(f"{rows.label}_computed", node, tuple(calls), False, ()) if calls else node
        return Lasting(rows, node, span, found.timeline, frozenset(known))

    def _previous(self, span: Duration | int | None, table: Table) -> Since | int | None:
        if not isinstance(span, Duration) or table.time_index is None:
            return span if isinstance(span, int) else None
        gap = () if self._rule.gap is None else (self._rule.gap,)
        return Since(table.time_index, Bound((*gap, span), closed=True))

    def _directs(self, place: Place, features: list[Feature], *, full: bool) -> list[Join]:
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

    def _levels(self, features: list[Feature]) -> list[list[Call]]:
        """Sort transforms into levels: each needs only the levels before it."""
        depths: dict[tuple[str, str], int] = {}
        levels: dict[int, list[Call]] = defaultdict(list)
        for feature in features:
            if isinstance(feature, TransformFeature | GroupByTransformFeature):
                levels[_depth(feature, depths)].append(self._transform(feature))
            elif isinstance(feature, FeatureOutputSlice):
                levels[_depth(feature, depths)].append(self._slice(feature))
        return [levels[depth] for depth in sorted(levels)]

    def _transform(self, feature: TransformFeature | GroupByTransformFeature) -> Call:
        groupby = self._names.alias(feature.groupby) if isinstance(feature, GroupByTransformFeature) else None
        return self._call(feature, feature.bases, groupby)

    def _slice(self, feature: FeatureOutputSlice) -> Call:
        base = input_of(feature.base, self._names.alias(feature.base), self._entityset)
        return Call(self._names.alias(feature), output_at(feature.position), (base,))

    def _call(self, feature: Feature, bases: tuple[Feature, ...], groupby: str | None = None) -> Call:
        primitive = primitive_of(feature)
        assert primitive is not None
        inputs = tuple(input_of(base, self._names.alias(base), self._entityset) for base in bases)
        alias = self._names.alias(feature)
        return Call(alias, primitive, inputs, groupby, feature.column_default, feature.logical_type)


def _below(place: Place, path: tuple[Edge, ...]) -> Place:
    for edge in path:
        place = place.children[edge]
    return place


def _key(path: tuple[Edge, ...]) -> str:
    """Return the column of the rows at the end of a path that holds the key of those at its beginning."""
    return path[0].relationship.child_column if len(path) == 1 else ancestor(len(path))


def _columns(calls: tuple[Call, ...]) -> tuple[tuple[str, str, Default], ...]:
    return tuple((call.alias, call.alias, call.default) for call in calls)


def _depth(feature: Feature, depths: dict[tuple[str, str], int]) -> int:
    """Return 0 for what comes with the rows or from other tables, else one more than the deepest input."""
    if not isinstance(feature, TransformFeature | GroupByTransformFeature | FeatureOutputSlice):
        return 0
    if feature.key not in depths:
        depths[feature.key] = 1 + max((_depth(base, depths) for base in feature.inputs), default=0)
    return depths[feature.key]
