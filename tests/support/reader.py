"""A reader of a published matrix that looks all the time."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from sparkfeat.errors import StorageError
from sparkfeat.storage.manifest import read_manifest
from sparkfeat.storage.read import read_matrix

NOTHING = "nothing"
PAUSE = 0.25

Columns = Mapping[str, list[Any]]


@dataclass
class Seen:
    """What a reader saw: the runs in their order, and how often it looked."""

    runs: list[str] = field(default_factory=list)
    looks: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, run: str) -> None:
        """Note a run, once for as long as it stays."""
        self.looks += 1
        if not self.runs or self.runs[-1] != run:
            self.runs.append(run)


@contextmanager
def reading(uri: str, expected: Mapping[str, Columns]) -> Iterator[Seen]:
    """Read the matrix at `uri` over and over, during the block, and compare it.

    Args:
        uri: the output of runs.
        expected: what each run's matrix holds. Before the first one nothing may be there, and nothing else.

    Raises:
        AssertionError: a reader saw something else, or had no time to look.
    """
    seen, ended = Seen(), threading.Event()
    thread = threading.Thread(target=_look_until, args=(ended, uri, expected, seen), daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join(timeout=60)
    assert not thread.is_alive()
    assert not seen.wrong, seen.wrong[:3]
    assert seen.looks > 2


def _look_until(ended: threading.Event, uri: str, expected: Mapping[str, Columns], seen: Seen) -> None:
    while not ended.is_set():
        try:
            _look(uri, expected, seen)
        except Exception as error:  # noqa: BLE001 - whatever a reader meets is the test's finding
            seen.wrong.append(repr(error))
        ended.wait(PAUSE)


def columns(uri: str) -> Columns:
    """The matrix at `uri` by columns, its rows in the order of the first; Spark keeps no other."""
    table = read_matrix(uri, verify=True).to_table()
    found: Columns = table.sort_by(table.column_names[0]).to_pydict()
    return found


def equal(found: Columns, wanted: Columns) -> bool:
    """Whether two matrices are the same, up to the last digits of sums: engines add in other orders."""
    return list(found) == list(wanted) and all(_same(found[name], wanted[name]) for name in wanted)


def _same(found: list[Any], wanted: list[Any]) -> bool:
    if any(isinstance(value, float) for value in wanted):
        return bool(found == pytest.approx(wanted, rel=1e-9, nan_ok=True))
    return found == wanted


def _look(uri: str, expected: Mapping[str, Columns], seen: Seen) -> None:
    try:
        run = read_manifest(uri).run_id
    except StorageError as error:
        if "No published feature matrix" not in str(error):
            raise
        run = NOTHING
    if run == NOTHING and set(seen.runs) - {NOTHING}:
        seen.wrong.append("a published run has gone")
    if run != NOTHING and not equal(columns(uri), expected[run]):
        seen.wrong.append(f"not the matrix of {run}")
    seen.add(run)
