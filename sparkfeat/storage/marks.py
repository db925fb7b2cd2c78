"""Marks of runs that have begun: who writes them, and what was left by those who never finished."""

from __future__ import annotations

import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sparkfeat.storage.manifest import MANIFEST
from sparkfeat.storage.store import Store

RUNS = "runs"
STARTED = "started.json"
ABANDONED = timedelta(days=7)
"""A run of another machine that is not complete after this time never will be."""
AT_ONCE = 16


@dataclass(frozen=True)
class Mark:
    """Which attempt began a run, in which process, and when; `token` is empty in marks of old versions."""

    host: str
    pid: int
    started: str
    token: str = ""

    @classmethod
    def of_this_process(cls, token: str) -> Mark:
        """Return the mark of an attempt that begins now."""
        return cls(socket.gethostname(), os.getpid(), datetime.now(UTC).isoformat(" ", "seconds"), token)

    def to_json(self) -> bytes:
        """Return the mark as it is stored."""
        return json.dumps(self.__dict__).encode()

    @property
    def is_here(self) -> bool:
        """Whether the process is, or was, one of this machine."""
        return self.host == socket.gethostname()

    @property
    def is_other_and_alive(self) -> bool:
        """Whether another process of this machine has the number."""
        # In a container every run may get the same number: it is this one.
        return self.is_here and self.pid != os.getpid() and _is_alive(self.pid)

    def is_abandoned(self) -> bool:
        """Whether nobody will finish the run."""
        if self.is_here:
            return self.pid != os.getpid() and not _is_alive(self.pid)
        return datetime.now(UTC) - datetime.fromisoformat(self.started) > ABANDONED


def mark_name(run_id: str) -> str:
    """Return the name of a run's mark in its store."""
    return f"{RUNS}/{run_id}/{STARTED}"


def read_mark(store: Store, run_id: str) -> Mark | None:
    """Return the mark of a run, or None where it has none."""
    found = store.content(mark_name(run_id))
    return None if found is None else Mark(**json.loads(found.data))


def delete_abandoned(store: Store) -> None:
    """Delete the folders of runs that nobody will finish, their unfinished uploads included."""
    names = store.folders(RUNS)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as workers:
        for name, abandoned in zip(names, workers.map(partial(_is_abandoned, store), names), strict=True):
            if abandoned:
                store.delete_folder(f"{RUNS}/{name}")


def _is_abandoned(store: Store, run_id: str) -> bool:
    if store.is_file(f"{RUNS}/{run_id}/{MANIFEST}"):
        return False
    mark = read_mark(store, run_id)
    return mark is not None and mark.is_abandoned()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's process
        return True
    return True
