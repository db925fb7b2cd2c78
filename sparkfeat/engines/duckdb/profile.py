"""DuckDB's own profile of a query, as steps: the time of its operators summed up by relation."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb

from sparkfeat.engines.profile import MATRIX, Step, included
from sparkfeat.errors import EnvironmentProblem
from sparkfeat.sql import Lowered

Operator = dict[str, Any]

PLANNING = "planning"
_PLANNING = ("planner", "optimizer", "physical_planner")


def steps_of(found: dict[str, Any], lowered: Lowered) -> list[Step]:
    """Return a step for each relation that DuckDB computed apart, for the matrix, and for the planning.

    Args:
        found: the content of the file that DuckDB wrote.
        lowered: the query that was profiled.

    Raises:
        EnvironmentProblem: this DuckDB writes profiles of another form.
    """
    seconds, rows = _by_relation(_root(found), {cte.name for cte in lowered.ctes})
    words = {cte.name: cte.node.description for cte in lowered.ctes}
    planning = sum(found.get(part, {}).get("total_time", 0.0) for part in _PLANNING)
    steps = [Step(PLANNING, "duckdb", "the query parsed and optimized", planning, None)]
    return steps + [
        Step(
            name,
            "duckdb",
            words.get(name, "the rest, rows in order"),
            spent,
            rows[name],
            included(lowered, name, list(seconds)),
        )
        for name, spent in seconds.items()
    ]


def _root(found: dict[str, Any]) -> Operator:
    operators = found.get("operator")
    if not operators:
        raise EnvironmentProblem(
            "DuckDB's profile cannot be read",
            why=f"DuckDB {duckdb.__version__} writes it in another form than DuckDB 2 does",
            hint="Install duckdb 2, or compute without a profile",
        )
    root: Operator = operators[0] if isinstance(operators, list) else operators
    return root


def _by_relation(root: Operator, names: set[str]) -> tuple[dict[str, float], dict[str, int]]:
    """Return seconds and rows by relation.

    An operator belongs to the relation whose definition it stands in. What DuckDB inlined belongs to
    the relation that reads it.
    """
    seconds: dict[str, float] = defaultdict(float)
    rows: dict[str, int] = {MATRIX: _rows_of_result(root)}
    queue = [(root, MATRIX)]
    while queue:
        operator, relation = queue.pop()
        below = operator.get("children", [])
        name = operator.get("extra_info", {}).get("CTE Name")
        if operator["type"] == "CTE" and name in names:
            definition, *below = below
            seconds[name] += operator["timing"]
            rows[name] = definition["intermediate_rows"]
            queue.append((definition, name))
        else:
            seconds[relation] += operator["timing"]
        queue += [(child, relation) for child in below]
    return seconds, rows


def _rows_of_result(operator: Operator) -> int:
    """Return the rows of the first operator that gives any: those above it hand them on."""
    while operator.get("children") and (operator["type"] == "CTE" or not operator["intermediate_rows"]):
        operator = operator["children"][-1]
    return int(operator["intermediate_rows"])
