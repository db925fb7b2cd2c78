"""Rows that stand once for several cutoff times as SQL: where their spans begin and end."""

from __future__ import annotations

from sqlglot import exp

from sparkfeat.plan.nodes import TIME, Join
from sparkfeat.plan.spans import (
    OF_PIECES,
    OF_ROWS,
    OWNER,
    POINT,
    TILE,
    TILES,
    LastingRows,
    Moments,
    Owners,
    Pieces,
    Points,
    Timeline,
)
from sparkfeat.sql.computed import or_default
from sparkfeat.sql.context import Context
from sparkfeat.sql.expressions import Letters, both, column, equal, named, relation, render, star
from sparkfeat.sql.rows import point

_HERE = "r"
_THERE = "k"
_ENTERS = "e"
_LEAVES = "x"
_FROM, _UNTIL = OF_ROWS
_BOUNDS = "__bounds"


def text(context: Context, written: str, letters: Letters) -> exp.Expr:
    """Return a text with letters replaced."""
    return render(written, letters, [], context.dialect)


def over(function: exp.Expr, partition: exp.Expr, order: exp.Expr | None = None) -> exp.Window:
    """Return a window function."""
    window = exp.Window(this=function, partition_by=[partition], over="OVER")
    if order is not None:
        window.set("order", exp.Order(expressions=[exp.Ordered(this=order)]))
    return window


def lower_timeline(context: Context, node: Timeline) -> exp.Select:
    """Return the cutoff times of each instance with their numbers."""
    owner = column(node.target.table.index, _HERE)
    number = over(exp.RowNumber(), owner.copy(), column(TIME, _HERE))
    columns = [
        named(owner, OWNER),
        named(column(TIME, _HERE), TIME),
        named(exp.Sub(this=number, expression=exp.convert(1)), TILE),
        named(over(exp.Count(this=exp.Star()), owner.copy()), TILES),
    ]
    return exp.select(*columns, copy=False).from_(relation(context.read(node.target), _HERE), copy=False)


def lower_points(context: Context, node: Points) -> exp.Select:
    """Go back from each cutoff time; of those that come to the same point the first one counts."""
    at = point(node.bound, column(TIME, _HERE), context.dialect)
    first = exp.Min(this=column(TILE, _HERE))
    columns = [named(column(OWNER, _HERE), OWNER), named(at, POINT), named(first, TILE)]
    select = exp.select(*columns, copy=False).from_(relation(context.read(node.timeline), _HERE), copy=False)
    return select.group_by(column(OWNER, _HERE), at.copy(), copy=False)


def lower_owners(context: Context, node: Owners) -> exp.Select:
    """Take each instance's row at its first cutoff time: it is the same at the others."""
    target, index = node.timeline.target, node.table.index
    columns = [named(column(name, _HERE), name) for name in node.columns]
    columns += [named(column(name, _THERE), name) for name in (OWNER, TILES)]
    columns += [named(exp.convert(0), _FROM), named(column(TILES, _THERE), _UNTIL)]
    same = [
        equal(column(OWNER, _THERE), column(index, _HERE)),
        equal(column(TIME, _THERE), column(TIME, _HERE)),
    ]
    times = exp.Join(this=relation(context.read(node.timeline), _THERE), on=both(same))
    select = exp.select(*columns, copy=False).from_(relation(context.read(target), _HERE), copy=False)
    return select.join(times, copy=False).where(equal(column(TILE, _THERE), exp.convert(0)), copy=False)


def lower_lasting(context: Context, node: LastingRows) -> exp.Select:
    """Join the child table to its parent's rows; find the first times that see a row, and see it no more."""
    link = node.relationship
    on = equal(column(link.child_column, _HERE), column(link.parent_column, _THERE))
    joins = [exp.Join(this=relation(node.table.name, _HERE), on=on)]
    begin: exp.Expr = column(_FROM, _THERE)
    end: exp.Expr = column(_UNTIL, _THERE)
    where = []
    if node.enters is not None:
        joins.append(_entering(context, node))
        begin = exp.Greatest(this=begin, expressions=[column(TILE, _ENTERS)])
    if node.leaves is not None:
        joins.append(_leaving(context, node))
        last = exp.Coalesce(this=column(TILE, _LEAVES), expressions=[column(TILES, _THERE)])
        end = exp.Least(this=end, expressions=[last])
        where = [exp.LT(this=begin.copy(), expression=end.copy())]
    columns = [named(column(name, _HERE), name) for name in node.columns]
    from_parent = (*node.carried, *node.taken, (OWNER, OWNER), (TILES, TILES))
    columns += [named(column(there, _THERE), here) for here, there in from_parent]
    columns += [named(begin, _FROM), named(end, _UNTIL)]
    select = exp.select(*columns, copy=False).from_(relation(context.read(node.parent), _THERE), copy=False)
    for join in joins:
        select = select.join(join, copy=False)
    return select.where(*where, copy=False)


def _entering(context: Context, node: LastingRows) -> exp.Join:
    """Return the join with the first cutoff time that sees a row; rows that none sees drop out."""
    assert node.enters is not None
    compare = exp.LTE if node.enters.bound.closed else exp.LT
    time = column(str(node.visibility.time), _HERE)
    seen = compare(this=time, expression=column(POINT, _ENTERS))
    on = both([equal(column(OWNER, _THERE), column(OWNER, _ENTERS)), seen])
    return exp.Join(this=relation(context.read(node.enters), _ENTERS), method="ASOF", on=on)


