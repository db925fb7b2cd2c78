"""What came out of a benchmark: shown on the terminal, kept as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.goals import Benchmark, Goal
from benchmarks.measure import Measured, machine
from sparkfeat.pipelines.compare import Agreement, compare

RESULTS = Path(__file__).parent / "results"
HEADINGS = ("first s", "warm s", "CPU s", "peak MB", "differs by")
LONGEST_ERROR = 200


@dataclass(frozen=True)
class Outcome:
    """The results of a benchmark, and how far the matrices of each group are apart."""

    benchmark: Benchmark
    results: Sequence[Measured]
    agreements: Mapping[str, Agreement]

    @property
    def good(self) -> bool:
        """Whether all contenders ran and agree; goals do not count, for machines differ."""
        failed = any(result.error for result in self.results)
        return not failed and all(agreement.agrees for agreement in self.agreements.values())

    def figures(self) -> dict[str, Any]:
        """Return what is kept."""
        contenders = {
            result.name: _figures(result, self.agreements.get(result.name)) for result in self.results
        }
        goals = {str(goal): _came(goal, self.results) for goal in self.benchmark.goals}
        return {"title": self.benchmark.title, "machine": machine(), "contenders": contenders, "goals": goals}

    def show(self, console: Console) -> None:
        """Print the table, the failures, the columns that differ, and the goals."""
        told = self.figures()
        console.print(_table(told))
        for result in self.results:
            if result.error:
                console.print(f"{result.name} failed:\n{result.error}", markup=False)
        for name, apart in self.agreements.items():
            if not apart.agrees:
                console.print(f"{name} differs in {', '.join(apart.differing[:10])}", markup=False)
        for goal, came in told["goals"].items():
            console.print(f"{goal}: {verdict(came)}", markup=False)

    def save(self, name: str, console: Console) -> None:
        """Write the figures to benchmarks/results."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.json"
        path.write_text(json.dumps(self.figures(), indent=2) + "\n", encoding="utf-8")
        console.print(f"Written to {path}; `python -m benchmarks.report` puts it into the documentation")


def outcome_of(benchmark: Benchmark, results: Sequence[Measured]) -> Outcome:
    """Compare the matrix of each contender with that of the first of its group."""
    firsts: dict[str, Measured] = {}
    found = {}
    for result in results:
        first = result if result.error else firsts.setdefault(result.contender.group, result)
        if first is not result:
            found[result.name] = compare(first.output, result.output, benchmark.key)
    return Outcome(benchmark, results, found)


def cells(one: Mapping[str, Any]) -> list[str]:
    """Return what is kept of a contender as texts, one for each of HEADINGS."""
    if "error" in one:
        return ["failed", *[""] * (len(HEADINGS) - 1)]
    first, warm = times(one)
    apart = f"{one['largest_difference']:.1e}" if "largest_difference" in one else ""
    cpu = f"{min(one['cpu_seconds']):,.2f}" if one["cpu_seconds"] else ""
    return [f"{first:,.2f}", f"{warm:,.2f}", cpu, f"{one['peak_mb']:,}", apart]


def times(one: Mapping[str, Any]) -> tuple[float, float]:
    """Return the seconds of the first run, and of the best later one or of the only one."""
    first, *later = one["seconds"]
    return first, min(later, default=first)


def verdict(came: Mapping[str, Any]) -> str:
    """Return what came of a goal, in words."""
    if came["value"] is None:
        return "not measured"
    return f"{came['value']:,.2f}, {'met' if came['met'] else 'not met'}"


def _figures(result: Measured, apart: Agreement | None) -> dict[str, Any]:
    if result.error:
        return {"error": result.error.splitlines()[-1][:LONGEST_ERROR]}
    return {
        "seconds": [round(value, 3) for value in result.seconds],
        "cpu_seconds": [round(value, 3) for value in result.cpu_seconds],
        "peak_mb": round(result.peak_mb),
        **({"largest_difference": apart.largest, "largest_difference_in": apart.largest_in} if apart else {}),
    }


def _came(goal: Goal, results: Sequence[Measured]) -> dict[str, Any]:
    value = goal.value(results)
    return {"value": None if math.isnan(value) else round(value, 2), "met": goal.is_met(value)}


def _table(told: Mapping[str, Any]) -> Table:
    table = Table(title=told["title"], box=box.SIMPLE)
    table.add_column("contender", no_wrap=True)
    for heading in HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, one in told["contenders"].items():
        table.add_row(name, *cells(one))
    return table
