"""How long the parts of a computation took, and how many rows each gave."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sparkfeat.sql import Lowered, needed

MATRIX = "matrix"
"""Name of the step that gives the matrix's rows."""


@dataclass(frozen=True)
class Step:
    """A relation of the plan, or another part of the work, as it ran.

    Attributes:
        name: the relation, as it is called in the SQL, or the part.
        engine: who did it: 'duckdb', 'spark' or 'featuretools'.
        what: the same in words.
        seconds: on DuckDB the time of all threads together, elsewhere time by the clock.
        rows: how many it gave; None where nobody counted them.
        includes: relations computed in one go with it, whose time is in its own.
    """

    name: str
    engine: str
    what: str
    seconds: float
    rows: int | None
    includes: tuple[str, ...] = ()


@dataclass
class Rows:
    """Is told how many rows a step gave."""

    count: int | None = None


@dataclass
class Profile:
    """The steps of what was computed, in the order in which they ended; `seconds` by the clock in all."""

    engine: str
    seconds: float = 0.0
    steps: list[Step] = field(default_factory=list)

    @property
    def slowest(self) -> list[Step]:
        """The steps, those that took longest first."""
        return sorted(self.steps, key=lambda step: step.seconds, reverse=True)

    def share(self, step: Step) -> float:
        """Return a step's part of the seconds of all steps, 0 to 1."""
        total = sum(one.seconds for one in self.steps)
        return step.seconds / total if total else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes."""
        steps = [
            {
                "name": step.name,
                "engine": step.engine,
                "what": step.what,
                "seconds": round(step.seconds, 6),
                "share": round(self.share(step), 4),
                "rows": step.rows,
                "includes": list(step.includes),
            }
            for step in self.slowest
        ]
        return {"version": 1, "engine": self.engine, "seconds": round(self.seconds, 3), "steps": steps}

    def to_json(self) -> str:
        """Return the profile as JSON, the slowest step first."""
        return json.dumps(self.as_dict(), indent=2) + "\n"


@contextmanager
def timed(
    profile: Profile | None, name: str, engine: str, what: str, includes: tuple[str, ...] = ()
) -> Iterator[Rows]:
    """Record the block as a step where there is a profile; a block that fails is not recorded."""
    rows = Rows()
    began = time.perf_counter()
    yield rows
    if profile is not None:
        seconds = time.perf_counter() - began
        profile.steps.append(Step(name, engine, what, seconds, rows.count, includes))


def included(lowered: Lowered, name: str, apart: Sequence[str]) -> tuple[str, ...]:
    """Return the relations that are computed in one go with one of those computed `apart`, or with MATRIX."""
    selects = {cte.name: cte.select for cte in lowered.ctes}
    inlined = [cte for cte in lowered.ctes if cte.name not in apart]
    return tuple(cte.name for cte in needed(selects.get(name, lowered.select), inlined))
