"""Runs benchmarks: `python -m benchmarks.run [--tiny | --small | --full] [retail] [cutoffs] ...`."""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.goals import Benchmark
from benchmarks.measure import RESULTS, Contender, Measured, machine, measure
from benchmarks.retail import DATA
from benchmarks.suite import BENCHMARKS, SIZES
from sparkfeat.pipelines.demo.compare import Agreement, compare

OUTPUTS = DATA / "out"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks asked for; return 1 when a contender failed or results differ, else 0."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if unknown := set(asked.benchmarks) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    console = Console(width=None if sys.stdout.isatty() else 110)
    return max([_run(name, asked, console) for name in asked.benchmarks or BENCHMARKS])


_HELP = {
    "tiny": "the sizes of the tests; nothing is kept",
    "small": "sizes that take minutes (the default)",
    "full": "up to 100M transactions; takes hours",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("benchmarks", nargs="*", help=f"of {', '.join(BENCHMARKS)}; all when none is given")
    size = parser.add_mutually_exclusive_group()
    for name, text in _HELP.items():
        size.add_argument(f"--{name}", dest="size", action="store_const", const=name, help=text)
    parser.set_defaults(size="small")
    parser.add_argument("--contender", action="append", help="only this contender; may be repeated")
    return parser


def _run(name: str, asked: argparse.Namespace, console: Console) -> int:
    console.print(f"Preparing the data of {name} ...")
    benchmark = BENCHMARKS[name](SIZES[asked.size])
    results = []
    for contender in _chosen(benchmark, asked, console):
        console.print(f"Running {contender.name} ...")
        results.append(measure(contender, OUTPUTS / name / contender.name.replace(" ", "-")))
    agreements = agreements_of(results, benchmark.key)
    told = figures(benchmark, results, agreements)
    console.print(_table(told))
    _complain(told, results, agreements, console)
    if asked.contender is None and asked.size != "tiny":
        _save(name if asked.size == "small" else f"{name}-{asked.size}", told, console)
    failed = any(result.error for result in results)
    return int(failed or not all(agreement.agrees for agreement in agreements.values()))


def _chosen(benchmark: Benchmark, asked: argparse.Namespace, console: Console) -> list[Contender]:
    """Return the contenders asked for; say which are left out since a module is missing."""
    found = []
    for contender in benchmark.contenders:
        if asked.contender is not None and contender.name not in asked.contender:
            continue
        if contender.needs and importlib.util.find_spec(contender.needs) is None:
            console.print(f"{contender.name} is left out: {contender.needs} is not installed")
        else:
            found.append(contender)
    return found


def agreements_of(results: Sequence[Measured], key: str) -> dict[str, Agreement]:
    """Compare the matrix of each contender with that of the first of its group."""
    firsts: dict[str, Measured] = {}
    found = {}
    for result in results:
        if result.error:
            continue
        first = firsts.setdefault(result.contender.group, result)
        if first is not result:
            found[result.name] = compare(first.output, result.output, key)
    return found


def figures(
    benchmark: Benchmark, results: Sequence[Measured], agreements: Mapping[str, Agreement]
) -> dict[str, Any]:
    """Return what is kept of a run."""
    told: dict[str, Any] = {"title": benchmark.title, "machine": machine(), "contenders": {}, "goals": {}}
    for result in results:
        told["contenders"][result.name] = _figures(result, agreements.get(result.name))
    for goal in benchmark.goals:
        value = goal.value(results)
        known = None if math.isnan(value) else round(value, 2)
        told["goals"][str(goal)] = {"value": known, "met": goal.is_met(value)}
    return told


def _figures(result: Measured, apart: Agreement | None) -> dict[str, Any]:
    if result.error:
        return {"error": result.error.splitlines()[-1]}
    return {
        "seconds": [round(value, 3) for value in result.seconds],
        "cpu_seconds": [round(value, 3) for value in result.cpu_seconds],
        "peak_mb": round(result.peak_mb),
        **({"largest_difference": apart.largest} if apart else {}),
    }


def _table(told: Mapping[str, Any]) -> Table:
    table = Table(title=told["title"], box=box.SIMPLE)
    table.add_column("contender", no_wrap=True)
    for heading in ("first s", "warm s", "CPU s", "MB", "differs"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, one in told["contenders"].items():
        table.add_row(name, *cells(one))
    return table


def cells(one: Mapping[str, Any]) -> list[str]:
    """Return the figures of a contender as text: first run, warm run, CPU, memory, difference."""
    if "error" in one:
        return ["failed", "", "", "", ""]
    times = [*one["seconds"]]
    shown = [f"{times[0]:,.2f}", f"{min(times[1:] or times):,.2f}", f"{min(one['cpu_seconds']):,.2f}"]
    apart = f"{one['largest_difference']:.1e}" if "largest_difference" in one else ""
    return [*shown, f"{one['peak_mb']:,}", apart]


def _complain(
    told: Mapping[str, Any],
    results: Sequence[Measured],
    agreements: Mapping[str, Agreement],
    console: Console,
) -> None:
    """Print the failures, the columns that differ, and the goals."""
    for result in results:
        if result.error:
            console.print(f"{result.name} failed:\n{result.error}", markup=False)
    for name, apart in agreements.items():
        if not apart.agrees:
            console.print(f"{name} differs in {', '.join(apart.differing[:10])}", markup=False)
    for goal, came in told["goals"].items():
        console.print(f"{goal}: {came['value']}, {'met' if came['met'] else 'not met'}", markup=False)


def _save(name: str, told: Mapping[str, Any], console: Console) -> None:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {path}; `python -m benchmarks.report` puts it into the documentation")


if __name__ == "__main__":
    sys.exit(main())
