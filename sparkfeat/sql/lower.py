"""A plan as one SQL query, each node one CTE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from sparkfeat.plan import Plan
from sparkfeat.plan.nodes import (
    Aggregate,
    AllRows,
    Attach,
    BinnedRows,
    ChildRows,
    Compute,
    Node,
    ParentRows,
    TargetRows,
)
from sparkfeat.plan.spans import LastingRows, Moments, Owners, Pieces, Points, Timeline, Versions
from sparkfeat.sql.aggregates import lower_aggregate
from sparkfeat.sql.collector import collector_paused
from sparkfeat.sql.computed import lower_attach, lower_compute
from sparkfeat.sql.context import Context, Lower
from sparkfeat.sql.dialect import CutoffTime, Dialect
from sparkfeat.sql.duckdb import DuckDB
from sparkfeat.sql.matrix import lower_matrix
from sparkfeat.sql.prune import prune
from sparkfeat.sql.rows import lower_all, lower_binned, lower_children, lower_parents, lower_target
from sparkfeat.sql.spans import (
    lower_lasting,
    lower_moments,
    lower_owners,
    lower_pieces,
    lower_points,
    lower_timeline,
)
from sparkfeat.sql.spark import Spark
from sparkfeat.sql.versions import lower_versions

LOWERED: Mapping[type[Node], Lower] = {
    Aggregate: lower_aggregate,
    AllRows: lower_all,
    Attach: lower_attach,
    BinnedRows: lower_binned,
    ChildRows: lower_children,
    Compute: lower_compute,
    LastingRows: lower_lasting,
    Moments: lower_moments,
    Owners: lower_owners,
    ParentRows: lower_parents,
    Pieces: lower_pieces,
    Points: lower_points,
    TargetRows: lower_target,
    Timeline: lower_timeline,
    Versions: lower_versions,
}

DIALECTS: Mapping[str, Dialect] = {"duckdb": DuckDB(), "spark": Spark()}


@dataclass(frozen=True)
class Cte:
    """One named relation of a query, how many others read it, and whether it is to be collected.

    `node` is the plan's node that it is, or is a step of.
    """

    name: str
    select: exp.Select
    uses: int
    collected: bool
    node: Node


@dataclass(frozen=True)
class Lowered:
    """A plan in SQL: relations, each reading those before it, and the SELECT that reads them.

    Attributes:
        ctes: the relations, what is read before what reads it.
        select: [__position,] instance_id, [time,] the plan's outputs, the columns passed through.
        columns_read: the columns that they read of each table.
    """

    ctes: tuple[Cte, ...]
    select: exp.Select
    dialect: Dialect
    columns_read: Mapping[str, frozenset[str]]

    def query(self) -> exp.Select:
        """Return the one query that computes the plan."""
        return with_ctes(self.select, self.ctes, self.dialect)

    def text(self, *, pretty: bool = False) -> str:
        """Return that query as text, in one line unless it is to be pretty."""
        with collector_paused():
            return self.query().sql(dialect=self.dialect.name, pretty=pretty, copy=False)


def with_ctes(select: exp.Select, ctes: Sequence[Cte], dialect: Dialect) -> exp.Select:
    """Return a SELECT with relations in front of it."""
    query = select.copy()
    if ctes:
        query.set("with_", exp.With(expressions=[_written(cte, dialect) for cte in ctes]))
    return query


def needed(select: exp.Expr, ctes: Sequence[Cte]) -> list[Cte]:
    """Return the relations that a SELECT reads, directly or through others, in their order."""
    by_name = {cte.name: cte for cte in ctes}
    found: set[str] = set()
    queue = [select]
    while queue:
        for table in queue.pop().find_all(exp.Table):
            if table.name in by_name and table.name not in found:
                found.add(table.name)
                queue.append(by_name[table.name].select)
    return [cte for cte in ctes if cte.name in found]


def _written(cte: Cte, dialect: Dialect) -> exp.CTE:
    alias = exp.TableAlias(this=exp.to_identifier(cte.name, quoted=True))
    return exp.CTE(this=cte.select, alias=alias, materialized=dialect.materialized(cte.uses))


@collector_paused()
def lower(
    plan: Plan,
    dialect: Dialect,
    time: CutoffTime | None = None,
    pass_through: Sequence[str] = (),
    names: Sequence[str] | None = None,
    *,
    ordered: bool = True,
    sort: bool = True,
    rows_of_range: int | None = None,
    reread: bool = False,
) -> Lowered:
    """Return a plan as SQL.

    Args:
        plan: the plan.
        dialect: how to say it.
        time: the cutoff time that all rows share; None when each has its own.
        pass_through: columns of the cutoff rows to put after the features.
        names: what to call the features' columns and the passed ones; by default f0, f1, ..., p0, p1, ...,
            since feature names may differ by case alone and SQL names may not.
        ordered: the cutoff rows came in an order, kept in __position.
        sort: sort the rows; else what they are to be sorted by is in columns __order0, ... at the end.
        rows_of_range: compute windows over whole tables in ranges of so many rows, for Spark. The query is
            then not to be run as one: relations marked so have to be collected before others read them.
        reread: read tables again for a second pass over some groups, rather than keep all rows for it.
    """
    context = Context(plan, dialect, time, LOWERED, rows_of_range, reread=reread)
    if names is None:
        names = [f"f{n}" for n in range(len(plan.matrix.outputs))] + [
            f"p{n}" for n in range(len(pass_through))
        ]
    select = lower_matrix(context, plan.matrix, pass_through, names, ordered=ordered, sort=sort)
    read = prune(context.ctes, select, context.release)
    ctes = tuple(
        Cte(name, body, context.uses(name), name in context.collected, context.nodes[name])
        for name, body in context.ctes.items()
    )
    return Lowered(ctes, select, dialect, read)
