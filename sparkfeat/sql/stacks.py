"""Like aggregates of many columns, computed with the columns stacked into rows.

Spark plans and compiles by the number of columns: beyond a few hundred aggregates neither ends in good time.
Stacked, a plan has one aggregate for each statistic, however many columns there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from sparkfeat.definitions.calls import Call
from sparkfeat.plan.nodes import Aggregate
from sparkfeat.primitives import Shape, find_row
from sparkfeat.sql.computed import typed
from sparkfeat.sql.context import Context
from sparkfeat.sql.dialect import Dialect
from sparkfeat.sql.expressions import column, named, relation, render
from sparkfeat.sql.groups import HERE, Groups

STATISTICS_THAT_PAY = 4
"""With few statistics of a column, a row for its value costs more than they do: three do not pay, six do.

1,000,000 rows, warm, seconds of processor time stacked and not: 28 and 10 for one statistic of 48 columns,
32 and 17 for three; 14 and 17 for six of 16 columns.
"""

_STACK = "s"
_POSITION = "__place"
_VALUE = "__value"
_LIST = "__list"
_ORDER = column("__order")
"""Stands for the order of the rows, which stacked ones do not have."""

Found = tuple[Call, exp.Expr]
"""A call, and the aggregate that it is."""


@dataclass(frozen=True)
class Stack:
    """Columns of one SQL type and the statistics of them.

    `columns` are in the order of their positions. `statistics` are aggregates of the stacked value, by their
    names. `found` says where each call's value is: its column's position and its statistic.
    """

    sql_type: exp.DataType
    columns: tuple[str, ...]
    statistics: Mapping[str, exp.Expr]
    found: Mapping[Call, tuple[int, str]]

    @property
    def calls(self) -> list[Call]:
        """The calls that it computes."""
        return list(self.found)


def stacks_of(calls: Sequence[Call], dialect: Dialect) -> list[Stack]:
    """Return the stacks that pay: a statistic is in one if the dialect's `stacked_from` columns share it.

    The first also computes what reads no value, such as COUNT: it is the same at every position.
    """
    if dialect.stacked_from is None:
        return []
    by_type: dict[str, list[Found]] = defaultdict(list)
    without: list[Found] = []
    for call, value in _statistics(calls, dialect):
        if value.find(exp.Column):
            by_type[str(dialect.type_of(call.inputs[0].logical_type))].append((call, value))
        else:
            without.append((call, value))
    chosen = [shared for all_of in by_type.values() if (shared := _shared(all_of, dialect.stacked_from))]
    return [_stack(some, [] if number else without, dialect) for number, some in enumerate(chosen)]


def _statistics(calls: Iterable[Call], dialect: Dialect) -> Iterator[Found]:
    """Yield the calls that are one aggregate of one column, of the stacked value."""
    for call in calls:
        row = find_row(call.primitive)
        assert row is not None
        before = row.stage_sql(call, dialect.name) or row.steps_sql(call, dialect.name)
        if before or row.passes(dialect.name) or row.shape is not Shape.AGGREGATE:
            continue
        letters = {"x": column(_VALUE, _STACK)}
        value = typed(render(row.sql(call, dialect.name), letters, [_ORDER], dialect), call, dialect)
        read = list(value.find_all(exp.Column))
        known = not read or dialect.type_of(call.inputs[0].logical_type) is not None
        if known and call.primitive.outputs == 1 and all(one.table == _STACK for one in read):
            yield call, value


def _shared(calls: Sequence[Found], columns: int) -> list[Found]:
    """Return the calls of statistics that so many columns share; none if those are few."""
    found: dict[str, set[str]] = defaultdict(set)
    for call, statistic in calls:
        found[statistic.sql()].add(call.inputs[0].alias)
    shared = [one for one in calls if len(found[one[1].sql()]) >= columns]
    of_columns = {call.inputs[0].alias for call, _ in shared}
    return shared if len(shared) >= STATISTICS_THAT_PAY * len(of_columns) else []


def _stack(calls: Sequence[Found], without: Sequence[Found], dialect: Dialect) -> Stack:
    first = calls[0][0]
    positions = {name: n for n, name in enumerate(dict.fromkeys(call.inputs[0].alias for call, _ in calls))}
    names: dict[str, str] = {}
    statistics, found = {}, {}
    for call, value in (*calls, *without):
        name = names.setdefault(value.sql(), f"s{len(names)}")
        statistics[name] = value
        found[call] = (positions[call.inputs[0].alias] if value.find(exp.Column) else 0, name)
    sql_type = dialect.type_of(first.inputs[0].logical_type)
    assert sql_type is not None
    return Stack(sql_type, tuple(positions), statistics, found)


def lower_stack(context: Context, node: Aggregate, groups: Groups, stack: Stack) -> exp.Select:
    """Compute each statistic of all columns by one aggregate, and put the values back into columns."""
    label = node.label
    stacked = context.use(context.add(f"{label}_stacked", _stacked(context, node, groups, stack)))
    statistics = [named(value, name) for name, value in stack.statistics.items()]
    by_position = groups.group(_STACK, [_position(), *statistics], relation(stacked, _STACK))
    by_position.group_by(_position(), copy=False)
    counted = context.use(context.add(f"{label}_statistics", by_position))
    listed = groups.group(_STACK, [_listed(stack.statistics)], relation(counted, _STACK))
    lists = context.use(context.add(f"{label}_lists", listed))
    columns = [
        named(_at(position, name, context.dialect), call.alias)
        for call, (position, name) in stack.found.items()
    ]
    select = exp.select(*groups.named_keys(_STACK), *columns, copy=False)
    return select.from_(relation(lists, _STACK), copy=False)


def _stacked(context: Context, node: Aggregate, groups: Groups, stack: Stack) -> exp.Select:
    """Return a row for each row and column: the keys, the column's position, its value.

    The rows of a group are brought together before they become many: what is moved is small then, and
    the groups of them and of their positions need not be moved again.
    """
    names = dict.fromkeys([*groups.names, *stack.columns])
    rows = exp.select(*(named(column(name, HERE), name) for name in names), copy=False)
    rows = rows.from_(groups.source(), copy=False)
    rows = rows.where(groups.condition, copy=False)
    rows.set("distribute", exp.Distribute(expressions=[column(name) for name in groups.names]))
    together = context.use(context.add(f"{node.label}_together", rows))
    values = [exp.Cast(this=column(one, _STACK), to=stack.sql_type.copy()) for one in stack.columns]
    pair = exp.Aliases(
        this=exp.Posexplode(this=exp.Array(expressions=values)),
        expressions=[exp.to_identifier(name, quoted=True) for name in (_POSITION, _VALUE)],
    )
    select = exp.select(*groups.named_keys(_STACK), pair, copy=False)
    return select.from_(relation(together, _STACK), copy=False)


def _position() -> exp.Expr:
    return column(_POSITION, _STACK)


def _listed(statistics: Iterable[str]) -> exp.Expr:
    """Return a group's statistics as a list of structs; each position is there, so it is the place."""
    fields = [_position(), *(column(name, _STACK) for name in statistics)]
    struct = exp.Anonymous(this="struct", expressions=fields)
    collected = exp.Anonymous(this="collect_list", expressions=[struct])
    return named(exp.Anonymous(this="sort_array", expressions=[collected]), _LIST)


def _at(position: int, name: str, dialect: Dialect) -> exp.Expr:
    element = dialect.element(column(_LIST, _STACK), position)
    return exp.Dot(this=element, expression=exp.to_identifier(name, quoted=True))
