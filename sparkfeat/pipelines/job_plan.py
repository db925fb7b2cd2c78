"""What is known of a job before it runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sparkfeat.engines.estimate import Stage
from sparkfeat.errors import SparkfeatError


@dataclass(frozen=True)
class Features:
    """How many features there are, and who computes them."""

    count: int
    sql: int
    featuretools: int


@dataclass(frozen=True)
class TableSize:
    """A table: rows and bytes are those of its files."""

    name: str
    rows: int
    files: int
    bytes: int


@dataclass(frozen=True)
class MatrixSize:
    """The matrix: rows and columns are exact, bytes estimated."""

    rows: int
    columns: int
    bytes: int


@dataclass(frozen=True)
class HotKey:
    """A key with its rows, and its share of all rows that have a key."""

    value: Any
    rows: int
    share: float


@dataclass(frozen=True)
class HotKeys:
    """The most frequent keys of a relationship; `sampled` rows were looked at, None: all."""

    relationship: str
    sampled: int | None
    keys: tuple[HotKey, ...]


@dataclass(frozen=True)
class MemoryUse:
    """Estimated memory of the whole query and of one of its `parts`; what is beyond `limit` is spilled.

    `least` of it cannot be spilled, however few rows there are. `free` is the free space of the folder that
    takes what is spilled, None where nobody can tell. `pandas` is what Featuretools needs in this process,
    which cannot spill.
    """

    working: int
    least: int
    parts: int
    part: str
    part_bytes: int
    limit: int
    spill: int
    folder: str | None
    free: int | None
    pandas: int


@dataclass(frozen=True)
class Group:
    """The most rows that Featuretools has to load at once on Spark, and of which instance they are.

    `instance` is None where all rows have to be loaded at once, for the `reason`.
    """

    rows: int
    limit: int
    instance: Any
    reason: str | None


@dataclass(frozen=True)
class JobPlan:
    """A job as it is planned; `problems` say why it cannot be run."""

    engine: str
    engine_reason: str
    features: Features
    tables: tuple[TableSize, ...]
    matrix: MatrixSize
    widest: Stage
    stages: tuple[Stage, ...]
    keys: tuple[HotKeys, ...]
    memory: MemoryUse
    group: Group | None
    problems: tuple[SparkfeatError, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain values for JSON."""
        values = {key: value for key, value in vars(self).items() if key != "problems"}
        return {"version": 1, **dict(_plain(values)), "problems": [str(one) for one in self.problems]}

    def raise_problem(self) -> None:
        """Raise the first problem, if there is any."""
        if self.problems:
            raise self.problems[0]


def _plain(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, tuple):
            yield key, [asdict(one) for one in value]
        else:
            yield key, asdict(value) if hasattr(value, "__dataclass_fields__") else value
