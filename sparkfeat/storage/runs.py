"""Runs of a dataset: each writes under its own folder and becomes visible by one manifest.

<output>/
  manifest.json             the visible run; replaced in one step
  runs/<run id>/
    data/*.parquet          the matrix, nothing else; on S3 data-<attempt>/
    features.json, matrix.sql
    profile.json, .png      where a profile was asked for
    manifest.json           written when the run has finished; started.json until then
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic

from pydantic import JsonValue

from sparkfeat.errors import OutputExistsError, SparkfeatError, StorageError
from sparkfeat.storage.base import Conflict
from sparkfeat.storage.locations import is_s3
from sparkfeat.storage.manifest import MANIFEST, Manifest, R, find_record
from sparkfeat.storage.marks import RUNS, Mark, delete_abandoned, mark_name, read_mark
from sparkfeat.storage.run_checks import (
    check_folder,
    check_not_running,
    check_parameters,
    check_replaceable,
    check_run_id,
)
from sparkfeat.storage.store import Store, open_store

logger = logging.getLogger("sparkfeat")

DATA = "data"


def new_run_id() -> str:
    """Return an id that sorts by time and that no other run has."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


@dataclass(frozen=True)
class RunOf(Generic[R]):
    """A run that may write to its output.

    `finished` is its record where it was complete before, `replaces` the version of the visible manifest
    when it began. `token` tells this attempt at the run from others.
    """

    store: Store
    run_id: str
    kind: type[R]
    finished: R | None
    replaces: str | None
    token: str

    @property
    def folder(self) -> str:
        """Name of the run's folder in the store."""
        return f"{RUNS}/{self.run_id}"

    @property
    def data(self) -> str:
        """Name of the folder for the Parquet files; it does not exist until they are written.

        On S3 each attempt has its own: another machine's, cut off but alive, may still be writing to the
        one before.
        """
        own = f"-{self.token}" if is_s3(self.store.root) else ""
        return f"{self.folder}/{DATA}{own}"

    @property
    def data_path(self) -> str:
        """Full path or URI of that folder."""
        return self.store.path(self.data)

    def data_store(self) -> Store:
        """Return that folder as a store of its own, made where folders have to be."""
        store = replace(self.store, root=self.data_path)
        store.make_folder("")
        return store

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Give the block an empty folder; delete it if the block ends without `publish`.

        What an earlier attempt at the same run left is deleted first, and other runs that nobody will finish.
        Writing is tried before the block begins.

        Raises:
            EnvironmentProblem: no permission or space to write there.
        """
        try:
            self.store.delete_folder(self.folder)
            self.store.make_folder(self.folder)
            self.store.put(mark_name(self.run_id), Mark.of_this_process(self.token).to_json())
            self._check_still_ours()
            delete_abandoned(self.store)
            yield
        except BaseException:
            self._tidy()
            raise
        if not self._is_complete():
            self.store.delete_folder(self.folder)

    def save(self, name: str, text: str) -> str:
        """Write a text file into the run's folder and return its name in the store."""
        return self.save_bytes(name, text.encode())

    def save_bytes(self, name: str, data: bytes) -> str:
        """Write a file into the run's folder and return its name in the store."""
        path = f"{self.folder}/{name}"
        self.store.put(path, data)
        return path

    def publish(self, manifest: R) -> None:
        """Make the run the visible one, in one step, unless another run was published since this one began.

        Every file the manifest names must be written; they are made safe first.

        Raises:
            OutputExistsError: another run was published meanwhile. This one is complete: called again, it
                only has to be published.
            StorageError: another process has taken over the same run.
        """
        data = manifest.to_json()
        if self.finished is None:
            self._check_still_ours()
            for file in manifest.files:
                self.store.sync(file.path)
            self.store.put(f"{self.folder}/{MANIFEST}", data)
        try:
            self.store.put_if(MANIFEST, data, self.replaces)
        except Conflict:
            raise self._overtaken() from None

    def is_visible(self) -> bool:
        """Whether readers of the output see this run."""
        visible = find_record(self.store, MANIFEST, self.kind)
        return visible is not None and visible.run_id == self.run_id

    def _check_still_ours(self) -> None:
        """Read the mark back: S3 may let a role write with a key and not read with it."""
        mark = read_mark(self.store, self.run_id)
        if mark is not None and mark.token == self.token:
            return
        raise StorageError(
            f"Another process has taken over run '{self.run_id}'",
            where=self.store.root,
            why="It began the run anew, and deleted what this one had written",
            hint="Let the other finish; one run id is for one process at a time",
        )

    def _tidy(self) -> None:
        """Delete what was written, after a failure that is the one to be told."""
        try:
            if not self._is_complete() and self._is_ours():
                self.store.delete_folder(self.folder)
        except SparkfeatError as error:
            logger.warning("What run '%s' wrote was not deleted: %s", self.run_id, error)

    def _is_ours(self) -> bool:
        mark = read_mark(self.store, self.run_id)
        return mark is None or mark.token == self.token

    def _overtaken(self) -> OutputExistsError:
        visible = find_record(self.store, MANIFEST, self.kind)
        other = "It is gone now" if visible is None else f"Readers see run '{visible.run_id}'"
        return OutputExistsError(
            "Another run was published meanwhile",
            where=self.store.root,
            why=other,
            hint=f"To replace it, call again with run id '{self.run_id}' and `overwrite: true`: "
            "the run is complete and only has to be published",
        )

    def _is_complete(self) -> bool:
        return self.store.is_file(f"{self.folder}/{MANIFEST}")


Run = RunOf[Manifest]


def open_run_of(
    kind: type[R],
    output: str | Path,
    run_id: str,
    parameters: Mapping[str, JsonValue],
    *,
    overwrite: bool = False,
    kms_key: str | None = None,
) -> RunOf[R]:
    """Return the run `run_id` of `output`, after checking that it may write; writes nothing.

    Args:
        kind: what the run publishes.
        output: local path, `file://` or `s3://` URI of the dataset's folder.
        run_id: letters, digits and "._=-"; a run that has finished is not computed again.
        parameters: what the run is asked to do; one run id stands for one set of them.
        overwrite: whether what another run published may be replaced. Default False. Its files stay
            under runs/ for readers that have them open.
        kms_key: of what is written to S3, see `open_store`.

    Raises:
        ConfigError: the run id cannot be a folder's name, or there is no such bucket.
        UnsupportedError: `output` is neither local nor on S3.
        EnvironmentProblem: no credentials or permissions.
        OutputExistsError: another run is published there and `overwrite` is False, the run has
            finished with other parameters, or the folder holds something else.
        StorageError: another process is writing the same run.
    """
    check_run_id(run_id)
    store = open_store(output, kms_key)
    visible = store.content(MANIFEST)
    if visible is None:
        check_folder(store)
    finished = find_record(store, f"{RUNS}/{run_id}/{MANIFEST}", kind)
    if finished is None:
        check_not_running(store, run_id)
    else:
        check_parameters(store, finished, parameters)
    if visible is not None:
        check_replaceable(store, kind, visible, run_id, overwrite)
    version = None if visible is None else visible.version
    return RunOf(store, run_id, kind, finished, version, secrets.token_hex(4))
