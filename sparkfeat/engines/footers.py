"""What the footers of Parquet files tell of a table: rows, sizes of columns, and the span of its times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow.parquet as pq

from sparkfeat.entityset import ArrowSource, ParquetSource, Table
from sparkfeat.errors import UnsupportedError

Span = tuple[float, float]
"""The least and the greatest time: seconds since 1970, or numbers as they are."""


@dataclass(frozen=True)
class Footer:
    """What is known of a table without reading its rows.

    `stored` is the size of each column as it is stored, in bytes a row; `times` the span of the time index,
    None where there is none or nobody wrote it down.
    """

    rows: int
    stored: dict[str, float]
    times: Span | None


def footer_of(table: Table) -> Footer:
    """Read the footers of a table's files; of rows in memory their number alone is known.

    Raises:
        StorageError: a file is no Parquet.
        UnsupportedError: a Spark DataFrame, whose rows nobody has counted.
    """
    source = table.source
    if isinstance(source, ArrowSource):
        return Footer(source.table.num_rows, {}, None)
    if not isinstance(source, ParquetSource):
        raise UnsupportedError(
            f"Nothing is known of the rows of '{table.name}' before they are read",
            why="They are behind a Spark DataFrame",
            hint="Write them to Parquet and give its path",
        )
    files = source.footers()
    rows = sum(file.num_rows for file in files)
    sizes: Counter[str] = Counter()
    for chunk in _chunks(files):
        # Below a column that is a list or struct its parts are named; a plain name may have dots too.
        path = chunk.path_in_schema
        sizes[path if path in source.schema.names else path.split(".")[0]] += chunk.total_compressed_size
    return Footer(rows, {name: size / max(rows, 1) for name, size in sizes.items()}, _times(files, table))


def as_number(time: Any) -> float:
    """Return a time as it is compared with others: its wall clock in seconds since 1970, or the number."""
    if isinstance(time, datetime):
        return (time.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()
    if isinstance(time, date):
        return as_number(datetime(time.year, time.month, time.day))
    return float(time)


def _chunks(files: list[pq.FileMetaData]) -> Iterator[pq.ColumnChunkMetaData]:
    for file in files:
        for number in range(file.num_row_groups):
            group = file.row_group(number)
            yield from map(group.column, range(group.num_columns))


def _times(files: list[pq.FileMetaData], table: Table) -> Span | None:
    found = [chunk.statistics for chunk in _chunks(files) if chunk.path_in_schema == table.time_index]
    if not found or not all(one is not None and one.has_min_max for one in found):
        return None
    if isinstance(found[0].min, str):  # times stored as text sort by other rules
        return None
    return min(as_number(one.min) for one in found), max(as_number(one.max) for one in found)
