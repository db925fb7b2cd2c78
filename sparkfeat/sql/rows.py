"""Rows nodes as SQL: joins on keys, and the time rules turned into conditions, here only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from sparkfeat.plan.cutoffs import Bound, Visibility
from sparkfeat.plan.nodes import (
    CUTOFF_TIME,
    CUTOFFS,
    INSTANCE,
    TIME,
    AllRows,
    BinnedRows,
    ChildRows,
    ParentRows,
    Rows,
    TargetRows,
)
from sparkfeat.sql.context import Context
from sparkfeat.sql.dialect import Dialect
from sparkfeat.sql.expressions import both, column, equal, named, relation

_HERE = "r"
_THERE = "k"


def visible(rule: Visibility, alias: str, time: exp.Expr, dialect: Dialect) -> list[exp.Expr]:
    """Return the conditions under which rows `alias` are visible at `time`."""
    if rule.time is None:
        return []
    found = [_before(column(rule.time, alias), rule.upper, time, dialect)]
    if rule.lower is not None:
        found.append(_lower(rule, rule.lower, alias, time, dialect))
    return found


def _lower(rule: Visibility, bound: Bound, alias: str, time: exp.Expr, dialect: Dialect) -> exp.Expr:
    times = [name for name in (rule.time, rule.last_time) if name is not None]
    after = [_after(column(name, alias), bound, time, dialect) for name in times]
    return exp.paren(exp.or_(*after, copy=False), copy=False) if len(after) > 1 else after[0]


def point(bound: Bound, time: exp.Expr, dialect: Dialect) -> exp.Expr:
    """Return the point in time that a bound gives for a cutoff time."""
    point = time.copy()
    for span in bound.back:
        point = dialect.back(point, span)
    return point


def _before(value: exp.Expr, bound: Bound, time: exp.Expr, dialect: Dialect) -> exp.Expr:
    compare = exp.LTE if bound.closed else exp.LT
    return compare(this=value, expression=point(bound, time, dialect))


def _after(value: exp.Expr, bound: Bound, time: exp.Expr, dialect: Dialect) -> exp.Expr:
    compare = exp.GTE if bound.closed else exp.GT
    return compare(this=value, expression=point(bound, time, dialect))


def _columns(node: Rows, time: exp.Expr | None, dialect: Dialect) -> list[exp.Expr]:
    """Return the columns of a Rows node, masked where a secondary time is not reached at `time`.

    Those of a wider window are masked already.
    """
    masks = {name: secondary for secondary, name in node.visibility.masks if node.within is None}
    return [
        named(_masked(column(name, _HERE), masks.get(name), node.visibility, time, dialect), name)
        for name in node.columns
    ]


def _masked(
    value: exp.Expr,
    secondary: str | None,
    rule: Visibility,
    time: exp.Expr | None,
    dialect: Dialect,
) -> exp.Expr:
    if secondary is None or time is None:
        return value
    known = exp.GTE(this=column(secondary, _HERE), expression=point(rule.upper, time, dialect))
    return exp.Case(ifs=[exp.If(this=known, true=exp.null())], default=value)


def _select(
    node: Rows,
    time: exp.Expr | None,
    source: exp.Expr,
    joins: Sequence[exp.Join],
    where: Sequence[exp.Expr],
    context: Context,
) -> exp.Select:
    columns = _columns(node, time, context.dialect)
    if node.timed and time is not None:
        columns.insert(0, named(time.copy(), TIME))
    select = exp.select(*columns, copy=False).from_(source, copy=False)
    for join in joins:
        select = select.join(join, copy=False)
    return select.where(both(where), copy=False) if where else select


def _inner(there: exp.Expr, condition: exp.Expr) -> exp.Join:
    return exp.Join(this=there, on=condition)


def _still_visible(context: Context, node: Rows) -> list[exp.Expr]:
    """Return the conditions under which rows of a wider window are visible in the node's."""
    rule = node.visibility
    if rule.lower is None:
        return []
    return [_lower(rule, rule.lower, _HERE, context.time_of(_HERE), context.dialect)]


def _narrowed(context: Context, node: Rows, wide: Rows) -> exp.Select:
    """Select what a narrower window sees of rows that depend on no others."""
    time = column(TIME, _HERE)
    return _select(
        node, time, relation(context.read(wide), _HERE), [], _still_visible(context, node), context
    )


