"""The Matrix node as SQL: a row for each cutoff row, in their order, with defaults where there is no row."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from sparkfeat.plan.nodes import (
    CUTOFF_POSITION,
    CUTOFF_TIME,
    CUTOFFS,
    INSTANCE,
    ORDER,
    TIME,
    Matrix,
    Output,
)
from sparkfeat.sql.context import Context
from sparkfeat.sql.expressions import both, column, equal, named, relation, sort_keys

_ROW = "c"
_FEATURES = "f"


def lower_matrix(
    context: Context,
    node: Matrix,
    pass_through: Sequence[str],
    names: Sequence[str],
    *,
    ordered: bool,
    sort: bool,
) -> exp.Select:
    """Select [__position,] instance_id, [time,] then outputs and passed columns, called `names`.

    The rows are sorted, or have what they are to be sorted by in columns __order0, ... at the end.
    """
    listed = node.target.listed
    outputs = [
        named(_output(context, node, one), name) for one, name in zip(node.outputs, names, strict=False)
    ]
    if not listed:
        keys = [named(column(node.target.table.index, _features(0)), INSTANCE)]
        select = exp.select(*keys, *outputs, copy=False)
        select = _join(context, node, select.from_(_relation(context, node, 0), copy=False))
        return _in_order(context, select, [column(name, _features(0)) for name in node.order], sort=sort)
    keys_kept = [INSTANCE, *([CUTOFF_TIME] if node.target.timed else [])]
    kept = [CUTOFF_POSITION, *keys_kept] if ordered else keys_kept
    rows = [named(column(name, _ROW), name) for name in kept]
    passed_names = names[len(outputs) :]
    passed = [named(column(old, _ROW), new) for old, new in zip(pass_through, passed_names, strict=True)]
    select = exp.select(*rows, *outputs, *passed, copy=False).from_(relation(CUTOFFS, _ROW), copy=False)
    select = _join(context, node, select)
    sorted_by = [CUTOFF_POSITION] if ordered else keys_kept[::-1]
    return _in_order(context, select, [column(name, _ROW) for name in sorted_by], sort=sort)


def _in_order(context: Context, select: exp.Select, order: Sequence[exp.Expr], *, sort: bool) -> exp.Select:
    if sort:
        return select.order_by(*sort_keys(order, context.dialect), copy=False)
    return select.select(*(named(key, f"{ORDER}{n}") for n, key in enumerate(order)), copy=False)


def _features(part: int) -> str:
    return f"{_FEATURES}{part or ''}"


def _relation(context: Context, node: Matrix, part: int) -> exp.Table:
    return relation(context.read((node.input, *node.windows)[part]), _features(part))


def _join(context: Context, node: Matrix, select: exp.Select) -> exp.Select:
    """Join the target's rows as each training window sees them; without cutoff rows the widest is there."""
    index, timed = node.target.table.index, node.target.timed
    for part in range(0 if node.target.listed else 1, 1 + len(node.windows)):
        here = column(INSTANCE, _ROW) if node.target.listed else column(index, _features(0))
        on = [equal(column(index, _features(part)), here)]
        if timed:
            on.append(equal(column(TIME, _features(part)), column(CUTOFF_TIME, _ROW)))
        join = exp.Join(this=_relation(context, node, part), side="LEFT", on=both(on))
        select = select.join(join, copy=False)
    return select


def _output(context: Context, node: Matrix, output: Output) -> exp.Expr:
    value: exp.Expr = column(output.alias, _features(output.part))
    if output.position is not None:
        value = context.dialect.element(value, output.position)
    sql_type = context.dialect.type_of(output.logical_type)
    if sql_type is not None:
        value = exp.Cast(this=value, to=sql_type)
    if output.default is None or not (node.target.listed or output.part):
        return value
    missing = _missing(node, output.part)
    return exp.Case(ifs=[exp.If(this=missing, true=exp.convert(output.default))], default=value)


def _missing(node: Matrix, part: int) -> exp.Expr:
    """Return the condition of a row without a visible target row; without a time it stays null."""
    index = column(node.target.table.index, _features(part))
    missing: exp.Expr = exp.Is(this=index, expression=exp.null())
    if not node.target.timed:
        return missing
    known = exp.Not(this=exp.Is(this=column(CUTOFF_TIME, _ROW), expression=exp.null()))
    return both([missing, known])
