"""How training says what it does, and how long its stages take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol


class Progress(Protocol):
    """Where training says how far it is; `pipelines.progress.Progress` is one."""

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


@dataclass(frozen=True)
class Log:
    """The stages of one training and all that was told; `progress` may be missing."""

    progress: Progress | None
    seconds: dict[str, float] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block and show it as a stage; a block that fails is not recorded."""
        if self.progress:
            self.progress.begin(name)
        began = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - began, 3)
        if self.progress:
            self.progress.end(name, self.seconds[name])

    def advance(self, stage: str, percent: float) -> None:
        """Show how far a stage has come."""
        if self.progress:
            self.progress.advance(stage, percent)

    def tell(self, *lines: str) -> None:
        """Keep and show warnings."""
        self.told.extend(lines)
        if self.progress:
            for line in lines:
                self.progress.tell(line)
