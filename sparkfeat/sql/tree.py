"""Cells merged along a binary tree over the versions of their group.

A cell lasts from one version of its group to another. That span is put together from few nodes of the tree,
two of a level at most, and every version has one node above it on each level: so a cell is merged into few
nodes and a version is made of few, whether it has three versions before it or thousands.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from sparkfeat.plan.spans import OF_ROWS
from sparkfeat.sql.context import Context
from sparkfeat.sql.expressions import both, column, equal, named, relation, render, star

VERSION = "__version"
"""Column of the first cutoff time of a version, which tells those of a group apart."""

NUMBER = "__number"
"""Column of a version's number in its group, from 0."""

VERSIONS = "__versions"
"""Column of how many versions a group has."""

NODES = "n"
"""What the relation of nodes is called where versions read it."""

_NODE = "__node"
_CELL = "c"
_FIRST = "a"
_AFTER = "z"
_FROM, _UNTIL = OF_ROWS

# A node is its level and its place on the level in one number. x is the first version of the span, y the one
# after the last: going up, a left end that is odd and the place before a right end that is odd are its nodes.
_LEVEL = 1 << 40
_LEFT = "((x + (1 << w) - 1) >> w)"
_RIGHT = "(y >> w)"
_OF_LEVEL = (
    f"CASE WHEN {_LEFT} < {_RIGHT} THEN list_concat("
    f"CASE WHEN {_LEFT} % 2 = 1 THEN [w * {_LEVEL} + {_LEFT}] ELSE [] END, "
    f"CASE WHEN {_RIGHT} % 2 = 1 THEN [w * {_LEVEL} + {_RIGHT} - 1] ELSE [] END) ELSE [] END"
)
_OF_SPAN = f"unnest(flatten(list_transform(range(CAST(len(bin(y)) AS BIGINT)), lambda w: {_OF_LEVEL})))"
_ABOVE = f"unnest(list_transform(range(CAST(len(bin(y)) AS BIGINT)), lambda w: w * {_LEVEL} + (x >> w)))"


class Tree:
    """The tree of the versions of each group of a relation.

    Args:
        context: where relations are added.
        label: what to call them.
        key: the column that tells groups apart.
        spans: the relation of the versions.
    """

    def __init__(self, context: Context, label: str, key: str, spans: str) -> None:
        self._context = context
        self._label = label
        self._key = key
        self._spans = spans
        self._above: str | None = None

    def merged(
        self,
        cells: str,
        states: Sequence[exp.Expr],
        values: Sequence[exp.Expr],
        within: Sequence[str] = (),
    ) -> exp.Select:
        """Return a row for each version of a group and of the columns `within`: the key, VERSION, the values.

        Args:
            cells: the relation of the cells: the key, the span, the columns `within`, and what is merged.
            states: what is merged, of cells called 'n'.
            values: what is made of it, of nodes called 'n'.
            within: columns that divide groups further.
        """
        context, key = self._context, self._key
        placed = context.use(context.add(f"{self._label}_placed", self._placed(cells)))
        kept = [column(name, NODES) for name in (key, *within, _NODE)]
        nodes = exp.select(*(named(one, one.name) for one in kept), *states, copy=False)
        nodes = nodes.from_(relation(placed, NODES), copy=False)
        nodes = nodes.group_by(*(one.copy() for one in kept), copy=False)
        name = context.use(context.add(f"{self._label}_nodes", nodes))
        groups = [column(key, _FIRST), column(VERSION, _FIRST), *(column(one, NODES) for one in within)]
        same = both([equal(column(one, _FIRST), column(one, NODES)) for one in (key, _NODE)])
        select = exp.select(*(named(one, one.name) for one in groups), *values, copy=False)
        select = select.from_(relation(context.use(self._nodes_above()), _FIRST), copy=False)
        select = select.join(exp.Join(this=relation(name, NODES), on=same), copy=False)
        return select.group_by(*(one.copy() for one in groups), copy=False)

    def _placed(self, cells: str) -> exp.Select:
        """Return the cells, one for each node that their span is put together from."""
        end = exp.Coalesce(this=column(NUMBER, _AFTER), expressions=[column(VERSIONS, _FIRST)])
        nodes = render(_OF_SPAN, {"x": column(NUMBER, _FIRST), "y": end}, [], self._context.dialect)
        select = exp.select(star(_CELL), named(nodes, _NODE), copy=False)
        select = select.from_(relation(self._context.use(cells), _CELL), copy=False)
        select = select.join(self._version(_FIRST, _FROM, ""), copy=False)
        return select.join(self._version(_AFTER, _UNTIL, "LEFT"), copy=False)

    def _version(self, alias: str, bound: str, side: str) -> exp.Join:
        """Return the join with the version that begins at a bound of a cell's span."""
        same = equal(column(self._key, alias), column(self._key, _CELL))
        on = both([same, equal(column(_FROM, alias), column(bound, _CELL))])
        return exp.Join(this=relation(self._context.use(self._spans), alias), side=side, on=on)

    def _nodes_above(self) -> str:
        """Return the relation of the nodes above each version: the key, VERSION, the node."""
        if self._above is None:
            letters = {"x": column(NUMBER, _FIRST), "y": column(VERSIONS, _FIRST)}
            nodes = render(_ABOVE, letters, [], self._context.dialect)
            kept = [named(column(self._key, _FIRST), self._key), named(column(_FROM, _FIRST), VERSION)]
            select = exp.select(*kept, named(nodes, _NODE), copy=False)
            select = select.from_(relation(self._context.use(self._spans), _FIRST), copy=False)
            self._above = self._context.add(f"{self._label}_above", select)
        return self._above
