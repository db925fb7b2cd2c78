"""What a benchmark consists of: contenders, and what must come out of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from benchmarks.measure import Contender, Measured


class Goal(Protocol):
    """What must come out; its text says it in a line."""

    def value(self, results: Sequence[Measured]) -> float:
        """Return what came out; NaN if a contender is missing or failed."""
        ...

    def is_met(self, value: float) -> bool:
        """Whether that will do."""
        ...


@dataclass(frozen=True)
class Ratio:
    """A goal for times: how often `slower` takes the time of `faster`."""

    slower: str
    faster: str
    warm: bool = False
    at_least: float = 0.0
    at_most: float = math.inf

    def __str__(self) -> str:
        bound = f"at least {self.at_least:g}" if self.at_least else f"at most {self.at_most:.3g}"
        return f"{self.slower} / {self.faster}{', warm' if self.warm else ''}: {bound}"

    def value(self, results: Sequence[Measured]) -> float:
        """Return the ratio."""
        known = {result.name: result.warm if self.warm else result.first for result in results}
        return known.get(self.slower, math.nan) / known.get(self.faster, math.nan)

    def is_met(self, value: float) -> bool:
        """Whether the ratio is within its bounds."""
        return self.at_least <= value <= self.at_most


@dataclass(frozen=True)
class Memory:
    """A goal for the peak resident memory of a contender's processes, in gigabytes."""

    contender: str
    at_most: float

    def __str__(self) -> str:
        return f"peak memory of {self.contender}: at most {self.at_most:g} GB"

    def value(self, results: Sequence[Measured]) -> float:
        """Return the gigabytes."""
        known = {result.name: result.peak_mb / 1_024 for result in results if not result.error}
        return known.get(self.contender, math.nan)

    def is_met(self, value: float) -> bool:
        """Whether the peak is within its bound."""
        return value <= self.at_most


@dataclass(frozen=True)
class Benchmark:
    """What is measured; the contenders of each group are compared with its first.

    Args:
        title: the benchmark in a line.
        contenders: in the order in which they run.
        goals: what must come out.
        key: the column that matches the rows of two matrices.
    """

    title: str
    contenders: tuple[Contender, ...]
    goals: tuple[Goal, ...]
    key: str = "customer_id"
