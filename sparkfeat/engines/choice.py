"""Which of the two engines on Spark takes a computation."""

from __future__ import annotations

from sparkfeat.engines.computation import Computation
from sparkfeat.engines.partitioned.split import reasons_apart
from sparkfeat.plan.nodes import Aggregate
from sparkfeat.sql.context import walk

FEW_AGGREGATIONS = 8
"""With fewer Spark's own plan is faster: of 10,000,000 rows two sums take 6.5 s against 8.6, sixteen
aggregations 11.2 s against 8.2."""

FEW_ROWS = 20_000
"""With fewer in all tables starting Python workers costs more than it gains."""


def choose_on_spark(computation: Computation) -> tuple[str, str]:
    """Return 'spark' or 'partitioned', and why."""
    if not computation.native:
        return "spark", "no feature has SQL"
    apart = reasons_apart(computation)
    if len(apart) == len(computation.native):
        return "spark", f"features need rows of other instances: {next(iter(apart.values()))}"
    rows = computation.known_rows
    few = rows is not None and rows < FEW_ROWS
    if not few and computation.cutoffs.repeated:
        return "partitioned", "instances have many cutoff times each"
    count = _aggregations(computation)
    if count < FEW_AGGREGATIONS:
        return "spark", f"the plan has few aggregations ({count})"
    if few:
        return "spark", f"the tables have few rows ({rows:,})"
    sizes = "" if rows is None else f" over {rows:,} rows"
    return "partitioned", f"the plan has many aggregations ({count}){sizes}"


def _aggregations(computation: Computation) -> int:
    nodes = walk(computation.plan.matrix)
    return sum(len(node.calls) for node in nodes if isinstance(node, Aggregate))
