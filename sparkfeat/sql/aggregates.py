"""Aggregate nodes as SQL: one pass for all that can share it, one more for each column's value counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlglot import exp

from sparkfeat.definitions.calls import Call
from sparkfeat.plan.nodes import TIME, Aggregate
from sparkfeat.primitives import Row, Shape, find_row
from sparkfeat.sql.computed import letters_of, typed
from sparkfeat.sql.context import Context
from sparkfeat.sql.expressions import both, column, equal, named, relation, render

_HERE = "r"
_STAGE = "s"
_VALUE = "__value"
_COUNT = "__count"


def lower_aggregate(context: Context, node: Aggregate) -> exp.Select:
    """Group the input; parts that need passes of their own are joined on the key."""
    counted: dict[str, list[Call]] = defaultdict(list)
    plain: list[Call] = []
    for call in node.calls:
        if _row(call).shape is Shape.VALUE_COUNTS:
            counted[call.inputs[0].alias].append(call)
        else:
            plain.append(call)
    parts = [(plain, _plain(context, node, plain))] if plain else []
    if counted and context.dialect.counts_together:
        parts.append(
            (
                [call for calls in counted.values() for call in calls],
                _counted_together(context, node, counted),
            )
        )
    else:
        parts += [(calls, _counted(context, node, name, calls)) for name, calls in counted.items()]
    return parts[0][1] if len(parts) == 1 else _joined(context, node, parts)


def _row(call: Call) -> Row:
    row = find_row(call.primitive)
    assert row is not None
    return row


def _keys(node: Aggregate) -> list[str]:
    return [TIME, node.key] if node.timed else [node.key]


def _key_columns(node: Aggregate, alias: str) -> list[exp.Expr]:
    return [column(name, alias) for name in _keys(node)]


def _condition(node: Aggregate) -> exp.Expr:
    """Return what a row must pass: a key, and the feature's condition."""
    found: list[exp.Expr] = [exp.Not(this=exp.Is(this=column(node.key, _HERE), expression=exp.null()))]
    return both([*found, column(node.where, _HERE)] if node.where else found)


def _grouped(node: Aggregate, alias: str, columns: Sequence[exp.Expr], source: exp.Expr) -> exp.Select:
    keys = [named(key, name) for key, name in zip(_key_columns(node, alias), _keys(node), strict=True)]
    select = exp.select(*keys, *columns, copy=False).from_(source, copy=False)
    return select.group_by(*_key_columns(node, alias), copy=False)


def _source(context: Context, node: Aggregate) -> exp.Expr:
    return relation(context.read(node.input), _HERE)


class _Stage:
    """Group statistics that calls need first; those that are the same are computed once."""

    def __init__(self, context: Context, node: Aggregate, calls: Sequence[Call]) -> None:
        self._columns: dict[str, tuple[str, exp.Expr]] = {}
        self._letters: dict[str, dict[str, exp.Expr]] = {}
        for call in calls:
            texts = _row(call).stage_sql(call, context.dialect.name)
            self._letters[call.alias] = {
                letter: self._column(render(text, letters_of(call, _HERE), _order(node), context.dialect))
                for letter, text in texts.items()
            }

    def _column(self, statistic: exp.Expr) -> exp.Expr:
        text = statistic.sql()
        if text not in self._columns:
            self._columns[text] = (f"__s{len(self._columns)}", statistic)
        return column(self._columns[text][0], _STAGE)

    def letters(self, call: Call) -> dict[str, exp.Expr]:
        """Return the columns that a call's statistics are in."""
        return self._letters[call.alias]

    @property
    def columns(self) -> list[exp.Expr]:
        """The statistics, under their names."""
        return [named(statistic, name) for name, statistic in self._columns.values()]


def _order(node: Aggregate) -> list[exp.Expr]:
    return [column(name, _HERE) for name in node.order]


