"""Aggregates in two steps: a state for each of several sets of rows, and the value of the sets together.

DuckDB gives out the states of its aggregates and merges them, as it does with those of its own threads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot import exp

from sparkfeat.sql.expressions import column, named

_TYPES = (
    exp.ArgMax,
    exp.ArgMin,
    exp.Avg,
    exp.Count,
    exp.First,
    exp.Last,
    exp.LogicalAnd,
    exp.LogicalOr,
    exp.Max,
    exp.Min,
    exp.RegrSlope,
    exp.StddevPop,
    exp.StddevSamp,
    exp.Sum,
    exp.Variance,
    exp.VariancePop,
)
"""Aggregates whose states can be merged; those of a fixed size and the first and last in an order."""

_OTHERS = frozenset({"fsum"})


class States:
    """The states that values are made of; those that are the same are computed once.

    Args:
        rows: what the rows are called.
        states: what the relation with the states is called.
    """

    def __init__(self, rows: str, states: str) -> None:
        self._rows = rows
        self._states = states
        self._names: dict[str, str] = {}
        self._found: list[exp.Expr] = []

    def merged(self, value: exp.Expr) -> exp.Expr | None:
        """Return a value over rows as one over states; None where states cannot give it."""
        whole = exp.Paren(this=value.copy())
        parts = {}
        for part in list(_aggregates(whole)):
            parts[part.sql()] = part
            part.replace(exp.Placeholder(this=part.sql()))
        if any(one.table == self._rows for one in whole.find_all(exp.Column)):
            return None
        for place in list(whole.find_all(exp.Placeholder)):
            place.replace(self._finished(parts[place.this]))
        inner: exp.Expr = whole.this
        return inner

    def _finished(self, aggregate: exp.Expr) -> exp.Expr:
        text = aggregate.sql()
        if text not in self._names:
            self._names[text] = f"__state{len(self._names)}"
            self._found.append(aggregate)
        return exp.Anonymous(this="finalize", expressions=[_combined(self._names[text], self._states)])

    @property
    def columns(self) -> list[exp.Expr]:
        """The states of a set of rows, under their names."""
        exported = [exp.Tag(this=one.copy(), prefix="", postfix=" EXPORT_STATE") for one in self._found]
        return [named(one, name) for one, name in zip(exported, self._names.values(), strict=True)]

    def combined(self, alias: str) -> list[exp.Expr]:
        """Return the states of several sets together, under the same names."""
        return [named(_combined(name, alias), name) for name in self._names.values()]


def _combined(name: str, alias: str) -> exp.Expr:
    return exp.Anonymous(this="combine_aggr", expressions=[column(name, alias)])


def _aggregates(tree: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the aggregates of a value that can be merged, each with its condition."""
    for child in _children(tree):
        if _merges(child.this if isinstance(child, exp.Filter) else child):
            yield child
        else:
            yield from _aggregates(child)


def _children(tree: exp.Expr) -> Sequence[exp.Expr]:
    return list(tree.iter_expressions())


def _merges(one: exp.Expr) -> bool:
    if isinstance(one, exp.Anonymous):
        return str(one.this).lower() in _OTHERS
    return isinstance(one, _TYPES) and not isinstance(one.this, exp.Distinct)
