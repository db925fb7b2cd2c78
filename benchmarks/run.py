"""Runs benchmarks: `python -m benchmarks.run [--tiny | --small | --full] [retail] [cutoffs] ...`."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence

from rich.console import Console

from benchmarks.goals import Benchmark
from benchmarks.measure import Contender, measure
from benchmarks.outcome import outcome_of
from benchmarks.retail import DATA
from benchmarks.suite import BENCHMARKS, SIZES

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
    outcome = outcome_of(benchmark, results)
    outcome.show(console)
    if asked.contender is None and asked.size != "tiny":
        outcome.save(name if asked.size == "small" else f"{name}-{asked.size}", console)
    return int(not outcome.good)


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


if __name__ == "__main__":
    sys.exit(main())
