"""Matrix rows written to Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sparkfeat.engines.layout import Layout, renamed
from sparkfeat.errors import OutputExistsError
from sparkfeat.storage.base import Sink
from sparkfeat.storage.store import Store, open_store

ROWS_A_FILE = 2_000_000


@dataclass(frozen=True)
class Written:
    """A Parquet file of a matrix: its name in the folder, and its SHA-256 where that is known."""

    name: str
    sha256: str | None = None


def new_folder(uri: str | Path) -> Store:
    """Make the folder to write to, or take an empty one; on S3 nothing has to be made.

    Raises:
        OutputExistsError: there is something in it.
        StorageError: it cannot be made or written to.
    """
    store = open_store(uri)
    store.make_folder("")
    if not store.is_empty():
        raise OutputExistsError(
            "The output folder is not empty",
            where=store.root,
            hint="Choose another, or delete its files",
        )
    return store


def write_files(tables: Iterator[pa.Table], layout: Layout, folder: Store, *, time: bool) -> list[Written]:
    """Write tables of columns by alias as Parquet files of the matrix's columns; returns the files.

    A file is closed after ROWS_A_FILE rows, so that readers can share the work.
    """
    named = (renamed(rows, layout, time=time) for rows in tables)
    files: list[Written] = []
    table = next(named, None)
    while table is not None:
        name = f"part-{len(files):05d}.parquet"
        with folder.writer(name) as sink:
            table = _write_file(sink, table, named)
        files.append(Written(name, sink.sha256))
    return files


def _write_file(sink: Sink, table: pa.Table, more: Iterator[pa.Table]) -> pa.Table | None:
    """Fill one file, and return the table that the next one begins with."""
    written = 0
    following: pa.Table | None = table
    with _writer(sink, table.schema) as writer:
        while following is not None and written < ROWS_A_FILE:
            # The first table may be there for its schema alone: it would be a row group without rows.
            if following.num_rows:
                writer.write_table(following)
            written += following.num_rows
            following = next(more, None)
    return following


def _writer(sink: Sink, schema: pa.Schema) -> pq.ParquetWriter:
    """Begin a file; floats get no dictionary, which takes longer than to write them and saves nothing."""
    repeating = [field.name for field in schema if not pa.types.is_floating(field.type)]
    return pq.ParquetWriter(sink, schema, use_dictionary=repeating)
