"""Where a table's rows are: in memory, in Parquet files, or behind a Spark DataFrame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.request import url2pathname

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from sparkfeat.errors import MissingInputError, StorageError, UnsupportedError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SAMPLE_ROWS = 10_000
"""Rows read to infer the logical type of text columns where the schema does not decide."""


class Source(Protocol):
    """A place that holds a table's rows.

    Engines tell sources apart by class: ArrowSource, ParquetSource, SparkSource.
    """

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the stored columns."""
        ...

    @property
    def row_count(self) -> int | None:
        """How many rows there are, where that takes no reading of them."""
        ...

    def sample(self, columns: list[str]) -> pa.Table:
        """Return at most SAMPLE_ROWS rows of `columns`."""
        ...

    def describe(self) -> str:
        """Say in a few words where the rows are."""
        ...


@dataclass(frozen=True, eq=False)
class ArrowSource:
    """Rows in this process, as canonical Arrow values; the row order is data."""

    table: pa.Table

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the rows."""
        return self.table.schema

    def sample(self, columns: list[str]) -> pa.Table:
        """Return the first rows."""
        return self.table.select(columns).slice(0, SAMPLE_ROWS)

    @property
    def row_count(self) -> int:
        """How many rows are in memory."""
        return int(self.table.num_rows)

    def describe(self) -> str:
        """Say how many rows are in memory."""
        return f"{self.table.num_rows:,} rows in memory"


@dataclass(frozen=True, eq=False)
class ParquetSource:
    """Rows in Parquet: one file, a folder of files, or Hive-style partitions.

    `uri` is as the user gave it; `files` are the data files found when the table was added.
    """

    uri: str
    dataset: ds.FileSystemDataset

    @property
    def root(self) -> str:
        """Folder that Hive-style partitions start from."""
        return str(_local_path(self.uri))

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of the data files, sorted."""
        return tuple(sorted(self.dataset.files))

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the dataset, partition columns included."""
        return self.dataset.schema

    def sample(self, columns: list[str]) -> pa.Table:
        """Return the first rows of the first files."""
        return self.dataset.head(SAMPLE_ROWS, columns=columns)

    def describe(self) -> str:
        """Say which files."""
        return f"Parquet {self.uri} ({len(self.files)} file{'s' if len(self.files) != 1 else ''})"

    @property
    def row_count(self) -> int:
        """How many rows the footers count."""
        return sum(footer.num_rows for footer in self.footers())

    def footers(self) -> list[pq.FileMetaData]:
        """Return what the files say of themselves at their ends: rows, sizes, least and greatest values.

        Raises:
            StorageError: a file is no Parquet.
        """
        return [_footer(fragment) for fragment in self.dataset.get_fragments()]

    def columns_without_nulls(self) -> frozenset[str]:
        """Return the columns whose footers count no null; what the footers leave open is left out."""
        missing: set[str] = set()
        for fragment in self.dataset.get_fragments():
            missing |= _columns_with_nulls(_footer(fragment))
            # A folder name tells one value for all rows of its files.
            folders = ds.get_partition_keys(fragment.partition_expression)
            missing |= {name for name, value in folders.items() if value is None}
        return frozenset(self.schema.names) - missing


def _footer(fragment: ds.ParquetFileFragment) -> pq.FileMetaData:
    try:
        return fragment.metadata
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(fragment.path, error) from error


def _unreadable(place: str, error: Exception) -> StorageError:
    return StorageError(
        "Cannot be read as Parquet",
        where=place,
        why=str(error),
        hint="Check that the files are complete",
    )


def _columns_with_nulls(metadata: pq.FileMetaData) -> set[str]:
    found: set[str] = set()
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for position in range(group.num_columns):
            chunk = group.column(position)
            statistics = chunk.statistics
            if statistics is None or not statistics.has_null_count or statistics.null_count:
                found |= _beginnings(chunk.path_in_schema)
    return found


def _beginnings(path: str) -> set[str]:
    """Return what may be the column of a path: a dot may be in its name, or lead into a struct."""
    parts = path.split(".")
    return {".".join(parts[: count + 1]) for count in range(len(parts))}


@dataclass(frozen=True, eq=False)
class SparkSource:
    """Rows behind a Spark DataFrame; they have no order of their own."""

    frame: DataFrame

    @property
    def schema(self) -> pa.Schema:
        """Arrow form of the DataFrame's schema."""
        from pyspark.sql.pandas.types import to_arrow_schema

        return to_arrow_schema(self.frame.schema)

    def sample(self, columns: list[str]) -> pa.Table:
        """Return some rows; runs a small Spark job."""
        rows = self.frame.select(*map(spark_name, columns)).limit(SAMPLE_ROWS).collect()
        return pa.table({name: [row[at] for row in rows] for at, name in enumerate(columns)})

    @property
    def row_count(self) -> None:
        """Unknown until they are counted."""
        return None

    def describe(self) -> str:
        """Say that it is a Spark DataFrame."""
        return "Spark DataFrame"


def spark_name(name: str) -> str:
    """Quote a column's name as Spark reads it."""
    return "`" + name.replace("`", "``") + "`"


def hadoop_path(path: Path) -> str:
    """Return a local path as Hadoop reads it: what follows the scheme is taken as it is, "%" and "#" too."""
    return f"file://{path.absolute()}"


def parquet_source(uri: str | Path) -> ParquetSource:
    """Open a Parquet file or folder.

    Raises:
        MissingInputError: nothing there.
        StorageError: not readable as Parquet.
        UnsupportedError: a scheme other than a local path or file://.
    """
    path = _local_path(str(uri))
    if not path.exists():
        raise MissingInputError(
            "No such file or folder", where=str(uri), hint="Check the path of the Parquet data"
        )
    files = [str(path)] if path.is_file() else _data_files(path)
    if not files:
        raise MissingInputError(
            "The folder holds no .parquet file",
            where=str(uri),
            hint="Give a Parquet file or a folder of them",
        )
    try:
        return ParquetSource(str(uri), _open(path, files))
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(str(uri), error) from error


def _open(path: Path, files: list[str]) -> ds.FileSystemDataset:
    # pyarrow's own listing would take files of every kind for Parquet.
    if path.is_file():
        return ds.dataset(str(path), format="parquet")
    partitioning = ds.partitioning(flavor="hive")
    return ds.FileSystemDatasetFactory(
        pafs.LocalFileSystem(),
        files,
        ds.ParquetFileFormat(),
        ds.FileSystemFactoryOptions(partition_base_dir=str(path), partitioning=partitioning),
    ).finish()


def _data_files(folder: Path) -> list[str]:
    return [str(file) for file in sorted(folder.rglob("*.parquet")) if not _hidden(file.relative_to(folder))]


def _hidden(path: Path) -> bool:
    return any(part.startswith(("_", ".")) for part in path.parts)


def _local_path(uri: str) -> Path:
    scheme, separator, rest = uri.partition("://")
    if not separator:
        return Path(uri).expanduser().absolute()
    if scheme == "file":
        return Path(url2pathname(rest))
    raise UnsupportedError(
        f"Cannot read from '{scheme}://'",
        where=uri,
        why="This release reads Parquet from local paths",
        hint="Copy the data to a local folder, or pass a Spark DataFrame that reads it",
    )
