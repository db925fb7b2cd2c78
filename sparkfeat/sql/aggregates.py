"""Aggregate nodes as SQL: one pass for all that can share it, one more for each column's value counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlglot import exp

from sparkfeat.definitions.calls import Call
from sparkfeat.plan.nodes import Aggregate
from sparkfeat.primitives import Row, Shape, find_row
from sparkfeat.sql.computed import letters_of, typed
from sparkfeat.sql.context import Context
from sparkfeat.sql.expressions import column, named, relation, render, star
from sparkfeat.sql.groups import HERE, Groups
from sparkfeat.sql.passes import Passes
from sparkfeat.sql.stacks import lower_stack, stacks_of
from sparkfeat.sql.steps import Steps

Part = tuple[list[Call], exp.Select]

_STAGE = "s"
VALUE = "__value"
COUNT = "__count"
_OF = "__of"


def lower_aggregate(context: Context, node: Aggregate) -> exp.Select:
    """Group the input; parts that need passes of their own are joined on the key."""
    groups = Groups(context, node)
    parts = parts_of(context, node, groups, node.calls)
    return parts[0][1] if len(parts) == 1 else _joined(context, node, groups, parts)


def parts_of(context: Context, node: Aggregate, groups: Groups, calls: Sequence[Call]) -> list[Part]:
    """Return calls in parts, with what computes each of them."""
    counted: dict[str, list[Call]] = defaultdict(list)
    plain: list[Call] = []
    for call in calls:
        if row_of(call).shape is Shape.VALUE_COUNTS:
            counted[call.inputs[0].alias].append(call)
        else:
            plain.append(call)
    stacks = stacks_of(plain, context.dialect)
    stacked = {call for stack in stacks for call in stack.found}
    parts = [(stack.calls, lower_stack(context, node, groups, stack)) for stack in stacks]
    if plain := [call for call in plain if call not in stacked]:
        parts.append((plain, _plain(context, node, groups, plain)))
    return parts + _value_counts(context, node, groups, counted)


def _value_counts(
    context: Context, node: Aggregate, groups: Groups, counted: Mapping[str, list[Call]]
) -> list[Part]:
    """Return calls on how often values occur: columns are counted together where that is faster.

    What groups are made by is counted by itself: it is in every grouping set, which could not be told apart.
    """
    together = {name: calls for name, calls in counted.items() if name not in groups.names}
    if len(together) < 2 or not context.dialect.counts_together:
        together = {}
    alone = {name: calls for name, calls in counted.items() if name not in together}
    parts = [(calls, _counted(context, node, groups, name, calls)) for name, calls in alone.items()]
    if together:
        calls = [call for calls in together.values() for call in calls]
        parts.append((calls, _counted_together(context, node, groups, together)))
    return parts


def row_of(call: Call) -> Row:
    """Return the row of a call's primitive."""
    row = find_row(call.primitive)
    assert row is not None
    return row


class _Stage:
    """Group statistics that calls need first; those that are the same are computed once."""

    def __init__(self, context: Context, groups: Groups, calls: Sequence[Call], alias: str) -> None:
        self._alias = alias
        self._columns: dict[str, tuple[str, exp.Expr]] = {}
        self._letters: dict[str, dict[str, exp.Expr]] = {}
        for call in calls:
            texts = row_of(call).stage_sql(call, context.dialect.name)
            self._letters[call.alias] = {
                letter: self._column(render(text, letters_of(call, HERE), groups.order, context.dialect))
                for letter, text in texts.items()
            }

    def _column(self, statistic: exp.Expr) -> exp.Expr:
        text = statistic.sql()
        if text not in self._columns:
            self._columns[text] = (f"__s{len(self._columns)}", statistic)
        return column(self._columns[text][0], self._alias)

    def letters(self, call: Call) -> dict[str, exp.Expr]:
        """Return the columns that a call's statistics are in."""
        return self._letters[call.alias]

    @property
    def columns(self) -> list[exp.Expr]:
        """The statistics, under their names."""
        return [named(statistic, name) for name, statistic in self._columns.values()]

    def join(self, context: Context, node: Aggregate, groups: Groups, rows: exp.Select) -> exp.Select:
        """Join the statistics to the rows; the rows alone where there are none."""
        if not self._columns:
            return rows
        name = context.use(context.add(f"{node.label}_statistics", groups.grouped(self.columns)))
        return rows.join(exp.Join(this=relation(name, _STAGE), on=groups.same(_STAGE, HERE)), copy=False)

    def taken_over(self, context: Context, node: Aggregate, rows: exp.Select) -> exp.Select:
        """Select all columns of rows with the statistics joined to them, those included."""
        if not self._columns:
            return rows
        columns = [named(column(name, _STAGE), name) for name, _ in self._columns.values()]
        name = context.use(context.add(f"{node.label}_beside", rows.select(*columns, copy=False)))
        return exp.select(star(HERE), copy=False).from_(relation(name, HERE), copy=False)


