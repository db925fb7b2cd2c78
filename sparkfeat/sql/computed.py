"""Compute and Attach nodes as SQL: columns added to rows."""

from __future__ import annotations

from sqlglot import exp

from sparkfeat.definitions.calls import Call
from sparkfeat.definitions.features import Default
from sparkfeat.plan.nodes import TIME, Attach, Compute, Join
from sparkfeat.primitives import LETTERS, Shape, find_row
from sparkfeat.sql.context import Context
from sparkfeat.sql.dialect import Dialect
from sparkfeat.sql.expressions import both, column, equal, fill_windows, named, relation, render, star
from sparkfeat.sql.lists import filled, typed_list
from sparkfeat.sql.prune import AT_MOST_ONE
from sparkfeat.sql.ranges import Ranges
from sparkfeat.sql.rows import visible
from sparkfeat.sql.steps import Steps

_HERE = "r"


def letters_of(call: Call, alias: str) -> dict[str, exp.Expr]:
    """Return the columns that x, y, z, ... stand for."""
    return {letter: column(one.alias, alias) for letter, one in zip(LETTERS, call.inputs, strict=False)}


def typed(value: exp.Expr, call: Call, dialect: Dialect) -> exp.Expr:
    """Give what a user's SQL returns the type of its column; NaN is null in it, as it is in pandas."""
    sql_type = dialect.type_of(call.logical_type)
    if call.primitive.standard or sql_type is None:
        return value
    if call.primitive.outputs > 1:
        return typed_list(value, sql_type, dialect)
    cast = exp.Cast(this=exp.Paren(this=value), to=sql_type)
    if not sql_type.is_type(exp.DType.DOUBLE):
        return cast
    return exp.Nullif(this=cast, expression=exp.Cast(this=exp.Literal.string("NaN"), to=sql_type.copy()))


def or_default(value: exp.Expr, default: Default, dialect: Dialect) -> exp.Expr:
    """Return the value, or the default where it is null."""
    if isinstance(default, tuple):
        return filled(value, default, dialect)
    return value if default is None else exp.Coalesce(this=value, expressions=[exp.convert(default)])


def lower_compute(context: Context, node: Compute) -> exp.Select:
    """Add a column for each transform, after those of its steps."""
    time = context.time_of(_HERE)
    order = [column(name, _HERE) for name in node.order]
    ranges = Ranges(context, node.label, order, timed=node.timed)
    change = ranges.apply if context.rows_of_range else None
    steps = Steps(
        context,
        node.label,
        node.calls,
        lambda call: letters_of(call, _HERE) | {"t": time},
        lambda call: _partition(node, call),
        order,
        _HERE,
        change,
    )
    source = relation(context.read(node.input), _HERE)
    rows = steps.apply(exp.select(star(_HERE), copy=False).from_(source, copy=False))
    columns = [named(_computed(context, node, call, steps), call.alias) for call in node.calls]
    select = rows.select(*columns, copy=False)
    return change(select) if change else select


def _partition(node: Compute, call: Call) -> list[exp.Expr]:
    names = [TIME] if node.timed else []
    return [column(name, _HERE) for name in (*names, *([call.groupby] if call.groupby else []))]


def _computed(context: Context, node: Compute, call: Call, steps: Steps) -> exp.Expr:
    row = find_row(call.primitive)
    assert row is not None
    order = [column(name, _HERE) for name in node.order]
    value = render(row.sql(call, context.dialect.name), steps.letters(call), order, context.dialect)
    if row.shape is Shape.WINDOW:
        fill_windows(value, _partition(node, call), order, context.dialect)
    value = typed(value, call, context.dialect)
    return _in_group(value, call, context.dialect) if call.groupby else value


def _in_group(value: exp.Expr, call: Call, dialect: Dialect) -> exp.Expr:
    """Give the default to rows of no group, and in place of nulls."""
    grouped = exp.Not(this=exp.Is(this=column(str(call.groupby), _HERE), expression=exp.null()))
    return or_default(exp.Case(ifs=[exp.If(this=grouped, true=value)]), call.default, dialect)


def lower_attach(context: Context, node: Attach) -> exp.Select:
    """Join what other relations know of the rows."""
    select = exp.select(star(_HERE), copy=False).from_(relation(context.read(node.input), _HERE), copy=False)
    for number, join in enumerate(node.joins, start=1):
        there = f"j{number}"
        columns = [
            named(or_default(column(name, there), default, context.dialect), here)
            for here, name, default in join.columns
        ]
        select = select.select(*columns, copy=False)
        on = both(_conditions(context, join, there))
        table = relation(context.read(join.node), there)
        found = exp.Join(this=table, side="LEFT", on=on)
        found.meta[AT_MOST_ONE] = True
        select = select.join(found, copy=False)
    return select


def _conditions(context: Context, join: Join, there: str) -> list[exp.Expr]:
    found: list[exp.Expr] = [equal(column(join.right, there), column(join.left, _HERE))]
    if join.timed:
        time: exp.Expr = column(TIME, _HERE)
        time = time if join.every is None else context.dialect.floor(time, join.every)
        found.append(equal(column(TIME, there), time))
    if join.visibility is not None:
        found += visible(join.visibility, there, context.time_of(_HERE), context.dialect)
    return found