def lower_target(context: Context, node: TargetRows) -> exp.Select:
    """Select the target's rows: of the instances in the cutoff relation, or all."""
    if node.within is not None:
        return _narrowed(context, node, node.within)
    here = relation(node.table.name, _HERE)
    time = column(CUTOFF_TIME, _THERE) if node.timed else context.time_of(_THERE)
    where = visible(node.visibility, _HERE, time, context.dialect)
    if not node.listed:
        return _select(node, time, here, [], where, context)
    if node.timed and not where:
        # A row without a cutoff time has no features, also where rows are always visible.
        where = [exp.Not(this=exp.Is(this=time.copy(), expression=exp.null()))]
    join = _inner(here, equal(column(node.table.index, _HERE), column(INSTANCE, _THERE)))
    return _select(node, time, relation(CUTOFFS, _THERE), [join], where, context)


def lower_all(context: Context, node: AllRows) -> exp.Select:
    """Select all rows of a table: ever, at the shared time, or at each distinct time."""
    if node.within is not None:
        return _narrowed(context, node, node.within)
    here = relation(node.table.name, _HERE)
    if node.ever:
        time_index = node.visibility.time
        # Rows without a time are never visible.
        where = (
            [exp.Not(this=exp.Is(this=column(time_index, _HERE), expression=exp.null()))]
            if time_index
            else []
        )
        return _select(node, None, here, [], where, context)
    time = column(CUTOFF_TIME, _THERE) if node.timed else context.time_of(_THERE)
    shown = visible(node.visibility, _HERE, time, context.dialect)
    if not node.timed:
        return _select(node, time, here, [], shown, context)
    times = _distinct_times(node.every, context.dialect)
    return _select(node, time, times, [exp.Join(this=here, kind="CROSS")], shown, context)


def _distinct_times(every: int | None, dialect: Dialect) -> exp.Expr:
    time: exp.Expr = column(CUTOFF_TIME, "c")
    time = time if every is None else named(dialect.floor(time, every), CUTOFF_TIME)
    times = exp.select(time).distinct().from_(relation(CUTOFFS, "c"))
    known = exp.Not(this=exp.Is(this=column(CUTOFF_TIME, "c"), expression=exp.null()))
    return times.where(known).subquery(_THERE)


def _source(context: Context, node: Rows, on: exp.Expr, time: exp.Expr) -> tuple[exp.Join, list[exp.Expr]]:
    """Return the join with the rows to take from, by a key, and what they must pass to be visible."""
    if node.within is None:
        shown = visible(node.visibility, _HERE, time, context.dialect)
        return _inner(relation(node.table.name, _HERE), on), shown
    same = [on, equal(column(TIME, _HERE), column(TIME, _THERE))] if node.timed else [on]
    return _inner(relation(context.read(node.within), _HERE), both(same)), _still_visible(context, node)


def lower_children(context: Context, node: ChildRows) -> exp.Select:
    """Join the child table to its parent's rows on the key."""
    link = node.relationship
    time = context.time_of(_THERE)
    on = equal(column(link.child_column, _HERE), column(link.parent_column, _THERE))
    join, where = _source(context, node, on, time)
    select = _select(node, time, relation(context.read(node.parent), _THERE), [join], where, context)
    from_parent = (*node.carried, *node.taken)
    columns = [named(column(there, _THERE), here) for here, there in from_parent]
    return select.select(*columns, copy=False) if columns else select


def lower_binned(context: Context, node: BinnedRows) -> exp.Select:
    """Join the table to the distinct keys and bins of the rows stood for."""
    index = node.table.index
    bins = context.dialect.floor(column(TIME, "c"), node.every)
    keys = exp.select(named(bins, TIME), named(column(index, "c"), index)).distinct()
    keys = keys.from_(relation(context.read(node.rows), "c"))
    time = context.time_of(_THERE)
    join = _inner(relation(node.table.name, _HERE), equal(column(index, _HERE), column(index, _THERE)))
    where = visible(node.visibility, _HERE, time, context.dialect)
    return _select(node, time, keys.subquery(_THERE), [join], where, context)


def lower_parents(context: Context, node: ParentRows) -> exp.Select:
    """Join the parent table to the distinct keys of the rows that point at it."""
    link = node.relationship
    names = [TIME, link.child_column] if node.timed else [link.child_column]
    keys = exp.select(*(column(name) for name in names)).distinct()
    keys = keys.from_(relation(context.read(node.child), "c"))
    time = context.time_of(_THERE)
    on = equal(column(link.parent_column, _HERE), column(link.child_column, _THERE))
    join, where = _source(context, node, on, time)
    return _select(node, time, keys.subquery(_THERE), [join], where, context)
