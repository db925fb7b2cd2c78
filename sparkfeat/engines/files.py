"""Matrix rows written to Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sparkfeat.engines.layout import Layout, renamed
from sparkfeat.errors import OutputExistsError, StorageError

ROWS_A_FILE = 2_000_000


def new_folder(path: str | Path) -> Path:
    """Make the folder to write to, or take an empty one.

    Raises:
        OutputExistsError: there is something in it.
        StorageError: it cannot be made or written to.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise OutputExistsError(
                "The output folder is not empty",
                where=str(folder),
                hint="Choose another, or delete its files",
            )
    except OSError as error:
        raise StorageError("Cannot write to the output folder", where=str(folder), why=str(error)) from error
    return folder


def write_files(tables: Iterator[pa.Table], layout: Layout, folder: Path, *, time: bool) -> list[Path]:
    """Write tables of columns by alias as Parquet files of the matrix's columns; returns the files.

    A file is closed after ROWS_A_FILE rows, so that readers can share the work.
    """
    files: list[Path] = []
    writer: pq.ParquetWriter | None = None
    written = 0
    try:
        for rows in tables:
            table = renamed(rows, layout, time=time)
            if writer is None or written >= ROWS_A_FILE:
                _close(writer)
                files.append(folder / f"part-{len(files):05d}.parquet")
                writer, written = _writer(files[-1], table.schema), 0
            # The first table may be there for its schema alone: it would be a row group without rows.
            if table.num_rows:
                writer.write_table(table)
            written += table.num_rows
    except OSError as error:
        raise StorageError("Cannot write the feature matrix", where=str(folder), why=str(error)) from error
    finally:
        _close(writer)
    return files


def _writer(file: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Open a file; floats get no dictionary, which takes longer than to write them and saves nothing."""
    repeating = [field.name for field in schema if not pa.types.is_floating(field.type)]
    return pq.ParquetWriter(file, schema, use_dictionary=repeating)


def _close(writer: pq.ParquetWriter | None) -> None:
    if writer is not None:
        writer.close()
