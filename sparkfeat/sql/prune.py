"""Which columns relations need to have: those that later ones read."""

from __future__ import annotations

from collections import defaultdict

from sqlglot import exp

Needed = defaultdict[str, set[str]]
"""Column names by relation."""


def prune(ctes: dict[str, exp.Select], select: exp.Select) -> dict[str, frozenset[str]]:
    """Drop columns that nothing reads from relations, in place; return the columns read of each table.

    Args:
        ctes: the relations by name, each reading tables and those before it only.
        select: what reads them.
    """
    needed: Needed = defaultdict(set)
    _read(select, _is_whole(select), set(), needed)
    for name, relation in reversed(ctes.items()):
        whole = _is_whole(relation)
        if not whole:
            _keep(relation, needed[name])
        _read(relation, whole, needed[name], needed)
    return {name: frozenset(columns) for name, columns in needed.items() if name not in ctes}


def _is_whole(select: exp.Select) -> bool:
    """Tell whether columns cannot be left out, or names stand for several relations."""
    sources = [select.args["from_"].this, *(join.this for join in select.args.get("joins") or [])]
    return bool(select.args.get("distinct")) or not all(isinstance(one, exp.Table) for one in sources)


def _keep(select: exp.Select, wanted: set[str]) -> None:
    """Keep the wanted columns; one at least, for the number of rows."""
    columns = select.expressions
    kept = [one for one in columns if one.is_star or one.alias_or_name in wanted or one.find(exp.Explode)]
    select.set("expressions", kept or columns[:1])


def _read(select: exp.Select, whole: bool, wanted: set[str], needed: Needed) -> None:
    """Add what a SELECT reads of relations; of all columns of one it reads those wanted of itself."""
    found, sources = [], {}
    for one in select.walk():
        if isinstance(one, exp.Column):
            found.append(one)
        elif isinstance(one, exp.Table):
            sources[one.alias_or_name] = one.name
    for one in found:
        names = wanted if isinstance(one.this, exp.Star) else {one.name}
        for source in sources.values() if whole or one.table not in sources else [sources[one.table]]:
            needed[source] |= names
