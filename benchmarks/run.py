"""Runs benchmarks: `python -m benchmarks.run [--small | --full] [retail] [cutoffs]`."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import retail
from benchmarks.measure import Contender, Measured, machine, measure
from sparkfeat.pipelines.demo.compare import Agreement, compare

RESULTS = Path(__file__).parent / "results"
OUTPUTS = retail.DATA / "out"
CONTENDERS = "benchmarks.contenders"


@dataclass(frozen=True)
class Goal:
    """A ratio that must come out: how often `slower` takes the time of `faster`."""

    slower: str
    faster: str
    warm: bool = False
    at_least: float = 0.0
    at_most: float = math.inf

    def __str__(self) -> str:
        bound = f"at least {self.at_least:g}" if self.at_least else f"at most {self.at_most:g}"
        return f"{self.slower} / {self.faster}{', warm' if self.warm else ''}: {bound}"


@dataclass(frozen=True)
class Benchmark:
    """What is measured: the contenders, the first of which the others are compared with."""

    title: str
    contenders: tuple[Contender, ...]
    goals: tuple[Goal, ...]


def retail_benchmark(full: bool) -> Benchmark:
    """Make the retail benchmark: 65 features of all customers."""
    rows = 10_000_000 if full else 1_000_000
    data = {"data": retail.dataset(rows)}
    return Benchmark(
        f"retail, {rows:,} transactions, 65 features of {rows // 100:,} customers",
        (
            Contender("sparkfeat duckdb", f"{CONTENDERS}.retail_sparkfeat:run", data, runs=3),
            Contender("DuckDB by hand", f"{CONTENDERS}.retail_duckdb:run", data, runs=3),
            Contender("Featuretools", f"{CONTENDERS}.retail_featuretools:run", data),
            Contender(
                "sparkfeat spark", f"{CONTENDERS}.retail_sparkfeat:run", {**data, "engine": "spark"}, 3
            ),
            Contender("Spark by hand", f"{CONTENDERS}.retail_spark:run", data, runs=3),
        ),
        (
            Goal("Featuretools", "sparkfeat duckdb", at_least=25 if full else 15),
            Goal("sparkfeat duckdb", "DuckDB by hand", warm=True, at_most=1.3),
            Goal("Spark by hand", "sparkfeat spark", warm=True, at_least=2.5),
        ),
    )


def cutoffs_benchmark(full: bool) -> Benchmark:
    """Make the benchmark of many distinct cutoff times, one for each of some customers."""
    count = 10_000 if full else 1_000
    folder = retail.dataset(1_000_000)
    data = {"data": folder, "cutoffs": retail.cutoffs(folder, count)}
    return Benchmark(
        f"cutoffs, {count:,} distinct cutoff times, 1,000,000 transactions, 65 features",
        (
            Contender("sparkfeat duckdb", f"{CONTENDERS}.retail_sparkfeat:run", data, runs=3),
            Contender("DuckDB by hand", f"{CONTENDERS}.retail_duckdb:run", data, runs=3),
            Contender("Featuretools", f"{CONTENDERS}.retail_featuretools:run", data),
        ),
        (Goal("Featuretools", "sparkfeat duckdb", at_least=1_000 if full else 50),),
    )


BENCHMARKS: dict[str, Callable[[bool], Benchmark]] = {
    "retail": retail_benchmark,
    "cutoffs": cutoffs_benchmark,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks asked for; return 1 when a contender failed or results differ, else 0."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if unknown := set(asked.benchmarks) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    console = Console(width=None if sys.stdout.isatty() else 110)
    return max(_run(name, asked, console) for name in asked.benchmarks or BENCHMARKS)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("benchmarks", nargs="*", help=f"of {', '.join(BENCHMARKS)}; all when none is given")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--small", action="store_true", help="1M transactions, 1,000 cutoffs (the default)")
    size.add_argument(
        "--full", action="store_true", help="10M transactions, 10,000 cutoffs; takes half an hour"
    )
    parser.add_argument("--contender", action="append", help="only this contender; may be repeated")
    return parser


def _run(name: str, asked: argparse.Namespace, console: Console) -> int:
    console.print(f"Preparing the data of {name} ...")
    benchmark = BENCHMARKS[name](asked.full)
    chosen = [
        part for part in benchmark.contenders if asked.contender is None or part.name in asked.contender
    ]
    results = []
    for contender in chosen:
        console.print(f"Running {contender.name} ...")
        results.append(measure(contender, OUTPUTS / name / contender.name.replace(" ", "-")))
    agreements = _agreements(results)
    _show(benchmark, results, agreements, console)
    failed = any(result.error for result in results)
    if asked.contender is None and not failed:
        _save(f"{name}-full" if asked.full else name, benchmark, results, agreements, console)
    return int(failed or not all(agreement.agrees for agreement in agreements.values()))


def _agreements(results: Sequence[Measured]) -> dict[str, Agreement]:
    """Compare the matrix of each contender with that of the first."""
    done = [result for result in results if not result.error]
    return {other.name: compare(done[0].output, other.output, "customer_id") for other in done[1:]}


def _show(
    benchmark: Benchmark, results: Sequence[Measured], agreements: dict[str, Agreement], console: Console
) -> None:
    table = Table(title=benchmark.title, box=box.SIMPLE)
    table.add_column("contender", no_wrap=True)
    for heading in ("first s", "warm s", "CPU s", "MB", "× first", "× warm", "differs"):
        table.add_column(heading, justify="right", no_wrap=True)
    base = results[0]
    for result in results:
        cpu = f"{min(result.cpu_seconds, default=math.nan):.2f}"
        seconds = (f"{result.first:.2f}", f"{result.warm:.2f}", cpu, f"{result.peak_mb:,.0f}")
        ratios = (f"{result.first / base.first:.2f}", f"{result.warm / base.warm:.2f}")
        apart = agreements.get(result.name)
        table.add_row(result.name, *seconds, *ratios, f"{apart.largest:.1e}" if apart else "")
    console.print(table)
    for result in results:
        if result.error:
            console.print(f"{result.name} failed:\n{result.error}", markup=False)
    for name, apart in agreements.items():
        if not apart.agrees:
            console.print(f"{name} differs in {', '.join(apart.differing[:10])}", markup=False)
    for goal in benchmark.goals:
        console.print(f"{goal}: {_ratio(goal, results):.2f}", markup=False)


def _ratio(goal: Goal, results: Sequence[Measured]) -> float:
    known = {result.name: result.warm if goal.warm else result.first for result in results}
    return known.get(goal.slower, math.nan) / known.get(goal.faster, math.nan)


def _save(
    name: str,
    benchmark: Benchmark,
    results: Sequence[Measured],
    agreements: dict[str, Agreement],
    console: Console,
) -> None:
    told: dict[str, Any] = {"title": benchmark.title, "machine": machine(), "contenders": {}, "goals": {}}
    for result in results:
        apart = agreements.get(result.name)
        told["contenders"][result.name] = {
            "seconds": [round(value, 3) for value in result.seconds],
            "cpu_seconds": [round(value, 3) for value in result.cpu_seconds],
            "peak_mb": round(result.peak_mb),
            **({"largest_difference": apart.largest} if apart else {}),
        }
    for goal in benchmark.goals:
        ratio = _ratio(goal, results)
        told["goals"][str(goal)] = {"ratio": round(ratio, 2), "met": goal.at_least <= ratio <= goal.at_most}
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {path}")


if __name__ == "__main__":
    sys.exit(main())
