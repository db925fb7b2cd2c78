"""Queries that look at key columns alone: the most frequent keys, and how many rows belong to an instance."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from sparkfeat.definitions import AggregationFeature, DirectFeature, walk
from sparkfeat.engines.computation import Computation
from sparkfeat.engines.featuretools.reach import Path
from sparkfeat.entityset import Relationship, Table
from sparkfeat.plan.nodes import CUTOFFS, INSTANCE
from sparkfeat.sql import DIALECTS
from sparkfeat.sql.expressions import both, column, equal, named, relation
from sparkfeat.sql.rows import visible

COUNTED_WHOLE = 10_000_000
"""Up to so many rows all keys of a column are counted; of more a sample."""
SAMPLE_ROWS = 1_000_000

KEY, ROWS = "key", "row_count"
_SEED = 42


def relationships_of(computation: Computation) -> list[Relationship]:
    """Return the relationships that the features go along, those of the target first."""
    links: dict[Relationship, None] = {}
    for feature in computation.definitions.features:
        for part in walk(feature):
            if isinstance(part, AggregationFeature):
                links |= dict.fromkeys(part.path)
            elif isinstance(part, DirectFeature):
                links[part.relationship] = None
    found: list[Relationship] = []
    reached = {computation.target.name}
    while near := [link for link in links if link not in found and {link.parent, link.child} & reached]:
        found += near
        reached |= {name for link in near for name in (link.parent, link.child)}
    return found


def sampled_share(rows: int) -> float | None:
    """Return the share of the rows to look at; None for all of them."""
    return None if rows <= COUNTED_WHOLE else SAMPLE_ROWS / rows


def hottest(link: Relationship, share: float | None, count: int) -> exp.Select:
    """Select the most frequent keys of a relationship with their rows, `total` rows of all keys beside."""
    key, rows = column(link.child_column, "r"), exp.Count(this=exp.Star())
    source = relation(link.child, "r")
    if share is not None:
        percent, seed = exp.convert(share * 100), exp.convert(_SEED)
        source.set("sample", exp.TableSample(method=exp.var("BERNOULLI"), percent=percent, seed=seed))
    total = exp.Window(this=exp.Sum(this=rows.copy()), over="OVER")
    columns = [named(key, KEY), named(rows, ROWS), named(exp.cast(total, "BIGINT"), "total")]
    known = exp.Not(this=exp.Is(this=key.copy(), expression=exp.null()))
    grouped = exp.select(*columns).from_(source).where(known).group_by(key.copy())
    return grouped.order_by(exp.Ordered(this=column(ROWS), desc=True), column(KEY)).limit(count)


def visible_instances(computation: Computation) -> exp.Select:
    """Count the rows of a matrix of all visible instances."""
    dialect, target = DIALECTS["duckdb"], computation.plan.matrix.target
    assert computation.cutoffs.time is not None
    shown = visible(target.visibility, "r", dialect.time(computation.cutoffs.time), dialect)
    count = exp.select(named(exp.Count(this=exp.Star()), ROWS)).from_(relation(target.table.name, "r"))
    return count.where(both(shown)) if shown else count


def largest_group(target: Table, paths: Sequence[Path], *, listed: bool) -> exp.Select:
    """Select the instance that has the most rows of all tables together, cutoff rows too, and how many.

    Args:
        target: the table of the instances.
        paths: the paths that features take; those that go up to a parent are left out.
        listed: there are cutoff rows: only their instances count; else each instance has one.
    """
    down = [path for path in paths if not any(edge.forward for edge in path)]
    parts: list[exp.Expr] = [_owners(target, path) for path in down]
    cutoffs = exp.select(named(column(INSTANCE, "c"), KEY)).from_(relation(CUTOFFS, "c"))
    parts.append(cutoffs if listed else _owners(target, ()))
    united = parts[0]
    for part in parts[1:]:
        united = exp.Union(this=united, expression=part, distinct=False)
    query = exp.select(column(KEY), named(exp.Count(this=exp.Star()), ROWS)).from_(_subquery(united))
    if listed:
        asked = exp.select(column(INSTANCE, "c")).from_(relation(CUTOFFS, "c"))
        query = query.where(exp.In(this=column(KEY), query=asked.subquery()))
    query = query.group_by(column(KEY))
    return query.order_by(exp.Ordered(this=column(ROWS), desc=True), column(KEY)).limit(1)


def _subquery(query: exp.Expr) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("u")))


def _owners(target: Table, path: Path) -> exp.Select:
    """Select the instance that each row at the end of a path belongs to; rows without one are left out."""
    if not path:
        return exp.select(named(column(target.index, "r"), KEY)).from_(relation(target.name, "r"))
    first = path[0].link
    owner = column(first.child_column, "t0")
    query = exp.select(named(owner, KEY)).from_(relation(first.child, "t0"))
    for number, edge in enumerate(path[1:], start=1):
        above = column(edge.link.parent_column, f"t{number - 1}")
        on = equal(column(edge.link.child_column, f"t{number}"), above)
        query = query.join(exp.Join(this=relation(edge.link.child, f"t{number}"), on=on))
    return query.where(exp.Not(this=exp.Is(this=owner.copy(), expression=exp.null())))