def _plain(context: Context, node: Aggregate, groups: Groups, calls: Sequence[Call]) -> exp.Select:
    """Compute all calls in one pass, after those that find what they need of rows and groups."""
    in_steps = any(row_of(call).steps_sql(call, context.dialect.name) for call in calls)
    stage = _Stage(context, groups, calls, HERE if in_steps else _STAGE)
    time = context.time_of(HERE)
    steps = Steps(
        context,
        node.label,
        calls,
        lambda call: {**letters_of(call, HERE), **stage.letters(call), "t": time},
        lambda _: groups.keys(HERE),
        groups.order,
        HERE,
    )
    rows = stage.join(context, node, groups, groups.rows())
    if in_steps:
        rows = steps.apply(stage.taken_over(context, node, rows))
    passes = Passes(context, node, groups, calls)
    columns = [
        named(_value(context, groups, call, steps), call.alias) for call in calls if not passes.takes(call)
    ]
    select = rows.select(*groups.named_keys(HERE), *columns, *passes.sums, append=False, copy=False)
    return passes.judged(select.group_by(*groups.keys(HERE), copy=False))


def _value(context: Context, groups: Groups, call: Call, steps: Steps) -> exp.Expr:
    text = row_of(call).sql(call, context.dialect.name)
    value = render(text, steps.letters(call), groups.order, context.dialect)
    return typed(value, call, context.dialect)


def _counted(
    context: Context, node: Aggregate, groups: Groups, name: str, calls: Sequence[Call]
) -> exp.Select:
    """Count each value of a column once, then compute all calls from the counts."""
    value = column(name, HERE)
    first = groups.grouped([named(value, VALUE), named(exp.Count(this=exp.Star()), COUNT)])
    return from_counts(context, node, groups, first.group_by(value.copy(), copy=False), calls)


def from_counts(
    context: Context, node: Aggregate, groups: Groups, counts: exp.Select, calls: Sequence[Call]
) -> exp.Select:
    """Compute calls from how often each value occurs in a group."""
    label = context.use(context.add(f"{node.label}_counts", counts))
    letters = {"v": column(VALUE, _STAGE), "n": column(COUNT, _STAGE)}
    columns = [named(_from_counts(context, call, letters), call.alias) for call in calls]
    return groups.group(_STAGE, columns, relation(label, _STAGE))


def _counted_together(
    context: Context, node: Aggregate, groups: Groups, counted: Mapping[str, list[Call]]
) -> exp.Select:
    """Count the values of several columns in one relation, then compute all calls from it.

    Each row counts a value of one column; the others are null in it, and so is the count for them.
    """
    values = {name: column(name, HERE) for name in counted}
    columns: list[exp.Expr] = [named(exp.Count(this=exp.Star()), COUNT)]
    found = []
    for number, (name, value) in enumerate(values.items()):
        grouping = exp.Anonymous(this="grouping", expressions=[value.copy()])
        columns += [named(value.copy(), f"{VALUE}{number}"), named(grouping, f"{_OF}{number}")]
        own = exp.EQ(this=column(f"{_OF}{number}", _STAGE), expression=exp.convert(0))
        count = exp.Case(ifs=[exp.If(this=own, true=column(COUNT, _STAGE))])
        letters = {"v": column(f"{VALUE}{number}", _STAGE), "n": count}
        found += [named(_from_counts(context, call, letters), call.alias) for call in counted[name]]
    sets: list[exp.Expr] = [
        exp.Tuple(expressions=[*groups.keys(HERE), value.copy()]) for value in values.values()
    ]
    first = groups.grouped(columns)
    first.set("group", exp.Group(grouping_sets=[exp.GroupingSets(expressions=sets)]))
    label = context.use(context.add(f"{node.label}_counts", first))
    return groups.group(_STAGE, found, relation(label, _STAGE))


def _from_counts(context: Context, call: Call, letters: Mapping[str, exp.Expr]) -> exp.Expr:
    value = render(row_of(call).sql(call, context.dialect.name), letters, [], context.dialect)
    return typed(value, call, context.dialect)


def _joined(
    context: Context, node: Aggregate, groups: Groups, parts: Sequence[tuple[list[Call], exp.Select]]
) -> exp.Select:
    """Join the parts: every group is in each of them."""
    names = [context.use(context.add(f"{node.label}_part", select)) for _, select in parts]
    aliases = [f"p{number}" for number in range(len(parts))]
    columns = [
        named(column(call.alias, alias), call.alias)
        for alias, (calls, _) in zip(aliases, parts, strict=True)
        for call in calls
    ]
    select = exp.select(*groups.named_keys(aliases[0]), *columns, copy=False)
    select = select.from_(relation(names[0], aliases[0]), copy=False)
    for name, alias in zip(names[1:], aliases[1:], strict=True):
        on = groups.same(alias, aliases[0])
        select = select.join(exp.Join(this=relation(name, alias), on=on), copy=False)
    return select
