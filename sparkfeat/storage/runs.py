"""Runs of a dataset: each writes under its own folder and becomes visible by one manifest.

<output>/
  manifest.json             the visible run; replaced in one step
  runs/<run id>/
    data/*.parquet          the matrix, nothing else
    features.json, matrix.sql
    profile.json, .png      where a profile was asked for
    manifest.json           written when the run has finished; started.json until then
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic

from pydantic import JsonValue

from sparkfeat.errors import ConfigError, OutputExistsError, StorageError
from sparkfeat.storage.manifest import MANIFEST, Manifest, Published, R, find_record
from sparkfeat.storage.store import Store, open_store

RUNS = "runs"
DATA = "data"
STARTED = "started.json"
RUN_ID = r"[A-Za-z0-9][A-Za-z0-9._=-]{0,127}"
"""A run id is a folder's name: no separators, nothing hidden."""


def new_run_id() -> str:
    """Return an id that sorts by time and that no other run has."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


@dataclass(frozen=True)
class RunOf(Generic[R]):
    """A run that may write to its output; `finished` is its record where it was complete before."""

    store: Store
    run_id: str
    kind: type[R]
    finished: R | None

    @property
    def folder(self) -> str:
        """Name of the run's folder in the store."""
        return f"{RUNS}/{self.run_id}"

    @property
    def data_path(self) -> str:
        """Full path of the folder for the Parquet files; it does not exist until they are written."""
        return self.store.path(f"{self.folder}/{DATA}")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Give the block an empty folder; delete it if the block ends without `publish`.

        What an earlier attempt at the same run left is deleted first.

        Raises:
            EnvironmentProblem: no permission or space to write there.
        """
        try:
            self.store.delete_folder(self.folder)
            self.store.make_folder(self.folder)
            self.store.put(f"{self.folder}/{STARTED}", _mark_of_this_process())
            yield
        finally:
            if not self._is_complete():
                self.store.delete_folder(self.folder)

    def save(self, name: str, text: str) -> str:
        """Write a text file into the run's folder and return its name in the store."""
        path = f"{self.folder}/{name}"
        self.store.put(path, text.encode())
        return path

    def publish(self, manifest: R) -> None:
        """Make the run the visible one.

        Every file the manifest names must be written; they are forced to the disk first.
        """
        for file in manifest.files:
            self.store.sync(file.path)
        self.store.put(f"{self.folder}/{MANIFEST}", manifest.to_json())
        self.store.put(MANIFEST, manifest.to_json())

    def is_visible(self) -> bool:
        """Whether readers of the output see this run."""
        visible = find_record(self.store, MANIFEST, self.kind)
        return visible is not None and visible.run_id == self.run_id

    def _is_complete(self) -> bool:
        return self.store.is_file(f"{self.folder}/{MANIFEST}")


Run = RunOf[Manifest]


def open_run(
    output: str | Path, run_id: str, parameters: Mapping[str, JsonValue], *, overwrite: bool = False
) -> Run:
    """Return the run `run_id` of a matrix; see `open_run_of`."""
    return open_run_of(Manifest, output, run_id, parameters, overwrite=overwrite)


def open_run_of(
    kind: type[R],
    output: str | Path,
    run_id: str,
    parameters: Mapping[str, JsonValue],
    *,
    overwrite: bool = False,
) -> RunOf[R]:
    """Return the run `run_id` of `output`, after checking that it may write; writes nothing.

    Args:
        kind: what the run publishes.
        output: local path or `file://` URI of the dataset's folder.
        run_id: letters, digits and "._=-"; a run that has finished is not computed again.
        parameters: what the run is asked to do; one run id stands for one set of them.
        overwrite: whether what another run published may be replaced. Default False. Its files stay
            under runs/ for readers that have them open.

    Raises:
        ConfigError: the run id cannot be a folder's name.
        UnsupportedError: `output` is not local.
        OutputExistsError: another run is published there and `overwrite` is False, the run has
            finished with other parameters, or the folder holds something else.
        StorageError: another process is writing the same run.
    """
    _check_run_id(run_id)
    store = open_store(output)
    _check_folder(store)
    finished = find_record(store, f"{RUNS}/{run_id}/{MANIFEST}", kind)
    if finished is None:
        _check_not_running(store, run_id)
    else:
        _check_parameters(store, finished, parameters)
    _check_replaceable(store, kind, run_id, overwrite)
    return RunOf(store, run_id, kind, finished)


def _check_run_id(run_id: str) -> None:
    if not re.fullmatch(RUN_ID, run_id):
        raise ConfigError(
            f"'{run_id}' cannot be a run id",
            why="It names a folder",
            hint="Use at most 128 letters, digits and the signs . _ = -, beginning with a letter or digit",
        )


def _check_folder(store: Store) -> None:
    if store.is_file(""):
        raise OutputExistsError("The output is a file", where=store.root, hint="Choose another path")
    if store.is_file(MANIFEST) or store.is_folder(RUNS) or store.is_empty():
        return
    raise OutputExistsError(
        "The output folder holds other files",
        where=store.root,
        why=f"It has no {MANIFEST}, so sparkfeat did not make it",
        hint="Choose an empty or a new folder; overwrite replaces only what sparkfeat has published",
    )


def _check_parameters(store: Store, finished: Published, parameters: Mapping[str, JsonValue]) -> None:
    if finished.parameters == dict(parameters):
        return
    keys = sorted(finished.parameters.keys() | parameters.keys())
    changed = [key for key in keys if finished.parameters.get(key) != parameters.get(key)]
    raise OutputExistsError(
        f"Run '{finished.run_id}' has finished with other parameters",
        where=store.root,
        why=f"Changed since then: {', '.join(changed)}",
        hint="Choose another run id",
    )


def _check_replaceable(store: Store, kind: type[Published], run_id: str, overwrite: bool) -> None:
    visible = find_record(store, MANIFEST, kind)
    if visible is None or visible.run_id == run_id or overwrite:
        return
    raise OutputExistsError(
        f"A {kind.THING} is published there already",
        where=store.root,
        why=f"It is run '{visible.run_id}' of {visible.created:%Y-%m-%d %H:%M} UTC",
        hint="Choose another path, or allow it to be replaced: `overwrite: true` or --overwrite",
    )


def _check_not_running(store: Store, run_id: str) -> None:
    mark = f"{RUNS}/{run_id}/{STARTED}"
    if not store.is_file(mark):
        return
    process = json.loads(store.read(mark))
    if process["host"] != socket.gethostname() or not _is_alive(process["pid"]):
        return
    raise StorageError(
        f"Process {process['pid']} is writing run '{run_id}'",
        where=store.root,
        why=f"It began at {process['started']}",
        hint=f"Wait for it, or choose another run id; if it is no sparkfeat run, delete {store.path(mark)}",
    )


def _mark_of_this_process() -> bytes:
    process = {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "started": datetime.now(UTC).isoformat(" ", "seconds"),
    }
    return json.dumps(process).encode()


def _is_alive(pid: int) -> bool:
    """Whether another process has the number `pid`."""
    if pid == os.getpid():  # in a container every run may get the same number: it is this one
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's process
        return True
    return True
