"""The record of a published run; what it names is what readers see."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from sparkfeat.errors import StorageError
from sparkfeat.storage.store import Store, open_store

MANIFEST = "manifest.json"


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(_Record):
    """A text file saved with the run."""

    path: str
    sha256: str


class Fallback(_Record):
    """A feature that another engine than the run's had to compute, and why."""

    feature: str
    reason: str


class InputFile(_Record):
    """A file that was read; `table` is a dataframe's name or "cutoff_time"."""

    table: str
    path: str
    bytes: int
    rows: int


class OutputColumn(_Record):
    """A column of the matrix: its Woodwork logical type, and the Arrow type it is stored as.

    `logical_type` is None for the columns beside the features: index, time, passed through. `catalog_name`
    is what the column is called in the Glue Data Catalog.
    """

    name: str
    logical_type: str | None
    physical_type: str
    catalog_name: str | None = None


class OutputFile(_Record):
    """A file of the matrix; `path` is relative to the dataset's folder.

    `sha256` is None where Spark wrote the file to S3: to compute it would be to download it. `etag` is S3's
    own tag of the content, None elsewhere.
    """

    path: str
    rows: int
    bytes: int
    sha256: str | None
    etag: str | None = None


class Manifest(_Record):
    """Everything needed to read a matrix, to check it, and to say how it was made."""

    version: Literal[1] = 1
    run_id: str
    created: datetime
    engine: str
    rows: int
    columns: tuple[OutputColumn, ...]
    files: tuple[OutputFile, ...]
    definitions: Document
    sql: Document | None
    fallbacks: tuple[Fallback, ...]
    inputs: tuple[InputFile, ...]
    parameters: dict[str, JsonValue]
    packages: dict[str, str]
    seconds: dict[str, float]

    def to_json(self) -> bytes:
        """Return the manifest as it is stored."""
        return (self.model_dump_json(indent=2) + "\n").encode()


def read_manifest(path: str | Path) -> Manifest:
    """Return the manifest of the matrix published at `path`.

    Raises:
        StorageError: nothing is published there, or the manifest is damaged or of a newer version.
    """
    store = open_store(path)
    manifest = find_manifest(store, MANIFEST)
    if manifest is None:
        raise StorageError(
            "No published feature matrix",
            where=store.root,
            why=f"There is no {MANIFEST}: no run has finished there",
            hint="Check the path, or run `sparkfeat compute` with it as the output",
        )
    return manifest


def find_manifest(store: Store, name: str) -> Manifest | None:
    """Return the manifest stored as `name`, or None if there is none.

    Raises:
        StorageError: it is damaged or of a newer version.
    """
    content = store.content(name)
    return None if content is None else parse_manifest(content.data, store.path(name))


def parse_manifest(data: bytes, where: str) -> Manifest:
    """Return the manifest that is stored as `data`.

    Raises:
        StorageError: it is damaged or of a newer version.
    """
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        raise StorageError(
            "The manifest cannot be read",
            where=where,
            why=f"It is damaged, or a newer sparkfeat wrote it: {_first_problem(error)}",
            hint="Publish the matrix again under another path, or upgrade sparkfeat",
        ) from error


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]
