"""A row's SQL text as an expression over real columns: letters and macros replaced, windows filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import sqlglot
from sqlglot import exp

from sparkfeat.primitives import MACROS
from sparkfeat.sql.dialect import Dialect

Letters = Mapping[str, exp.Expr]


@lru_cache(maxsize=4096)
def _parsed(text: str, dialect: str) -> exp.Expr:
    return sqlglot.parse_one(text, dialect=dialect)


def render(text: str, letters: Letters, order: Sequence[exp.Expr], dialect: Dialect) -> exp.Expr:
    """Return `text` with each letter replaced by its expression and `o` by the row order."""
    tree = _template(text, dialect.name).copy()
    _put_order(tree, order, dialect)
    _replace(tree, letters)
    inner: exp.Expr = tree.this
    return inner


@lru_cache(maxsize=4096)
def _template(text: str, dialect: str) -> exp.Paren:
    """Return `text` with its macros written out, in parentheses that hold whatever replaces it."""
    tree = exp.Paren(this=_parsed(text, dialect).copy())
    _expand_macros(tree, dialect)
    return tree


def _expand_macros(tree: exp.Expr, dialect: str) -> None:
    while calls := [call for call in tree.find_all(exp.Anonymous) if str(call.this).lower() in MACROS]:
        call = calls[-1]
        body = exp.Paren(this=_parsed(MACROS[str(call.this).lower()][dialect], dialect).copy())
        _replace(body, dict(zip("abc", call.expressions, strict=False)))
        call.replace(body.this if isinstance(body.this, exp.Func | exp.IgnoreNulls | exp.Paren) else body)


def _replace(tree: exp.Expr, letters: Letters) -> None:
    for column in list(tree.find_all(exp.Column)):
        if not column.table and column.name in letters and not column.this.quoted:
            column.replace(_guarded(letters[column.name].copy()))


def _guarded(expression: exp.Expr) -> exp.Expr:
    """Put an operator's result in parentheses, so that it stays whole where it is put."""
    return exp.Paren(this=expression) if isinstance(expression, exp.Binary | exp.Unary) else expression


def _put_order(tree: exp.Expr, order: Sequence[exp.Expr], dialect: Dialect) -> None:
    for column in [found for found in tree.find_all(exp.Column) if found.name == "o" and not found.table]:
        keys = dialect.ordered([key.copy() for key in order])
        parent = column.parent
        if isinstance(parent, exp.Ordered):
            _replace_sort_key(parent, keys, dialect)
        else:
            column.replace(keys[0])


def _replace_sort_key(ordered: exp.Ordered, keys: list[exp.Expr], dialect: Dialect) -> None:
    order = ordered.parent
    assert isinstance(order, exp.Order)
    position = order.expressions.index(ordered)
    sorts = sort_keys(keys, dialect)
    order.set("expressions", [*order.expressions[:position], *sorts, *order.expressions[position + 1 :]])


def sort_keys(keys: Sequence[exp.Expr], dialect: Dialect) -> list[exp.Expr]:
    """Return ascending sort keys, nulls where the dialect has them by itself."""
    return [exp.Ordered(this=key.copy(), desc=False, nulls_first=dialect.nulls_first) for key in keys]


def fill_windows(
    tree: exp.Expr,
    partition: Sequence[exp.Expr],
    order: Sequence[exp.Expr],
    dialect: Dialect,
) -> None:
    """Give every window of an expression its partition, and the row order where it has none of its own.

    What a text itself partitions by stays: its windows run within the partition.
    """
    for found in tree.find_all(exp.Window):
        own = found.args.get("partition_by") or []
        found.set("partition_by", [*(key.copy() for key in partition), *own])
        if found.args.get("order") is None:
            found.set("order", exp.Order(expressions=sort_keys(order, dialect)))


def column(name: str, table: str | None = None) -> exp.Column:
    """Return a quoted column."""
    return exp.column(exp.to_identifier(name, quoted=True), table=exp.to_identifier(table) if table else None)


def named(expression: exp.Expr, name: str) -> exp.Alias:
    """Return an expression under a quoted name."""
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))


def star(table: str) -> exp.Column:
    """Return all columns of a table."""
    return exp.Column(this=exp.Star(), table=exp.to_identifier(table))


def relation(name: str, alias: str) -> exp.Table:
    """Return a quoted table or CTE under an alias."""
    return exp.Table(
        this=exp.to_identifier(name, quoted=True), alias=exp.TableAlias(this=exp.to_identifier(alias))
    )


def both(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """Return the conjunction of conditions; TRUE of none."""
    return exp.and_(*conditions, copy=False) if conditions else exp.true()


def equal(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return an equality."""
    return exp.EQ(this=left, expression=right)
