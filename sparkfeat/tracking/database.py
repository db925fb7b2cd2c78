"""The SQLite database that runs are logged to, made in one step."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from sparkfeat.tracking.place import Place

SQLITE = "sqlite:///"


def make_database(place: Place) -> None:
    """Make the database of a place if it is a SQLite file that is not there yet.

    MLflow makes one table by table, by all migrations that it ever had: of two processes that do so at once,
    as two jobs that are trained into one new folder, both fail and leave a database that none can use. Here
    it is made beside its place and linked there whole; who comes second finds it.
    """
    file = Path(place.uri.removeprefix(SQLITE).partition("?")[0])
    if not place.uri.startswith(SQLITE) or file.exists() or not file.parent.is_dir():
        return
    unfinished = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
    try:
        _make(f"{SQLITE}{unfinished}")
        with suppress(OSError):  # somebody was faster; or a file system without links, where MLflow makes it
            os.link(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)


def _make(uri: str) -> None:
    from mlflow import MlflowClient

    MlflowClient(uri, uri).search_experiments(max_results=1)
