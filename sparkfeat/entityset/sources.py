"""Where a table's rows are: in memory, in Parquet files, or behind a Spark DataFrame."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from sparkfeat.errors import MissingInputError, SparkfeatError, StorageError
from sparkfeat.storage.aws import problem_of_arrow
from sparkfeat.storage.locations import is_s3
from sparkfeat.storage.manifest import MANIFEST, Manifest, find_record
from sparkfeat.storage.store import Store, open_store

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SAMPLE_ROWS = 10_000
"""Rows read to infer the logical type of text columns where the schema does not decide."""
FOOTERS_AT_ONCE = 16


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
    """Rows in Parquet: one file, a folder of files, Hive-style partitions, or a published matrix.

    `uri` is as the user gave it, `root` the folder that Hive-style partitions start from; `dataset` are the
    data files found when the table was added, `sizes` their bytes by path.
    """

    uri: str
    root: str
    dataset: ds.FileSystemDataset
    sizes: Mapping[str, int]

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of the data files, or their URIs on S3, sorted."""
        return tuple(sorted(self.sizes))

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

    @cached_property
    def fragments(self) -> tuple[ds.ParquetFileFragment, ...]:
        """The files one by one, their footers read: on S3 many at a time, as each takes a while."""
        found = tuple(self.dataset.get_fragments())
        with ThreadPoolExecutor(max_workers=FOOTERS_AT_ONCE) as workers:
            list(workers.map(_footer, found))
        return found

    def footers(self) -> list[pq.FileMetaData]:
        """Return what the files say of themselves at their ends: rows, sizes, least and greatest values.

        Raises:
            StorageError: a file is no Parquet.
        """
        return [fragment.metadata for fragment in self.fragments]

    def rows_of_files(self) -> dict[str, int]:
        """Return how many rows each file has, by its path or URI."""
        scheme = "s3://" if is_s3(self.root) else ""
        return {f"{scheme}{one.path}": one.metadata.num_rows for one in self.fragments}

    def columns_without_nulls(self) -> frozenset[str]:
        """Return the columns whose footers count no null; what the footers leave open is left out."""
        missing: set[str] = set()
        for fragment in self.fragments:
            missing |= _columns_with_nulls(fragment.metadata)
            # A folder name tells one value for all rows of its files.
            folders = ds.get_partition_keys(fragment.partition_expression)
            missing |= {name for name, value in folders.items() if value is None}
        return frozenset(self.schema.names) - missing


def _footer(fragment: ds.ParquetFileFragment) -> pq.FileMetaData:
    try:
        return fragment.metadata
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(fragment.path, error) from error


def _unreadable(place: str, error: Exception) -> SparkfeatError:
    refused = problem_of_arrow(str(error), "read", place)
    if refused is not None:
        return refused
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
    """Open Parquet at a local path, a `file://` or an `s3://` URI: a file or a folder.

    Of a folder that `sparkfeat compute` has published to, the files of the visible run are read.

    Raises:
        MissingInputError: nothing there.
        StorageError: not readable as Parquet.
        EnvironmentProblem, ConfigError, ServiceError: S3 does not let it be read.
        UnsupportedError: another scheme.
    """
    store = open_store(uri, doing="read Parquet from")
    file = store.facts("")
    if file is not None:
        return _opened(uri, store, {"": file.bytes}, None)
    manifest = find_record(store, MANIFEST, Manifest)
    found = _data_files(store) if manifest is None else {one.path: one.bytes for one in manifest.files}
    if not found:
        raise _nothing(uri, store)
    return _opened(uri, store, found, store.arrow_path() if manifest is None else None)


def _nothing(uri: str | Path, store: Store) -> MissingInputError:
    if store.is_folder():
        hint = "Give a Parquet file or a folder of them"
        return MissingInputError("The folder holds no .parquet file", where=str(uri), hint=hint)
    return MissingInputError(
        "No such file or folder", where=str(uri), hint="Check the path of the Parquet data"
    )


def _opened(uri: str | Path, store: Store, sizes: dict[str, int], partitions: str | None) -> ParquetSource:
    """Open files of a store; `partitions` is the folder that Hive-style partitions start from."""
    options = ds.FileSystemFactoryOptions()
    if partitions is not None:
        options.partition_base_dir = partitions
        options.partitioning_factory = ds.partitioning(flavor="hive")
    try:
        # pyarrow's own listing would take files of every kind for Parquet.
        files = [store.arrow_path(name) for name in sizes]
        parquet = ds.ParquetFileFormat()
        dataset = ds.FileSystemDatasetFactory(store.filesystem, files, parquet, options).finish()
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(str(uri), error) from error
    paths = {store.path(name): size for name, size in sizes.items()}
    return ParquetSource(str(uri), store.root, dataset, paths)


def _data_files(store: Store) -> dict[str, int]:
    return {
        name: size
        for name, size in store.files().items()
        if name.endswith(".parquet") and not _hidden(PurePosixPath(name))
    }


def _hidden(path: PurePosixPath) -> bool:
    return any(part.startswith(("_", ".")) for part in path.parts)
