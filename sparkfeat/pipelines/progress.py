"""What a pipeline tells while it runs, and how long its stages take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

COMPUTE = "compute"
"""The stage in which the matrix is computed; the others are short."""


class Progress(Protocol):
    """Where progress is shown: the command line's terminal or log lines."""

    def begin(self, stage: str) -> None:
        """Show that a stage has begun."""
        ...

    def end(self, stage: str, seconds: float) -> None:
        """Show that the stage has ended well."""
        ...

    def advance(self, stage: str, percent: float) -> None:
        """Show how far the stage that runs has come."""
        ...

    def tell(self, line: str) -> None:
        """Show something worth knowing that is no stage."""
        ...


class Silence:
    """Progress that is shown nowhere."""

    def begin(self, stage: str) -> None:
        """Do nothing."""

    def end(self, stage: str, seconds: float) -> None:
        """Do nothing."""

    def advance(self, stage: str, percent: float) -> None:
        """Do nothing."""

    def tell(self, line: str) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Stages:
    """The stages of one run; `seconds` holds those that have ended, in order."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)

    def advance(self, change: float, percent: float, seconds: float) -> None:  # noqa: ARG002 - Featuretools' form
        """Show how far the computation has come; a `progress_callback` of `calculate_feature_matrix`."""
        self.progress.advance(COMPUTE, percent)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block and show it as a stage; a block that fails is not recorded."""
        self.progress.begin(name)
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 3)
        self.progress.end(name, self.seconds[name])
