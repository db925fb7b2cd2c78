"""Columns of each row that calls need first: windows over rows, computed step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives import find_row
from sparkfeat.sql.context import Context
from sparkfeat.sql.expressions import Letters, column, fill_windows, named, relation, render, star

Partition = Callable[[Call], Sequence[exp.Expr]]
Change = Callable[[exp.Select], exp.Select]


class Steps:
    """The steps of the calls of one node: a relation for each, in which texts that are the same stand once.

    Args:
        context: where the relations are added.
        label: what to call them.
        calls: the calls.
        letters: what a call's letters stand for.
        partition: the rows that a call's windows run over.
        order: the row order.
        alias: what the rows are called in the expressions.
        change: what to make of each step before it is added.
    """

    def __init__(
        self,
        context: Context,
        label: str,
        calls: Sequence[Call],
        letters: Callable[[Call], Letters],
        partition: Partition,
        order: Sequence[exp.Expr],
        alias: str,
        change: Change | None = None,
    ) -> None:
        self._change = change
        self._context = context
        self._label = label
        self._partition = partition
        self._order = order
        self._alias = alias
        self._letters = {call.alias: dict(letters(call)) for call in calls}
        self._steps = {call.alias: _texts(call, context.dialect.name) for call in calls}
        self._calls = calls

    def letters(self, call: Call) -> Letters:
        """Return what a call's letters stand for, those of its steps included."""
        return self._letters[call.alias]

    def apply(self, rows: exp.Select) -> exp.Select:
        """Return the rows with the columns of all steps; `rows` itself where there are none.

        Both select all columns of a relation that is called by the alias.
        """
        for depth in range(max(map(len, self._steps.values()), default=0)):
            step = rows.select(*self._columns(depth), copy=False)
            step = self._change(step) if self._change else step
            name = self._context.use(self._context.add(f"{self._label}_step", step))
            rows = exp.select(star(self._alias), copy=False).from_(relation(name, self._alias), copy=False)
        return rows

    def _columns(self, depth: int) -> list[exp.Expr]:
        known: dict[str, str] = {}
        columns: list[exp.Expr] = []
        for call in self._calls:
            for letter, text in self._step(call, depth).items():
                value = self._value(call, text)
                written = value.sql()
                if written not in known:
                    known[written] = self._context.new_column()
                    columns.append(named(value, known[written]))
                self._letters[call.alias][letter] = column(known[written], self._alias)
        return columns

    def _step(self, call: Call, depth: int) -> dict[str, str]:
        steps = self._steps[call.alias]
        return steps[depth] if depth < len(steps) else {}

    def _value(self, call: Call, text: str) -> exp.Expr:
        value = render(text, self.letters(call), self._order, self._context.dialect)
        fill_windows(value, self._partition(call), self._order, self._context.dialect)
        return value


def _texts(call: Call, dialect: str) -> list[dict[str, str]]:
    row = find_row(call.primitive)
    assert row is not None
    return row.steps_sql(call, dialect)
