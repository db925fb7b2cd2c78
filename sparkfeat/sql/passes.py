"""Aggregates computed from sums of one pass, and in a second one where those have lost digits to rounding."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from sparkfeat.definitions.calls import Call
from sparkfeat.plan.nodes import Aggregate
from sparkfeat.primitives import TwoPasses, find_row
from sparkfeat.sql.computed import letters_of, typed
from sparkfeat.sql.context import Context
from sparkfeat.sql.expressions import column, named, relation, render, star
from sparkfeat.sql.groups import HERE, Groups

_FIRST = "q"
_SECOND = "a"


class Passes:
    """Those calls of an Aggregate node that are computed so.

    The second pass reads the rows of groups in doubt only, of which there are hardly any.
    """

    def __init__(self, context: Context, node: Aggregate, groups: Groups, calls: Sequence[Call]) -> None:
        self._context = context
        self._label = node.label
        self._groups = groups
        self._all = calls
        self._calls = {call.alias: (call, passes) for call in calls if (passes := _passes(context, call))}
        self._columns: dict[str, tuple[str, exp.Expr]] = {}
        self._letters = {
            alias: {letter: self._sum(call, text) for letter, text in passes.sums.items()}
            for alias, (call, passes) in self._calls.items()
        }
        self._measures = {
            alias: {letter: context.new_column() for letter in passes.measures}
            for alias, (_, passes) in self._calls.items()
        }
        self._doubts = {alias: context.new_column() for alias in self._calls}

    def _sum(self, call: Call, text: str) -> str:
        """Return the column of a sum; those that are the same are computed once."""
        value = render(text, letters_of(call, HERE), self._groups.order, self._context.dialect)
        written = value.sql()
        if written not in self._columns:
            self._columns[written] = (self._context.new_column(), value)
        return self._columns[written][0]

    def takes(self, call: Call) -> bool:
        """Tell whether a call is one of them."""
        return call.alias in self._calls

    @property
    def sums(self) -> list[exp.Expr]:
        """What the first pass has to compute."""
        return [named(value, name) for name, value in self._columns.values()]

    def judged(self, first: exp.Select) -> exp.Select:
        """Add the calls' values to the first pass."""
        if not self._calls:
            return first
        context, label = self._context, self._label
        sums = context.use(context.add(f"{label}_sums", first))
        measured = self._measured().from_(relation(sums, _FIRST), copy=False)
        measured_name = context.use(context.add(f"{label}_measures", measured))
        found = self._values().from_(relation(measured_name, _FIRST), copy=False)
        values = context.add(f"{label}_values", found)
        again = context.use(context.add(f"{label}_again", self._again(context.use(values))))
        columns = [named(self._chosen(call.alias), call.alias) for call in self._all]
        select = exp.select(*self._groups.named_keys(_FIRST), *columns, copy=False)
        select = select.from_(relation(context.use(values), _FIRST), copy=False)
        same = self._groups.same(_SECOND, _FIRST)
        return select.join(exp.Join(this=relation(again, _SECOND), side="LEFT", on=same), copy=False)

    def _chosen(self, alias: str) -> exp.Expr:
        value = column(alias, _FIRST)
        if alias not in self._calls:
            return value
        doubted = exp.If(this=column(self._doubts[alias], _FIRST), true=column(alias, _SECOND))
        return exp.Case(ifs=[doubted], default=value)

    def _render(self, text: str, alias: str) -> exp.Expr:
        """Return a text over what was found in the first pass."""
        call, _ = self._calls[alias]
        found = {**self._letters[alias], **self._measures[alias]}
        letters = {letter: column(name, _FIRST) for letter, name in found.items()}
        return render(text, {**letters_of(call, HERE), **letters}, self._groups.order, self._context.dialect)

    def _measured(self) -> exp.Select:
        columns = [
            named(self._render(text, alias), self._measures[alias][letter])
            for alias, (_, passes) in self._calls.items()
            for letter, text in passes.measures.items()
        ]
        return exp.select(star(_FIRST), *columns, copy=False)

    def _values(self) -> exp.Select:
        columns = []
        for alias, (call, passes) in self._calls.items():
            row = find_row(call.primitive)
            assert row is not None
            value = self._render(row.sql(call, self._context.dialect.name), alias)
            columns.append(named(typed(value, call, self._context.dialect), alias))
            columns.append(named(self._render(passes.doubt, alias), self._doubts[alias]))
        return exp.select(star(_FIRST), *columns, copy=False)

    def _again(self, values: str) -> exp.Select:
        """Compute all calls for the groups of which one is in doubt."""
        columns = [
            named(typed(self._render(passes.again, alias), call, self._context.dialect), alias)
            for alias, (call, passes) in self._calls.items()
        ]
        doubted = exp.or_(*(column(name, _FIRST) for name in self._doubts.values()), copy=False)
        select = exp.select(*self._groups.named_keys(_FIRST), *columns, copy=False)
        select = select.from_(self._groups.source_again(), copy=False)
        select = select.where(self._groups.condition, copy=False)
        on = self._groups.holds(_FIRST)
        select = select.join(exp.Join(this=relation(values, _FIRST), on=on), copy=False)
        return select.where(exp.paren(doubted, copy=False), copy=False).group_by(
            *self._groups.keys(_FIRST), copy=False
        )


def _passes(context: Context, call: Call) -> TwoPasses | None:
    row = find_row(call.primitive)
    return row.passes(context.dialect.name) if row is not None else None
