"""The profile of what DuckDB did in Spark's tasks: each hands its own over as a row beside its matrix."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING

from sparkfeat.engines.operators import PLANNING
from sparkfeat.engines.partitioned.worker import HANDED, PROFILE, REST, TAKEN
from sparkfeat.engines.profile import Step, included
from sparkfeat.sql import Lowered

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_WORDS = {
    HANDED: "tasks waiting for their rows: Spark hands them to Python",
    TAKEN: "rows inserted into DuckDB",
    PLANNING: "the query parsed and optimized, in each task",
    REST: "the rest, in each task",
}


def split(computed: DataFrame, lowered: Lowered) -> tuple[DataFrame, list[Step]]:
    """Return the rows of the matrix, and the steps of all tasks together.

    Args:
        computed: what workers gave that were to measure, kept: both are read from it.
        lowered: the query that they ran.
    """
    spent: dict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    # Some thousand letters for each task.
    for row in computed.where(f"{PROFILE} IS NOT NULL").select(PROFILE).collect():
        for name, (seconds, rows) in json.loads(row[PROFILE]).items():
            spent[name] = (spent[name][0] + seconds, spent[name][1] + rows)
    words = {cte.name: cte.node.description for cte in lowered.ctes} | _WORDS
    steps = [
        Step(
            name,
            "spark" if name == HANDED else "duckdb",
            words[name],
            seconds,
            None if name == PLANNING else rows,
            () if name in (HANDED, TAKEN, PLANNING) else included(lowered, name, list(spent)),
        )
        for name, (seconds, rows) in spent.items()
    ]
    return computed.where(f"{PROFILE} IS NULL").drop(PROFILE), steps
