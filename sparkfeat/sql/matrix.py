"""The Matrix node as SQL: a row for each cutoff row, in their order, with defaults where there is no row."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from sparkfeat.plan.nodes import CUTOFF_POSITION, CUTOFF_TIME, CUTOFFS, INSTANCE, TIME, Matrix, Output
from sparkfeat.sql.context import Context
from sparkfeat.sql.expressions import both, column, equal, named, relation, sort_keys

_ROW = "c"
_FEATURES = "f"


def lower_matrix(
    context: Context, node: Matrix, pass_through: Sequence[str], names: Sequence[str], *, ordered: bool
) -> exp.Select:
    """Select [__position,] instance_id, [time,] then outputs and passed columns, called `names`."""
    listed = node.target.listed
    index = column(node.target.table.index, _FEATURES)
    features = relation(context.read(node.input), _FEATURES)
    outputs = [
        named(_output(context, node, one), name) for one, name in zip(node.outputs, names, strict=False)
    ]
    if not listed:
        select = exp.select(named(index, INSTANCE), *outputs, copy=False).from_(features, copy=False)
        order = [column(name, _FEATURES) for name in node.order]
        return select.order_by(*sort_keys(order, context.dialect), copy=False)
    keys = [INSTANCE, *([CUTOFF_TIME] if node.target.timed else [])]
    kept = [CUTOFF_POSITION, *keys] if ordered else keys
    rows = [named(column(name, _ROW), name) for name in kept]
    passed_names = names[len(outputs) :]
    passed = [named(column(old, _ROW), new) for old, new in zip(pass_through, passed_names, strict=True)]
    select = exp.select(*rows, *outputs, *passed, copy=False).from_(relation(CUTOFFS, _ROW), copy=False)
    on = [equal(index, column(INSTANCE, _ROW))]
    if node.target.timed:
        on.append(equal(column(TIME, _FEATURES), column(CUTOFF_TIME, _ROW)))
    select = select.join(exp.Join(this=features, side="LEFT", on=both(on)), copy=False)
    sorted_by = [CUTOFF_POSITION] if ordered else keys[::-1]
    return select.order_by(
        *sort_keys([column(name, _ROW) for name in sorted_by], context.dialect), copy=False
    )


def _output(context: Context, node: Matrix, output: Output) -> exp.Expr:
    value: exp.Expr = column(output.alias, _FEATURES)
    if output.position is not None:
        value = context.dialect.element(value, output.position)
    sql_type = context.dialect.type_of(output.logical_type)
    if sql_type is not None:
        value = exp.Cast(this=value, to=sql_type)
    if output.default is None or not node.target.listed:
        return value
    return exp.Case(ifs=[exp.If(this=_missing(node), true=exp.convert(output.default))], default=value)


def _missing(node: Matrix) -> exp.Expr:
    """Return the condition of a cutoff row without a visible target row; without a time it stays null."""
    missing: exp.Expr = exp.Is(this=column(node.target.table.index, _FEATURES), expression=exp.null())
    if not node.target.timed:
        return missing
    known = exp.Not(this=exp.Is(this=column(CUTOFF_TIME, _ROW), expression=exp.null()))
    return both([missing, known])
