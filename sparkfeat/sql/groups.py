"""The rows of an Aggregate node and the groups they fall into."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from sparkfeat.plan.nodes import TIME, Aggregate, Rows, Since
from sparkfeat.sql.context import Context
from sparkfeat.sql.expressions import both, column, equal, fill_windows, named, relation, star
from sparkfeat.sql.rows import point

HERE = "r"
"""What the rows are called."""


class Groups:
    """Reads the rows that count: those with a key that pass the condition and are not too long ago."""

    def __init__(self, context: Context, node: Aggregate) -> None:
        self._context = context
        self._node = node
        self.names = [TIME, node.key] if node.timed else [node.key]
        self.order = [column(name, HERE) for name in node.order]
        self._numbered: str | None = None
        self._conditions: list[exp.Expr] = [
            exp.Not(this=exp.Is(this=column(node.key, HERE), expression=exp.null()))
        ]
        if node.where:
            self._conditions.append(column(node.where, HERE))
        if isinstance(node.previous, Since):
            self._conditions.append(self._since(node.previous))
        elif node.previous is not None:
            self._keep_last(node.previous)

    def _since(self, previous: Since) -> exp.Expr:
        time = self._context.time_of(HERE)
        earliest = point(previous.bound, time, self._context.dialect)
        return exp.GTE(this=column(previous.time, HERE), expression=earliest)

    def _keep_last(self, count: int) -> None:
        """Keep so many rows of each group, counted from the last one back."""
        number = self._context.new_column()
        place = exp.Window(this=exp.RowNumber(), over="OVER")
        last_first = [exp.Ordered(this=key.copy(), desc=True, nulls_first=True) for key in self.order]
        place.set("order", exp.Order(expressions=last_first))
        fill_windows(place, self.keys(HERE), self.order, self._context.dialect)
        rows = self.rows().select(named(place, number), copy=False)
        self._numbered = self._context.add(f"{self._node.label}_numbered", rows)
        self._conditions = [exp.LTE(this=column(number, HERE), expression=exp.convert(count))]

    @property
    def condition(self) -> exp.Expr:
        """What a row of the source must pass."""
        return both([one.copy() for one in self._conditions])

    def source(self) -> exp.Expr:
        """Return the relation to read, one reader more."""
        if self._numbered is not None:
            return relation(self._context.use(self._numbered), HERE)
        return relation(self._context.read(self._node.input), HERE)

    def source_again(self) -> exp.Expr:
        """Return the same for a reader of few groups, for which large tables are read again."""
        again = self._context.reread and isinstance(self._node.input, Rows)
        if not again or self._numbered is not None:
            return self.source()
        return relation(self._context.use(self._context.copy_of(self._node.input)), HERE)

    def rows(self) -> exp.Select:
        """Select all columns of the rows."""
        select = exp.select(star(HERE), copy=False).from_(self.source(), copy=False)
        return select.where(self.condition, copy=False)

    def holds(self, found: str) -> exp.Expr:
        """Return the condition that a row read again is of a group that was found."""
        return self.same(found, HERE)

    def keys(self, alias: str) -> list[exp.Expr]:
        """Return the columns that make a group."""
        return [column(name, alias) for name in self.names]

    def named_keys(self, alias: str) -> list[exp.Expr]:
        """Return the same under their names."""
        return [named(key, name) for key, name in zip(self.keys(alias), self.names, strict=True)]

    def same(self, left: str, right: str) -> exp.Expr:
        """Return the condition that rows of two relations are of one group."""
        return both([equal(column(key, left), column(key, right)) for key in self.names])

    def grouped(self, columns: Sequence[exp.Expr]) -> exp.Select:
        """Group the rows."""
        return self.group(HERE, columns, self.source()).where(self.condition, copy=False)

    def group(self, alias: str, columns: Sequence[exp.Expr], source: exp.Expr) -> exp.Select:
        """Group a relation that has the keys."""
        select = exp.select(*self.named_keys(alias), *columns, copy=False).from_(source, copy=False)
        return select.group_by(*self.keys(alias), copy=False)
