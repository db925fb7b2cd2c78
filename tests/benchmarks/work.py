"""How much work a matrix is, in numbers that do not depend on the machine."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import sparkfeat as sf
from sparkfeat.engines.duckdb.engine import open_computation

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

RELATION = "InMemoryRelation"


def on_duckdb(matrix: sf.FeatureMatrix) -> str:
    """Run a matrix's query and return, as lines of text, what its plan consists of and the rows in it."""
    lowered = matrix._computation.lowered("duckdb")
    query = lowered.query().sql(dialect="duckdb")
    with open_computation(matrix._computation, sf.DuckDBOptions(threads=2)) as session:
        profile = session.table(f"EXPLAIN (ANALYZE, FORMAT json) {query}")["explain_value"][0].as_py()
    steps = [step for root in json.loads(profile)["operator"] for step in _steps(root)]
    joins, groups = (_of_kind(steps, kind) for kind in ("JOIN", "GROUP_BY"))
    told = {
        "columns": len(matrix.columns),
        "thousand characters of SQL": round(len(query) / 1_000),
        "relations kept": sum(cte.uses > 1 for cte in lowered.ctes),
        "scans": _counted(re.findall(r"/(\w+)\.parquet", profile)),
        "joins": len(joins),
        "groupings": len(groups),
        "aggregated columns": sum(len(_listed(step["extra_info"].get("Aggregates"))) for step in groups),
        "windows": len(_of_kind(steps, "WINDOW")),
        "rows scanned": _rows(_of_kind(steps, "TABLE_SCAN")),
        "rows joined": _rows(joins),
        "rows grouped to": _rows(groups),
    }
    return _lines(told)


def on_spark(matrix: sf.FeatureMatrix) -> str:
    """Plan a matrix and return, as lines of text, what the plans of all its stages consist of.

    A relation that is kept is counted once, whoever reads it.
    """
    runner = matrix._runner_on_spark()
    plans = [_operators(runner.rows, level=0)]
    plans += [_operators(frame, level=1) for frame in runner._views._kept]
    runner._views.release()
    found = Counter(operator for plan in plans for operator in plan)
    told = {
        "columns": len(matrix.columns),
        "relations kept": len(plans) - 1,
        "shuffles": found["Exchange"],
        "sorts": found["Sort"],
        "joins": sum(count for name, count in found.items() if name.endswith("Join")),
        "aggregations": sum(count for name, count in found.items() if name.endswith("Aggregate")),
        "windows": found["Window"],
        "scans": found["FileScan"],
    }
    return _lines(told)


def _steps(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield step
    for child in step.get("children", ()):
        yield from _steps(child)


def _of_kind(steps: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [step for step in steps if kind in step["type"]]


def _rows(steps: list[dict[str, Any]]) -> int:
    return sum(step["intermediate_rows"] for step in steps)


def _listed(values: str | list[str] | None) -> list[str]:
    """Return a profile's list, which is a plain text where it has one member."""
    return [values] if isinstance(values, str) else values or []


def _counted(names: list[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(Counter(names).items()))


def _lines(told: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in told.items())


def _operators(frame: DataFrame, level: int) -> list[str]:
    """Return the names of the operators that lie within so many kept relations."""
    with redirect_stdout(io.StringIO()) as printed:
        frame.explain()
    found, around = [], list[int]()
    for line in printed.getvalue().splitlines():
        depth = len(line) - len(line.lstrip(" :+-"))
        around = [above for above in around if above < depth]
        if name := re.match(r"(?:\*?\(\d+\) )?(\w+)", line[depth:]):
            found += [name[1]] if len(around) == level else []
            around += [depth] if name[1] == RELATION else []
    return found