def _plain(context: Context, node: Aggregate, calls: Sequence[Call]) -> exp.Select:
    """Compute all calls in one pass, after one that finds the group statistics they need."""
    stage = _Stage(context, node, calls)
    columns = [named(_value(context, node, call, stage), call.alias) for call in calls]
    select = _grouped(node, _HERE, columns, _source(context, node)).where(_condition(node), copy=False)
    if not stage.columns:
        return select
    first = _grouped(node, _HERE, stage.columns, _source(context, node)).where(_condition(node), copy=False)
    name = context.use(context.add(f"{node.label}_statistics", first))
    return select.join(exp.Join(this=relation(name, _STAGE), on=_same_keys(node, _STAGE, _HERE)), copy=False)


def _same_keys(node: Aggregate, left: str, right: str) -> exp.Expr:
    return both([equal(column(key, left), column(key, right)) for key in _keys(node)])


def _value(context: Context, node: Aggregate, call: Call, stage: _Stage) -> exp.Expr:
    letters = {**letters_of(call, _HERE), **stage.letters(call), "t": context.time_of(_HERE)}
    value = render(_row(call).sql(call, context.dialect.name), letters, _order(node), context.dialect)
    return typed(value, call, context.dialect)


def _counted(context: Context, node: Aggregate, name: str, calls: Sequence[Call]) -> exp.Select:
    """Count each value of a column once, then compute all calls from the counts."""
    value = column(name, _HERE)
    counts = [named(value, _VALUE), named(exp.Count(this=exp.Star()), _COUNT)]
    first = _grouped(node, _HERE, counts, _source(context, node)).where(_condition(node), copy=False)
    label = context.use(context.add(f"{node.label}_counts", first.group_by(value.copy(), copy=False)))
    letters = {"v": column(_VALUE, _STAGE), "n": column(_COUNT, _STAGE)}
    columns = [named(_from_counts(context, call, letters), call.alias) for call in calls]
    return _grouped(node, _STAGE, columns, relation(label, _STAGE))


def _counted_together(context: Context, node: Aggregate, counted: Mapping[str, list[Call]]) -> exp.Select:
    """Count the values of several columns in one relation, then compute all calls from it.

    Each row counts a value of one column; the others are null in it, and null counts for nothing.
    """
    values = {name: column(name, _HERE) for name in counted}
    columns = [named(value, f"{_VALUE}{n}") for n, value in enumerate(values.values())]
    columns.append(named(exp.Count(this=exp.Star()), _COUNT))
    sets = [exp.Tuple(expressions=[*_key_columns(node, _HERE), value.copy()]) for value in values.values()]
    first = _grouped(node, _HERE, columns, _source(context, node)).where(_condition(node), copy=False)
    first.set("group", exp.Group(grouping_sets=[exp.GroupingSets(expressions=sets)]))
    label = context.use(context.add(f"{node.label}_counts", first))
    found = []
    for n, calls in enumerate(counted.values()):
        letters = {"v": column(f"{_VALUE}{n}", _STAGE), "n": column(_COUNT, _STAGE)}
        found += [named(_from_counts(context, call, letters), call.alias) for call in calls]
    return _grouped(node, _STAGE, found, relation(label, _STAGE))


def _from_counts(context: Context, call: Call, letters: Mapping[str, exp.Expr]) -> exp.Expr:
    value = render(_row(call).sql(call, context.dialect.name), letters, [], context.dialect)
    return typed(value, call, context.dialect)


def _joined(context: Context, node: Aggregate, parts: Sequence[tuple[list[Call], exp.Select]]) -> exp.Select:
    """Join the parts: every group is in each of them."""
    names = [context.use(context.add(f"{node.label}_part", select)) for _, select in parts]
    aliases = [f"p{number}" for number in range(len(parts))]
    keys = [named(key, name) for key, name in zip(_key_columns(node, aliases[0]), _keys(node), strict=True)]
    columns = [
        named(column(call.alias, alias), call.alias)
        for alias, (calls, _) in zip(aliases, parts, strict=True)
        for call in calls
    ]
    select = exp.select(*keys, *columns, copy=False).from_(relation(names[0], aliases[0]), copy=False)
    for name, alias in zip(names[1:], aliases[1:], strict=True):
        on = _same_keys(node, alias, aliases[0])
        select = select.join(exp.Join(this=relation(name, alias), on=on), copy=False)
    return select
