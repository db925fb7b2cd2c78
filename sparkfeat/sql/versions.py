"""Versions nodes as SQL: the groups of rows that have spans, where the groups change.

Rows of a group that have one span are a cell. What can be merged is computed for each cell, then along a tree
over the group's versions (`tree`), so that no cell is read by every version that it lasts for. The rest
is computed from the rows of each version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlglot import exp

from sparkfeat.definitions.calls import Call
from sparkfeat.plan.spans import OF_ROWS, OWNER, TILE, TILES, Versions
from sparkfeat.primitives import Shape
from sparkfeat.sql.aggregates import COUNT, VALUE, Part, from_counts, parts_of, row_of
from sparkfeat.sql.computed import letters_of, typed
from sparkfeat.sql.context import Context
from sparkfeat.sql.expressions import column, equal, named, relation, render, star
from sparkfeat.sql.groups import HERE, Groups
from sparkfeat.sql.merging import States
from sparkfeat.sql.passes import Passes
from sparkfeat.sql.spans import over, text
from sparkfeat.sql.tree import NODES, NUMBER, VERSION, VERSIONS, Tree

_FROM, _UNTIL = OF_ROWS
_SPANS = "v"


class VersionGroups(Groups):
    """The groups, told apart by key and version.

    `spread` is the relation of the rows of each version; without it the rows are those of the input.
    """

    def __init__(self, context: Context, node: Versions, spread: str | None = None) -> None:
        super().__init__(context, node)
        self._key = node.key
        self._span = node.span
        self._spread = spread
        self.names = [node.key, VERSION]

    def source(self) -> exp.Expr:
        """Return the rows, one reader more."""
        return super().source() if self._spread is None else relation(self._context.use(self._spread), HERE)

    def source_again(self) -> exp.Expr:
        """Return the rows of the input."""
        return super().source()

    def holds(self, found: str) -> exp.Expr:
        """Return the condition that a row of the input is among those of a version that was found."""
        return self.lasts(found, VERSION)

    def lasts(self, alias: str, version: str) -> exp.Expr:
        """Return the condition that a row of the input is of a group, and a version is in its span."""
        begin, end = (column(name, HERE) for name in self._span)
        same = equal(column(self._key, HERE), column(self._key, alias))
        begun = exp.GTE(this=column(version, alias), expression=begin)
        return exp.and_(same, begun, exp.LT(this=column(version, alias), expression=end), copy=False)


def lower_versions(context: Context, node: Versions) -> exp.Select:
    """Find the versions of each group, and compute the calls for each of them."""
    return _Lowering(context, node).select()


class _Lowering:
    """Makes the relations of one node."""

    def __init__(self, context: Context, node: Versions) -> None:
        self._context = context
        self._node = node
        self._groups = VersionGroups(context, node)
        self._states = States(HERE, NODES)
        self._values: dict[str, exp.Expr] = {}
        plain = [call for call in node.calls if row_of(call).shape is not Shape.VALUE_COUNTS]
        self._passes = Passes(context, node, self._groups, [call for call in plain if self._takes(call)])
        self._merged = [call for call in plain if call.alias in self._values or self._passes.takes(call)]

    def _takes(self, call: Call) -> bool:
        """Tell whether a call can be merged; note its value, unless it takes two passes."""
        row, dialect = row_of(call), self._context.dialect
        if row.steps_sql(call, dialect.name) or row.stage_sql(call, dialect.name):
            return False
        if row.passes(dialect.name) is not None:
            return True
        letters = letters_of(call, HERE)
        value = self._states.merged(render(row.sql(call, dialect.name), letters, self._groups.order, dialect))
        if value is not None:
            self._values[call.alias] = typed(value, call, dialect)
        return value is not None

    def select(self) -> exp.Select:
        """Return the node's rows."""
        context, node = self._context, self._node
        sums = [self._sum(one) for one in self._passes.sums]
        self._cells = context.add(f"{node.label}_cells", self._grouped(self._states.columns))
        self._spans = context.add(f"{node.label}_spans", self._versions())
        self._tree = Tree(context, node.label, node.key, self._spans)
        kept = [node.key, OWNER, TILES, *OF_ROWS]
        select = exp.select(*(named(column(name, _SPANS), name) for name in kept), copy=False)
        select = select.from_(relation(context.use(self._spans), _SPANS), copy=False)
        for number, (calls, part) in enumerate(self._parts(sums)):
            there = f"p{number}"
            name = context.use(context.add(f"{node.label}_part", part))
            select = select.select(*(named(column(c.alias, there), c.alias) for c in calls), copy=False)
            select = select.join(exp.Join(this=relation(name, there), on=self._same(there)), copy=False)
        return select

    def _same(self, part: str) -> exp.Expr:
        key = self._node.key
        version = equal(column(VERSION, part), column(_FROM, _SPANS))
        return exp.and_(equal(column(key, part), column(key, _SPANS)), version, copy=False)

    def _sum(self, one: exp.Expr) -> exp.Expr:
        """Return a sum of a first pass over states."""
        value = self._states.merged(one.this)
        assert value is not None
        return named(value, one.alias)

    def _grouped(
        self, columns: Sequence[exp.Expr], within: Sequence[tuple[str, exp.Expr]] = ()
    ) -> exp.Select:
        """Return the cells: key, OWNER, TILES, span, what divides them further, and `columns`."""
        begin, end = (column(name, HERE) for name in self._node.span)
        keys = {self._node.key: column(self._node.key, HERE), _FROM: begin, _UNTIL: end, **dict(within)}
        alike = [named(exp.AnyValue(this=column(name, HERE)), name) for name in (OWNER, TILES)]
        kept = [named(value, name) for name, value in keys.items()]
        select = exp.select(*kept, *alike, *columns, copy=False).from_(self._groups.source(), copy=False)
        select = select.where(self._groups.condition, copy=False)
        return select.group_by(*(value.copy() for value in keys.values()), copy=False)

    def _versions(self) -> exp.Select:
        """Return the versions of each group: one begins wherever rows of the group come or go."""
        context, node = self._context, self._node
        kept = [named(column(name, HERE), name) for name in (node.key, OWNER, TILES)]
        each = text(context, "unnest([x, y])", {"x": column(_FROM, HERE), "y": column(_UNTIL, HERE)})
        bounds = exp.select(*kept, named(each, TILE), copy=False).distinct()
        bounds = bounds.from_(relation(context.use(self._cells), HERE), copy=False)
        name = context.use(context.add(f"{node.label}_bounds", bounds))
        key, at, last = (column(one, HERE) for one in (node.key, TILE, TILES))
        following = over(exp.Lead(this=at.copy()), key.copy(), at.copy())
        number = exp.Sub(this=over(exp.RowNumber(), key.copy(), at.copy()), expression=exp.convert(1))
        columns = [
            *(named(column(one, HERE), one) for one in (node.key, OWNER, TILES)),
            named(at.copy(), _FROM),
            named(exp.Coalesce(this=following, expressions=[last.copy()]), _UNTIL),
            named(number, NUMBER),
            named(over(exp.Count(this=exp.Star()), key.copy()), VERSIONS),
        ]
        select = exp.select(*columns, copy=False).from_(relation(name, HERE), copy=False)
        return select.where(exp.LT(this=at.copy(), expression=last.copy()), copy=False)

    def _parts(self, sums: list[exp.Expr]) -> list[Part]:
        """Return what is merged, what is counted, and what is computed from the rows of each version."""
        found: list[Part] = []
        if self._merged:
            values = [named(value, alias) for alias, value in self._values.items()]
            first = self._tree.merged(self._cells, self._states.combined(NODES), [*values, *sums])
            found.append((self._merged, self._passes.judged(first)))
        counted: dict[str, list[Call]] = defaultdict(list)
        for call in self._node.calls:
            if row_of(call).shape is Shape.VALUE_COUNTS:
                counted[call.inputs[0].alias].append(call)
        found += [(calls, self._counted(name, calls)) for name, calls in counted.items()]
        done = {call.alias for calls, _ in found for call in calls}
        rest = [call for call in self._node.calls if call.alias not in done]
        return found + (self._from_rows(rest) if rest else [])

    def _counted(self, name: str, calls: Sequence[Call]) -> exp.Select:
        """Count each value of a column in each cell, add the counts up, compute the calls from them."""
        count: list[exp.Expr] = [named(exp.Count(this=exp.Star()), COUNT)]
        cells = self._grouped(count, [(VALUE, column(name, HERE))])
        label = self._context.add(f"{self._node.label}_values", cells)
        total = exp.Cast(this=exp.Sum(this=column(COUNT, NODES)), to=exp.DataType.build("BIGINT"))
        counts = self._tree.merged(label, [named(total, COUNT)], [named(total.copy(), COUNT)], [VALUE])
        return from_counts(self._context, self._node, self._groups, counts, calls)

    def _from_rows(self, calls: Sequence[Call]) -> list[Part]:
        """Compute calls from the rows of each version."""
        context = self._context
        rows = exp.select(star(HERE), named(column(_FROM, _SPANS), VERSION), copy=False)
        rows = rows.from_(self._groups.source(), copy=False)
        on = self._groups.lasts(_SPANS, _FROM)
        rows = rows.join(exp.Join(this=relation(context.use(self._spans), _SPANS), on=on), copy=False)
        spread = context.add(f"{self._node.label}_spread", rows.where(self._groups.condition, copy=False))
        groups = VersionGroups(context, self._node, spread)
        return parts_of(context, self._node, groups, calls)
