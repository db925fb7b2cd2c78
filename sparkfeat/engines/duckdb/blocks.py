"""Wide matrices in blocks: features that read the same columns, each block a query of its own.

The time of one query grows faster than its columns do; see docs/benchmarks.md.
"""

from __future__ import annotations

from collections import defaultdict
from math import ceil

from sqlglot import exp

from sparkfeat.definitions import Feature, IdentityFeature, walk
from sparkfeat.engines.computation import Computation
from sparkfeat.sql.expressions import column, relation, star

MOST_FEATURES = 700
"""So many features are computed by one query."""
FEATURES_OF_BLOCK = 500
"""About so many are in each block where there are more."""


def blocks_of(computation: Computation) -> list[Computation]:
    """Return a computation in blocks of its features with SQL: itself alone where they are few."""
    total = len(computation.native_names)
    if total <= MOST_FEATURES:
        return [computation]
    same: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in computation.native:
        same[_columns_read(one.feature)] += one.names
    size = total / ceil(total / FEATURES_OF_BLOCK)
    blocks: list[list[str]] = [[]]
    for _, names in sorted(same.items()):
        if blocks[-1] and len(blocks[-1]) + len(names) / 2 > size:
            blocks.append([])
        blocks[-1] += names
    return [computation.only(frozenset(names)) for names in blocks]


def name_of(number: int) -> str:
    """Return what the rows of a block are kept as."""
    return f"__block{number}"


def side_by_side(columns: list[list[str]]) -> str:
    """Return the query for the rows of all blocks, which are in one order.

    Args:
        columns: what to take of each block but the first, of which all columns are taken.
    """
    taken = [column(name, name_of(n)) for n, names in enumerate(columns) if n for name in names]
    select = exp.select(star(name_of(0)), *taken, copy=False)
    select = select.from_(relation(name_of(0), name_of(0)), copy=False)
    for number in range(1, len(columns)):
        beside = exp.Join(this=relation(name_of(number), name_of(number)), method="POSITIONAL")
        select = select.join(beside, copy=False)
    return select.sql(dialect="duckdb", copy=False)


def _columns_read(feature: Feature) -> tuple[str, ...]:
    found = {f"{part.table}.{part.column}" for part in walk(feature) if isinstance(part, IdentityFeature)}
    return tuple(sorted(found))
