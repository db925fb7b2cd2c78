"""Runs a contender in a process of its own: seconds of each run, peak memory of all its processes."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

SAMPLE_SECONDS = 0.05
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Contender:
    """One way of doing a benchmark's work.

    Args:
        name: as the table of results calls it.
        target: `module:function` that takes `output` and the arguments.
        arguments: keyword arguments; paths are handed over as Path.
        runs: how often it runs in the one process; the first run is cold.
        group: contenders of one group compute the same matrix.
        needs: a module without which it is left out.
        limit: seconds after which it is stopped, all runs together.
    """

    name: str
    target: str
    arguments: Mapping[str, Path | str] = field(default_factory=dict)
    runs: int = 1
    group: str = ""
    needs: str = ""
    limit: float = 3_600


@dataclass(frozen=True)
class Measured:
    """What a contender took in each run; `error` is the end of what it printed when it failed, else empty."""

    contender: Contender
    seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...]
    peak_mb: float
    output: Path
    error: str = ""

    @property
    def name(self) -> str:
        """What the contender is called."""
        return self.contender.name

    @property
    def first(self) -> float:
        """Seconds of the first run, in a fresh process."""
        return self.seconds[0] if self.seconds else float("nan")

    @property
    def warm(self) -> float:
        """Seconds of the best later run, or of the only one."""
        return min(self.seconds[1:] or self.seconds, default=float("nan"))


def measure(contender: Contender, output: Path) -> Measured:
    """Run a contender in a fresh process and watch the memory of all processes it starts."""
    shutil.rmtree(output, ignore_errors=True)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        order, report, log = (Path(folder) / name for name in ("order.json", "report.json", "log.txt"))
        order.write_text(json.dumps(_order(contender, output)), encoding="utf-8")
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.measure", str(order), str(report)]
        with log.open("w", encoding="utf-8") as printed:
            process = subprocess.Popen(command, cwd=ROOT, stdout=printed, stderr=subprocess.STDOUT)
            peak, stopped = _watch(process, contender.limit)
        if process.returncode:
            said = log.read_text(encoding="utf-8", errors="replace")[-2_000:].strip()
            said = f"stopped after {contender.limit:,.0f} s" if stopped else said
            return Measured(contender, (), (), peak, output, said or f"exit code {process.returncode}")
        told = json.loads(report.read_text(encoding="utf-8"))
        return Measured(contender, tuple(told["seconds"]), tuple(told["cpu_seconds"]), peak, output)


def machine() -> dict[str, Any]:
    """Return what a figure depends on: day, cores, memory, versions."""
    names = ("sparkfeat", "duckdb", "pyspark", "featuretools", "pandas", "polars", "pyarrow")
    found = {}
    for name in names:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    memory = round(psutil.virtual_memory().total / 2**30)
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "memory_gb": memory,
        "python": sys.version.split()[0],
        "versions": found,
    }


def _order(contender: Contender, output: Path) -> dict[str, Any]:
    arguments = {**contender.arguments, "output": output}
    return {
        "target": contender.target,
        "runs": contender.runs,
        "paths": {name: str(value) for name, value in arguments.items() if isinstance(value, Path)},
        "texts": {name: value for name, value in arguments.items() if isinstance(value, str)},
    }


def _watch(process: subprocess.Popen[bytes], limit: float) -> tuple[float, bool]:
    """Wait for a process and its descendants, and stop them at the limit.

    Returns:
        The largest sum of their resident memory, in MB, and whether they were stopped.
    """
    root, peak, stopped = psutil.Process(process.pid), 0, False
    end = time.monotonic() + limit
    while process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            parts = [root, *root.children(recursive=True)]
            peak = max(peak, sum(_resident(part) for part in parts))
            stopped = stopped or time.monotonic() > end
            if stopped:
                _stop(parts)
        time.sleep(SAMPLE_SECONDS)
    return peak / 2**20, stopped


def _stop(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it ended between being listed and being asked
        return 0


def _obey(order: Path, report: Path) -> None:
    """Run what the order says and report the seconds of each run; imports come before the clock."""
    told = json.loads(order.read_text(encoding="utf-8"))
    module, function = told["target"].split(":")
    work = getattr(importlib.import_module(module), function)
    arguments = {**told["texts"], **{name: Path(value) for name, value in told["paths"].items()}}
    clocks = []
    for _ in range(told["runs"]):
        shutil.rmtree(arguments["output"], ignore_errors=True)
        start = (time.perf_counter(), _cpu_seconds())
        work(**arguments)
        clocks.append((time.perf_counter() - start[0], _cpu_seconds() - start[1]))
    seconds, cpu_seconds = zip(*clocks, strict=True)
    report.write_text(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds}), encoding="utf-8")


def _cpu_seconds() -> float:
    """Return the processor time of this process and its children, Spark's Java among them."""
    here = psutil.Process()
    times = [process.cpu_times() for process in (here, *here.children(recursive=True))]
    return float(sum(used.user + used.system for used in times))


if __name__ == "__main__":
    _obey(Path(sys.argv[1]), Path(sys.argv[2]))
