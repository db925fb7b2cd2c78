"""DuckDB's profile of a query summed up by relation. Sent to Spark's workers by value: imports no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

Operator = dict[str, Any]

PLANNING = "planning"
_KEEPING = "CREATE_TABLE_AS"
_PLANNING = ("planner", "optimizer", "physical_planner")


def by_relation(found: dict[str, Any], names: Collection[str], rest: str) -> dict[str, tuple[float, int]]:
    """Return seconds and rows by relation, those of `rest` among them.

    An operator belongs to the relation whose definition it stands in. What DuckDB inlined belongs to
    the relation that reads it.

    Args:
        found: the content of the file that DuckDB wrote.
        names: the relations of the query.
        rest: what to call all that belongs to none of them.

    Raises:
        ValueError: it is in another form than that of DuckDB 2.
    """
    root = _root(found)
    seconds: dict[str, float] = defaultdict(float)
    rows: dict[str, int] = {rest: _rows_of_result(root)}
    queue = [(root, rest)]
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
    return {name: (spent, rows[name]) for name, spent in seconds.items()}


def planning(found: dict[str, Any]) -> float:
    """Return the seconds that the query took before it ran."""
    return float(sum(found.get(part, {}).get("total_time", 0.0) for part in _PLANNING))


def _root(found: dict[str, Any]) -> Operator:
    operators = found.get("operator")
    if not operators:
        raise ValueError("DuckDB's profile has no operators")
    root: Operator = operators[0] if isinstance(operators, list) else operators
    return root


def _rows_of_result(operator: Operator) -> int:
    """Return the rows of the first operator that gives any: those above it hand them on."""
    while operator.get("children") and _hands_on(operator):
        operator = operator["children"][-1]
    return int(operator["intermediate_rows"])


def _hands_on(operator: Operator) -> bool:
    """Tell whether the rows of the result are those of the operator below it."""
    kind = operator["type"]
    return kind == "CTE" or kind.endswith(_KEEPING) or not operator["intermediate_rows"]
