"""Which columns relations need to have, and which of them are needed: those that later ones read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from sqlglot import exp

Needed = defaultdict[str, set[str]]
"""Column names by relation."""

AT_MOST_ONE = "at most one"
"""Mark of a left join that finds at most one row for each: without its columns it does nothing."""


def prune(
    ctes: dict[str, exp.Select], select: exp.Select, release: Callable[[str], None]
) -> dict[str, frozenset[str]]:
    """Drop what nothing reads from relations, in place; return the columns read of each table.

    Args:
        ctes: the relations by name, each reading tables and those before it only.
        select: what reads them.
        release: called with each relation that has a reader less.
    """
    needed: Needed = defaultdict(set)
    names = frozenset(ctes)
    readers = _read(select, _is_whole(select), set(), needed)
    for name, relation in reversed(list(ctes.items())):
        if name not in readers:
            for read in ctes.pop(name).find_all(exp.Table):
                release(read.name)
            continue
        whole = _is_whole(relation)
        if not whole:
            _keep(relation, needed[name])
            for table in _drop_joins(relation):
                release(table)
        readers |= _read(relation, whole, needed[name], needed)
    return {name: frozenset(columns) for name, columns in needed.items() if name not in names}


def _drop_joins(select: exp.Select) -> list[str]:
    """Drop joins of which no column is kept; return the relations they read."""
    joins: list[exp.Join] = select.args.get("joins") or []
    if not any(AT_MOST_ONE in one.meta for one in joins):
        return []
    read = {one.table for column in select.expressions for one in column.find_all(exp.Column)}
    idle = [one for one in joins if AT_MOST_ONE in one.meta and one.this.alias_or_name not in read]
    select.set("joins", [one for one in joins if one not in idle])
    return [one.this.name for one in idle]


def _is_whole(select: exp.Select) -> bool:
    """Tell whether columns cannot be left out, or names stand for several relations."""
    sources = [select.args["from_"].this, *(join.this for join in select.args.get("joins") or [])]
    return bool(select.args.get("distinct")) or not all(isinstance(one, exp.Table) for one in sources)


def _keep(select: exp.Select, wanted: set[str]) -> None:
    """Keep the wanted columns; one at least, for the number of rows."""
    columns = select.expressions
    kept = [one for one in columns if one.is_star or one.alias_or_name in wanted or one.find(exp.Explode)]
    select.set("expressions", kept or columns[:1])


def _read(select: exp.Select, whole: bool, wanted: set[str], needed: Needed) -> set[str]:
    """Add what a SELECT reads of relations, of all columns of one those wanted of itself; return which."""
    found: list[exp.Column] = []
    sources: dict[str, str] = {}
    for one in select.walk():
        if isinstance(one, exp.Column):
            found.append(one)
        elif isinstance(one, exp.Table):
            sources[one.alias_or_name] = one.name
    for one in found:
        names = wanted if isinstance(one.this, exp.Star) else {one.name}
        for source in sources.values() if whole or one.table not in sources else [sources[one.table]]:
            needed[source] |= names
    return {*sources.values()}
