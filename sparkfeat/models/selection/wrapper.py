"""Features added or dropped one at a time, by what a linear model predicts on rows held back."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Score = Callable[[Sequence[str]], float]
"""Returns how well features predict together; more is better."""
Trace = tuple[tuple[str, float], ...]
"""Features in the order in which they came or went, each with the score after it."""


@dataclass
class Budget:
    """How much may be compared; `spent` tells whether that is used up."""

    evaluations: int
    seconds: float
    _began: float = field(default_factory=time.monotonic)

    def take(self) -> bool:
        """Take one comparison; False where none is left."""
        self.evaluations -= 1
        return self.evaluations >= 0 and time.monotonic() - self._began < self.seconds


def forward(names: Sequence[str], score: Score, gain: float, budget: Budget) -> tuple[list[str], Trace]:
    """Return the features to keep, in the order found: next is always what adds most, if at least `gain`.

    What the budget leaves uncompared is kept out.
    """
    kept: list[str] = []
    trace: list[tuple[str, float]] = []
    best, left = score([]), list(names)
    while left:
        tried = [(score([*kept, name]), name) for name in left if budget.take()]
        if not tried:
            break
        value, name = max(tried, key=lambda one: one[0])
        if value - best < gain:
            break
        kept.append(name)
        left.remove(name)
        trace.append((name, value))
        best = value
    return kept, tuple(trace)


def backward(names: Sequence[str], score: Score, gain: float, budget: Budget) -> tuple[list[str], Trace]:
    """Return the features to keep, and those dropped: next is what is missed least, if less than `gain`.

    What the budget leaves uncompared is kept.
    """
    kept = list(names)
    trace: list[tuple[str, float]] = []
    now = score(kept)
    while kept:
        tried = [(score([one for one in kept if one != name]), name) for name in kept if budget.take()]
        if not tried:
            break
        value, name = max(tried, key=lambda one: one[0])
        if now - value >= gain:
            break
        kept.remove(name)
        trace.append((name, value))
        now = value
    return kept, tuple(trace)
