"""What lowering a node may use: the dialect, the cutoff time, and the CTEs made so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlglot import exp

from sparkfeat.plan import Plan
from sparkfeat.plan.nodes import CUTOFFS, TIME, Node, Rows
from sparkfeat.sql.dialect import CutoffTime, Dialect
from sparkfeat.sql.expressions import column

Lower = Callable[["Context", Any], exp.Select]


class Context:
    """Lowers each node once and keeps the result as a CTE.

    Args:
        plan: the plan.
        dialect: how to say it.
        time: the cutoff time that all rows share; None when each has its own.
        lowered: the function for each kind of node.
        rows_of_range: how many rows one task takes of windows over whole tables; None: all.
        reread: read a table again for a second pass over some of its rows, rather than keep them all.
    """

    def __init__(
        self,
        plan: Plan,
        dialect: Dialect,
        time: CutoffTime | None,
        lowered: Mapping[type[Node], Lower],
        rows_of_range: int | None = None,
        *,
        reread: bool = False,
    ) -> None:
        self.plan = plan
        self.rows_of_range = rows_of_range
        self.reread = reread
        self.dialect = dialect
        self._time = None if time is None else dialect.time(time)
        self._lowered = lowered
        self._names: dict[Node, str] = {}
        self._lowering: list[Node] = []
        self.nodes: dict[str, Node] = {}
        self._uses: Counter[str] = Counter()
        self._taken = {
            CUTOFFS,
            *(node.table.name.casefold() for node in walk(plan.matrix) if isinstance(node, Rows)),
        }
        self.ctes: dict[str, exp.Select] = {}
        self.collected: set[str] = set()
        self._inlined: set[str] = set()
        self._columns = 0

    def new_column(self) -> str:
        """Return a name that no column of any relation has."""
        self._columns += 1
        return f"__c{self._columns}"

    def read(self, node: Node) -> str:
        """Return the CTE of a node, lowered now if it is not yet, and count a reader."""
        if node not in self._names:
            self._names[node] = self.copy_of(node)
        return self.use(self._names[node])

    def copy_of(self, node: Node) -> str:
        """Return a new CTE of a node, which no other reader shares."""
        label = f"{node.label}_rows" if isinstance(node, Rows) else node.label
        self._lowering.append(node)
        name = self.add(label, self._lowered[type(node)](self, node))
        self._lowering.pop()
        return name

    def add(self, label: str, select: exp.Select, *, collected: bool = False, inlined: bool = False) -> str:
        """Add a CTE under `label`, numbered if that is taken, and return its name.

        One of few rows may be `collected`; one `inlined` costs less to compute again than to keep.
        """
        name, number = label, 1
        while name.casefold() in self._taken:
            number += 1
            name = f"{label}_{number}"
        self._taken.add(name.casefold())
        self.ctes[name] = select
        self.nodes[name] = self._lowering[-1]
        self.collected |= {name} if collected else set()
        self._inlined |= {name} if inlined else set()
        return name

    def use(self, name: str) -> str:
        """Count a reader of a CTE and return its name."""
        self._uses[name] += 1
        return name

    def release(self, name: str) -> None:
        """Count a reader less."""
        self._uses[name] -= 1

    def uses(self, name: str) -> int:
        """Return how many readers a CTE is kept for."""
        return 1 if name in self._inlined else self._uses[name]

    def time_of(self, alias: str) -> exp.Expr:
        """Return the cutoff time of a relation's rows: the shared literal, or the rows' own column."""
        return column(TIME, alias) if self._time is None else self._time.copy()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all it reads, each once."""
    seen: set[int] = set()
    queue = [node]
    while queue:
        current = queue.pop()
        if id(current) not in seen:
            seen.add(id(current))
            yield current
            queue.extend(current.parents)
