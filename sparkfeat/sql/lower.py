"""A plan as one SQL query, each node one CTE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from sparkfeat.plan import Plan
from sparkfeat.plan.nodes import (
    Aggregate,
    AllRows,
    Attach,
    ChildRows,
    Compute,
    Node,
    ParentRows,
    TargetRows,
)
from sparkfeat.sql.aggregates import lower_aggregate
from sparkfeat.sql.computed import lower_attach, lower_compute
from sparkfeat.sql.context import Context, Lower
from sparkfeat.sql.dialect import CutoffTime, Dialect
from sparkfeat.sql.duckdb import DuckDB
from sparkfeat.sql.matrix import lower_matrix
from sparkfeat.sql.rows import lower_all, lower_children, lower_parents, lower_target
from sparkfeat.sql.spark import Spark

LOWERED: Mapping[type[Node], Lower] = {
    Aggregate: lower_aggregate,
    AllRows: lower_all,
    Attach: lower_attach,
    ChildRows: lower_children,
    Compute: lower_compute,
    ParentRows: lower_parents,
    TargetRows: lower_target,
}

DIALECTS: Mapping[str, Dialect] = {"duckdb": DuckDB(), "spark": Spark()}


def lower(
    plan: Plan,
    dialect: Dialect,
    time: CutoffTime | None = None,
    pass_through: Sequence[str] = (),
    names: Sequence[str] | None = None,
    *,
    ordered: bool = True,
) -> exp.Select:
    """Return the query that computes a plan.

    Args:
        plan: the plan.
        dialect: how to say it.
        time: the cutoff time that all rows share; None when each has its own.
        pass_through: columns of the cutoff rows to put after the features.
        names: what to call the features' columns and the passed ones; by default f0, f1, ..., p0, p1, ...,
            since feature names may differ by case alone and SQL names may not.
        ordered: the cutoff rows came in an order, kept in __position.

    Returns:
        A SELECT of [__position,] instance_id, [time,] the plan's outputs, the columns passed through.
    """
    context = Context(plan, dialect, time, LOWERED)
    if names is None:
        names = [f"f{n}" for n in range(len(plan.matrix.outputs))] + [f"p{n}" for n in range(len(pass_through))]
    select = lower_matrix(context, plan.matrix, pass_through, names, ordered=ordered)
    ctes = [_cte(context, name, body) for name, body in context.ctes.items()]
    select.set("with_", exp.With(expressions=ctes))
    return select


def _cte(context: Context, name: str, body: exp.Select) -> exp.CTE:
    alias = exp.TableAlias(this=exp.to_identifier(name, quoted=True))
    return exp.CTE(this=body, alias=alias, materialized=context.dialect.materialized(context.uses(name)))
