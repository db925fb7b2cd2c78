"""Writes the kept results into docs/benchmarks.md, and draws them: `python -m benchmarks.report`.

What stands between the two markers of the page is written anew; figures are never typed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.measure import ROOT
from benchmarks.outcome import HEADINGS, RESULTS, cells, verdict
from benchmarks.picture import draw
from benchmarks.suite import BENCHMARKS

PAGE = ROOT / "docs" / "benchmarks.md"
PICTURES = ROOT / "docs" / "images"
BEGIN = "<!-- Written by `python -m benchmarks.report`: -->"
END = "<!-- until here -->"

Told = Mapping[str, Any]


def main() -> None:
    """Write the page and the pictures."""
    kept = results()
    PICTURES.mkdir(exist_ok=True)
    for name, told in kept.items():
        draw(told, picture(name))
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), kept), encoding="utf-8")
    print(f"{len(kept)} results written to {PAGE}")


def results() -> dict[str, Told]:
    """Return what is kept of each benchmark, by the name of its file, in the order of the suite."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in RESULTS.glob("*.json")}
    order = [*BENCHMARKS, "tpch"]
    return {name: found[name] for name in sorted(found, key=lambda name: _rank(name, order))}


def page(text: str, kept: Mapping[str, Told]) -> str:
    """Return the page with the results between its markers."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    sections = "\n\n".join(section(name, told) for name, told in kept.items())
    return f"{before}{BEGIN}\n\n{sections}\n\n{END}{after}"


def section(name: str, told: Told) -> str:
    """Return a benchmark's heading, machine, table, goals and picture."""
    heading, _, rest = told["title"].partition(": ")
    size = ", full size" if name.endswith("-full") else ""
    described = f"{rest[:1].upper()}{rest[1:]}."
    image = f"![Seconds and memory of each contender](images/{picture(name).name})"
    parts = [f"## {heading}{size}", described, _machine(told["machine"]), _table(told), _goals(told), image]
    return "\n\n".join(part for part in parts if part)


def picture(name: str) -> Path:
    """Return the file of a benchmark's picture."""
    return PICTURES / f"benchmark-{name}.png"


def _rank(name: str, order: list[str]) -> tuple[int, str]:
    first = name.partition("-")[0]
    return (order.index(first) if first in order else len(order), name)


def _machine(told: Told) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in told["versions"].items())
    return (
        f"{told['date']}: {told['cores']} cores, {told['memory_gb']} GB, Python {told['python']}, {versions}."
    )


def _table(told: Told) -> str:
    lines = [_row(["contender", *HEADINGS]), "|---" * (len(HEADINGS) + 1) + "|"]
    return "\n".join([*lines, *(_row([name, *cells(one)]) for name, one in told["contenders"].items())])


def _row(texts: list[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _goals(told: Told) -> str:
    lines = [f"- {goal}: {verdict(came)}" for goal, came in told["goals"].items()]
    errors = [
        f"- {name} failed: {one['error']}" for name, one in told["contenders"].items() if "error" in one
    ]
    return "\n".join([*lines, *errors])


if __name__ == "__main__":
    main()
