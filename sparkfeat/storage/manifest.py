"""Records of published runs: of matrices, models, predictions. What a record names is what readers see."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from sparkfeat.errors import MissingInputError, StorageError
from sparkfeat.storage.store import Store, open_store

MANIFEST = "manifest.json"


class Record(BaseModel):
    """Part of a record: nothing unknown in it, nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(Record):
    """A text file saved with the run."""

    path: str
    sha256: str


class Fallback(Record):
    """A feature that another engine than the run's had to compute, and why."""

    feature: str
    reason: str


class InputFile(Record):
    """A file that was read; `table` is a dataframe's name or "cutoff_time"."""

    table: str
    path: str
    bytes: int
    rows: int


class OutputColumn(Record):
    """A column of the matrix: its Woodwork logical type, and the Arrow type it is stored as.

    `logical_type` is None for the columns beside the features: index, time, passed through. `catalog_name`
    is what the column is called in the Glue Data Catalog.
    """

    name: str
    logical_type: str | None
    physical_type: str
    catalog_name: str | None = None


class SavedFile(Record):
    """A file of a run; `path` is relative to the dataset's folder.

    `sha256` is None where Spark wrote the file to S3: to compute it would be to download it. `etag` is S3's
    own tag of the content, None elsewhere.
    """

    path: str
    bytes: int
    sha256: str | None
    etag: str | None = None


class OutputFile(SavedFile):
    """A Parquet file of a matrix or of predictions."""

    rows: int


class Published(Record):
    """What every published run says of itself; `THING` and `COMMAND` name it in messages."""

    THING: ClassVar[str]
    COMMAND: ClassVar[str]

    version: Literal[1] = 1
    run_id: str
    created: datetime
    files: tuple[SavedFile, ...]
    parameters: dict[str, JsonValue]
    packages: dict[str, str]
    seconds: dict[str, float]

    def to_json(self) -> bytes:
        """Return the record as it is stored."""
        return (self.model_dump_json(indent=2) + "\n").encode()


class Manifest(Published):
    """Everything needed to read a matrix, to check it, and to say how it was made."""

    THING = "feature matrix"
    COMMAND = "sparkfeat compute"

    kind: Literal["matrix"] = "matrix"
    engine: str
    rows: int
    columns: tuple[OutputColumn, ...]
    files: tuple[OutputFile, ...]
    definitions: Document
    sql: Document | None
    fallbacks: tuple[Fallback, ...]
    inputs: tuple[InputFile, ...]


R = TypeVar("R", bound=Published)


def read_manifest(path: str | Path) -> Manifest:
    """Return the manifest of the matrix published at `path`; see `read_record`."""
    return read_record(path, Manifest)


def read_record(path: str | Path, kind: type[R]) -> R:
    """Return the record of the run published at `path`.

    Raises:
        MissingInputError: nothing is published there.
        StorageError: the manifest is damaged, of something else or of a newer version.
    """
    store = open_store(path)
    record = find_record(store, MANIFEST, kind)
    if record is None:
        raise MissingInputError(
            f"No published {kind.THING}",
            where=store.root,
            why=f"There is no {MANIFEST}: no run has finished there",
            hint=f"Check the path, or run `{kind.COMMAND}` with it as the output",
        )
    return record


def find_record(store: Store, name: str, kind: type[R]) -> R | None:
    """Return the record stored as `name`, or None if there is none.

    Raises:
        StorageError: it is of something else, damaged, or of a newer version.
    """
    content = store.content(name)
    return None if content is None else parse_record(content.data, store.path(name), kind)


def parse_record(data: bytes, where: str, kind: type[R]) -> R:
    """Return the record that is stored as `data`.

    Raises:
        StorageError: it is of something else, damaged, or of a newer version.
    """
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        if other := _other_kind(error):
            raise StorageError(
                f"No published {kind.THING}",
                where=where,
                why=f"What is published there is of kind '{other}'",
                hint=f"Check the path; `{kind.COMMAND}` publishes a {kind.THING}",
            ) from None
        raise StorageError(
            "The manifest cannot be read",
            where=where,
            why=f"It is damaged, or a newer sparkfeat wrote it: {_first_problem(error)}",
            hint="Publish it again under another path, or upgrade sparkfeat",
        ) from error


def _other_kind(error: ValidationError) -> str:
    """Return what the record says it is of, where that is the trouble."""
    return next((str(problem["input"]) for problem in error.errors() if problem["loc"] == ("kind",)), "")


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"])
    return f"{place}: {problem['msg']}" if place else problem["msg"]