def _leaving(context: Context, node: LastingRows) -> exp.Join:
    """Return the join with the first cutoff time whose window begins after a row."""
    assert node.leaves is not None
    rule = node.visibility
    time: exp.Expr = column(str(rule.time), _HERE)
    if rule.last_time is not None:
        time = exp.Greatest(this=time, expressions=[column(rule.last_time, _HERE)])
    compare = exp.LT if node.leaves.bound.closed else exp.LTE
    gone = compare(this=time, expression=column(POINT, _LEAVES))
    on = both([equal(column(OWNER, _THERE), column(OWNER, _LEAVES)), gone])
    there = relation(context.read(node.leaves), _LEAVES)
    return exp.Join(this=there, method="ASOF", side="LEFT", on=on)


def lower_pieces(context: Context, node: Pieces) -> exp.Select:
    """Cut rows where a version of what is joined begins or ends, and join the version of each piece."""
    cut = context.use(context.add(f"{node.label}_cut", _cut(context, node)))
    begin, _ = OF_PIECES
    select = exp.select(star(_HERE), copy=False).from_(relation(cut, _HERE), copy=False)
    for number, join in enumerate(node.joins):
        there = f"j{number}"
        holds = exp.GT(this=column(_UNTIL, there), expression=column(begin, _HERE))
        columns = [
            named(
                or_default(
                    exp.Case(ifs=[exp.If(this=holds.copy(), true=column(name, there))]),
                    default,
                    context.dialect,
                ),
                here,
            )
            for here, name, default in join.columns
        ]
        begun = exp.GTE(this=column(begin, _HERE), expression=column(_FROM, there))
        on = both([equal(column(join.left, _HERE), column(join.right, there)), begun])
        versions = relation(context.read(join.node), there)
        select = select.select(*columns, copy=False)
        select = select.join(exp.Join(this=versions, method="ASOF", side="LEFT", on=on), copy=False)
    return select


def _cut(context: Context, node: Pieces) -> exp.Select:
    """Return the rows, one for each piece."""
    letters: dict[str, exp.Expr] = {"x": column(_FROM, _HERE), "y": column(_UNTIL, _HERE)}
    bounds = ["[x]"]
    joins = []
    for number, join in enumerate(node.joins):
        there = f"b{number}"
        name = context.use(context.add(f"{node.label}_bounds", _bounds(context, join)))
        on = equal(column(join.left, _HERE), column(join.right, there))
        joins.append(exp.Join(this=relation(name, there), side="LEFT", on=on))
        letters[f"x{number + 4}"] = column(_BOUNDS, there)
        bounds.append(f"list_filter(coalesce(x{number + 4}, []), lambda w: w > x AND w < y)")
    every = f"list_sort(list_distinct({_concatenated(bounds)}))"
    begins = text(context, f"unnest({every})", letters)
    ends = text(context, f"unnest(list_concat(list_slice({every}, 2, len({every})), [y]))", letters)
    begin, end = OF_PIECES
    source = relation(context.read(node.input), _HERE)
    select = exp.select(star(_HERE), named(begins, begin), named(ends, end), copy=False)
    select = select.from_(source, copy=False)
    for one in joins:
        select = select.join(one, copy=False)
    return select


def _concatenated(lists: list[str]) -> str:
    found = lists[0]
    for one in lists[1:]:
        found = f"list_concat({found}, {one})"
    return found


def _bounds(context: Context, join: Join) -> exp.Select:
    """Return the bounds of the versions of each row."""
    key = column(join.right, _HERE)
    spans = {"x": column(_FROM, _HERE), "y": column(_UNTIL, _HERE)}
    bounds = text(context, "list_concat(list(x), list(y))", spans)
    select = exp.select(named(key, join.right), named(bounds, _BOUNDS), copy=False)
    source = relation(context.read(join.node), _HERE)
    return select.from_(source, copy=False).group_by(key.copy(), copy=False)


def lower_moments(context: Context, node: Moments) -> exp.Select:
    """Join the version of each group that holds at a cutoff time."""
    versions, aliases = node.versions, [call.alias for call in node.versions.calls]
    spans = {"x": column(_FROM, _HERE), "y": column(_UNTIL, _HERE)}
    each = text(context, "unnest(range(x, y))", spans)
    kept = [named(column(name, _HERE), name) for name in (versions.key, OWNER, *aliases)]
    spread = exp.select(*kept, named(each, TILE), copy=False)
    spread = spread.from_(relation(context.read(versions), _HERE), copy=False)
    name = context.use(context.add(f"{node.label}_spread", spread))
    columns = [named(column(TIME, _THERE), TIME)]
    columns += [named(column(name, _HERE), name) for name in (versions.key, *aliases)]
    same = both([equal(column(one, _HERE), column(one, _THERE)) for one in (OWNER, TILE)])
    times = exp.Join(this=relation(context.read(node.timeline), _THERE), on=same)
    select = exp.select(*columns, copy=False).from_(relation(name, _HERE), copy=False)
    return select.join(times, copy=False)
