"""Memory that a computation will want and what there is of it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from sparkfeat.engines.estimate import Estimator
from sparkfeat.sql import Lowered

GROUPING_BYTES = 1_500_000
"""What a thread of DuckDB takes for a GROUP BY before the first row: 28 of them on two threads took 86 MB."""
PANDAS_COPIES = 3
"""How often Featuretools holds a table: as it was read, in its EntitySet, and merged with others."""

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclass(frozen=True)
class Machine:
    """What the engine may use.

    `parts` is how many threads or partitions (`part`) share the work; `limit` the bytes of memory before it
    spills; `folder` where it spills to, None where that is another machine's disk.
    """

    parts: int
    part: str
    limit: int
    folder: str | None


def size_in_bytes(text: str) -> int:
    """Read a size as Spark or DuckDB write it, e.g. "4g" or "18.8 GiB"; units are those of 1024.

    Raises:
        ValueError: it is none.
    """
    found = re.fullmatch(r"\s*([\d.]+)\s*([KMGT]?)(?:i?B|bytes)?\s*", text, re.IGNORECASE)
    if found is None:
        raise ValueError(f"'{text}' is no size")
    return round(float(found.group(1)) * _UNITS[found.group(2).upper()])


def working_memory(estimator: Estimator, lowered: Lowered, machine: Machine) -> int:
    """Return the bytes that a query holds at once.

    Relations kept for several readers, the largest aggregation's groups, the matrix, and what each thread
    takes for a grouping.
    """
    threads = machine.parts if machine.part == "thread" else 0
    rows = estimator.kept(lowered) + estimator.grouping() + estimator.matrix()
    return round(rows + threads * _groupings(lowered) * GROUPING_BYTES)


def least_memory(lowered: Lowered, machine: Machine) -> int:
    """Return the bytes that DuckDB cannot spill: one thread's of the query, or each task's."""
    parts = {"thread": 1, "task": machine.parts}.get(machine.part, 0)
    return parts * _groupings(lowered) * GROUPING_BYTES


def _groupings(lowered: Lowered) -> int:
    return sum("group" in cte.select.args for cte in lowered.ctes)


def physical_memory() -> int:
    """Return the bytes of this machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
