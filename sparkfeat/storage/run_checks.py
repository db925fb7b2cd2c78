"""What may keep a run from writing to its output; nothing is written here."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import JsonValue

from sparkfeat.errors import ConfigError, OutputExistsError, StorageError
from sparkfeat.storage.base import Content, Store
from sparkfeat.storage.manifest import MANIFEST, Published, parse_record
from sparkfeat.storage.marks import RUNS, mark_name, read_mark

RUN_ID = r"[A-Za-z0-9][A-Za-z0-9._=-]{0,127}"
"""A run id is a folder's name: no separators, nothing hidden."""


def check_run_id(run_id: str) -> None:
    """Refuse what cannot be a folder's name."""
    if not re.fullmatch(RUN_ID, run_id):
        raise ConfigError(
            f"'{run_id}' cannot be a run id",
            why="It names a folder",
            hint="Use at most 128 letters, digits and the signs . _ = -, beginning with a letter or digit",
        )


def check_folder(store: Store) -> None:
    """Refuse a file, and a folder that sparkfeat did not make."""
    if store.is_file(""):
        raise OutputExistsError("The output is a file", where=store.root, hint="Choose another path")
    if store.is_folder(RUNS) or store.is_empty():
        return
    raise OutputExistsError(
        "The output folder holds other files",
        where=store.root,
        why=f"It has no {MANIFEST}, so sparkfeat did not make it",
        hint="Choose an empty or a new folder; overwrite replaces only what sparkfeat has published",
    )


def check_parameters(store: Store, finished: Published, parameters: Mapping[str, JsonValue]) -> None:
    """Refuse a finished run that was asked for something else."""
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


def check_replaceable(
    store: Store, kind: type[Published], found: Content, run_id: str, overwrite: bool
) -> None:
    """Refuse to take the place of another run, unless that is allowed."""
    visible = parse_record(found.data, store.path(MANIFEST), kind)
    if visible.run_id == run_id or overwrite:
        return
    raise OutputExistsError(
        f"A {kind.THING} is published there already",
        where=store.root,
        why=f"It is run '{visible.run_id}' of {visible.created:%Y-%m-%d %H:%M} UTC",
        hint="Choose another path, or allow it to be replaced: `overwrite: true` or --overwrite",
    )


def check_not_running(store: Store, run_id: str) -> None:
    """Refuse a run that another living process is writing."""
    mark = read_mark(store, run_id)
    if mark is None or not mark.is_other_and_alive:
        return
    path = store.path(mark_name(run_id))
    raise StorageError(
        f"Process {mark.pid} is writing run '{run_id}'",
        where=store.root,
        why=f"It began at {mark.started}",
        hint=f"Wait for it, or choose another run id; if it is no sparkfeat run, delete {path}",
    )
