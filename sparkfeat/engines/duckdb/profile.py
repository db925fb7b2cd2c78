"""DuckDB's own profile of a query, as steps: the time of its operators summed up by relation."""

from __future__ import annotations

from typing import Any

import duckdb

from sparkfeat.engines.operators import PLANNING, by_relation, planning
from sparkfeat.engines.profile import MATRIX, Step, included
from sparkfeat.errors import EnvironmentProblem
from sparkfeat.sql import Lowered


def steps_of(found: dict[str, Any], lowered: Lowered) -> list[Step]:
    """Return a step for each relation that DuckDB computed apart, for the matrix, and for the planning.

    Args:
        found: the content of the file that DuckDB wrote.
        lowered: the query that was profiled.

    Raises:
        EnvironmentProblem: this DuckDB writes profiles of another form.
    """
    try:
        relations = by_relation(found, {cte.name for cte in lowered.ctes}, MATRIX)
    except ValueError as error:
        raise EnvironmentProblem(
            "DuckDB's profile cannot be read",
            why=f"DuckDB {duckdb.__version__} writes it in another form than DuckDB 2 does",
            hint="Install duckdb 2, or compute without a profile",
        ) from error
    words = {cte.name: cte.node.description for cte in lowered.ctes}
    steps = [Step(PLANNING, "duckdb", "the query parsed and optimized", planning(found), None)]
    return steps + [
        Step(
            name,
            "duckdb",
            words.get(name, "the rest, rows in order"),
            seconds,
            rows,
            included(lowered, name, list(relations)),
        )
        for name, (seconds, rows) in relations.items()
    ]
