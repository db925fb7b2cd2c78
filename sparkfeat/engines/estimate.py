"""How many rows, columns and bytes the nodes of a plan will have, estimated before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import expm1

from sparkfeat.engines.computation import Computation
from sparkfeat.engines.footers import Footer
from sparkfeat.engines.visible import Times
from sparkfeat.entityset import Column
from sparkfeat.entityset.types import BOOLEAN_TYPES, DOUBLE_TYPES, INTEGER_TYPES
from sparkfeat.plan.nodes import (
    Aggregate,
    AllRows,
    Attach,
    BinnedRows,
    ChildRows,
    Compute,
    Matrix,
    Node,
    ParentRows,
    Rows,
    TargetRows,
)
from sparkfeat.plan.spans import LastingRows, Moments, Owners, Pieces
from sparkfeat.sql import Lowered
from sparkfeat.sql.context import walk

NUMBER, FLAG, TEXT = 8, 1, 24
"""Bytes of a value in memory; a text is a pointer, its length and some letters."""
STATE = 24
"""Bytes that an aggregate keeps of a group: a sum has 8, a variance 24, others more."""


@dataclass(frozen=True)
class Stage:
    """A node of the plan with its estimated size."""

    name: str
    what: str
    rows: int
    columns: int
    bytes: int


class Estimator:
    """Estimates the sizes of the nodes of a computation's plan.

    Args:
        computation: whose plan.
        footers: by table.
        matrix_rows: rows of the matrix.
    """

    def __init__(self, computation: Computation, footers: Mapping[str, Footer], matrix_rows: int) -> None:
        self._footers = footers
        self._matrix_rows = matrix_rows
        self._times = Times(computation.cutoffs)
        self._matrix = computation.plan.matrix
        self._nodes = list(walk(self._matrix))
        self._readers = {
            _below(join.node): node.input
            for node in self._nodes
            if isinstance(node, Attach)
            for join in node.joins
        }
        self._rows: dict[Node, float] = {}
        self._widths: dict[Node, tuple[int, ...]] = {}

    def stages(self) -> list[Stage]:
        """Return the nodes of the plan, the matrix first."""
        return [self._stage(node) for node in self._nodes]

    def _stage(self, node: Node) -> Stage:
        rows, columns = round(self.rows(node)), len(self.widths(node))
        return Stage(node.label, node.description, rows, columns, round(self.bytes(node)))

    def bytes(self, node: Node) -> float:
        """Return the size of all rows of a node in memory."""
        return self.rows(node) * sum(self.widths(node))

    def kept(self, lowered: Lowered) -> float:
        """Return the size of the relations that are kept for several readers."""
        return sum(self.bytes(cte.node) for cte in lowered.ctes if cte.uses > 1)

    def matrix(self) -> float:
        """Return the size of the matrix's rows."""
        return self.bytes(self._matrix)

    def grouping(self) -> float:
        """Return the size of what the largest aggregation keeps of its groups."""
        found = [node for node in self._nodes if isinstance(node, Aggregate)]
        return max((self.rows(node) * STATE * (2 + len(node.calls)) for node in found), default=0.0)

    def rows(self, node: Node) -> float:
        """Return how many rows a node has."""
        if node not in self._rows:
            self._rows[node] = self._rows_of(node)
        return self._rows[node]

    def _rows_of(self, node: Node) -> float:
        match node:
            case Rows():
                return self._rows_of_table(node)
            case Moments():
                return self.rows(self._readers.get(node, node.timeline))
            case Aggregate() if node in self._readers:
                return self._groups(node.input, self._readers[node])
            case Aggregate() | Compute() | Attach() | Pieces():
                return self.rows(node.input)
        return self._matrix_rows

    def _groups(self, rows: Node, reader: Node) -> float:
        """Return how many of the reader's rows have any of the rows, if those fall on them at random."""
        places = self.rows(reader)
        return places * -expm1(-self.rows(rows) / places) if places else 0.0

    def _rows_of_table(self, node: Rows) -> float:
        match node:
            case TargetRows(listed=True):
                return self._matrix_rows * self._visible(node) / max(self._known(node), 1.0)
            case ChildRows():
                # Rows in a window belong to all known instances, not to those in the window alone.
                target = isinstance(node.parent, TargetRows)
                parents = self._known(node.parent) if target else self._visible(node.parent)
                return self.rows(node.parent) * self._visible(node) / max(parents, 1.0)
            case ParentRows():
                return min(self.rows(node.child), self._footers[node.table.name].rows * self._often(node))
            case BinnedRows():
                return self.rows(node.rows)
        if isinstance(node, AllRows | Owners | LastingRows):
            # Lasting rows are those of all instances: how many of them are asked for is not known.
            return self._visible(node) * self._often(node)
        return self._matrix_rows

    def _visible(self, node: Rows) -> float:
        """Return how many rows of a node's table a cutoff time sees."""
        footer = self._footers[node.table.name]
        if isinstance(node, AllRows) and node.ever:
            return footer.rows
        return footer.rows * self._times.share(node.visibility, footer.times)

    def _known(self, node: Rows) -> float:
        """Return how many rows of a node's table came before a cutoff time, however long."""
        footer = self._footers[node.table.name]
        return footer.rows * self._times.share(replace(node.visibility, lower=None), footer.times)

    def _often(self, node: Rows) -> int:
        return self._times.distinct if node.timed else 1

    def widths(self, node: Node) -> tuple[int, ...]:
        """Return the bytes of a value of each column of a node."""
        if node not in self._widths:
            self._widths[node] = tuple(self._widths_of(node))
        return self._widths[node]

    def _widths_of(self, node: Node) -> list[int]:
        match node:
            case Rows():
                own = [width(one) for one in node.table.columns if one.name in node.columns]
                more = (*node.carried, *node.taken) if isinstance(node, ChildRows | LastingRows) else ()
                return own + [NUMBER] * (len(more) + node.timed)
            case Compute():
                return [*self.widths(node.input), *(_width(call.logical_type) for call in node.calls)]
            case Aggregate():
                return [NUMBER] * (1 + node.timed) + [_width(call.logical_type) for call in node.calls]
            case Attach() | Pieces():
                return [*self.widths(node.input), *(NUMBER for join in node.joins for _ in join.columns)]
            case Matrix():
                return [_width(output.logical_type) for output in node.outputs]
        return list(self.widths(node.versions)) if isinstance(node, Moments) else [NUMBER] * 4


def _below(node: Node) -> Node:
    """Return what the columns of a node were added to."""
    while isinstance(node, Compute | Attach):
        node = node.input
    return node


def width(column: Column) -> int:
    """Return the bytes of a value of a table's column in memory."""
    return _width(column.logical_type)


def _width(logical_type: str | None) -> int:
    if logical_type in BOOLEAN_TYPES:
        return FLAG
    numbers = INTEGER_TYPES | DOUBLE_TYPES | {"Datetime", "Timedelta", None}
    return NUMBER if logical_type in numbers else TEXT
