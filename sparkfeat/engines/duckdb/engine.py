"""The embedded engine: DuckDB in this process."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa
from sqlglot import exp

from sparkfeat.engines.computation import Computation
from sparkfeat.engines.duckdb.tables import register
from sparkfeat.entityset import ArrowSource, ParquetSource, SparkSource, Table
from sparkfeat.errors import EngineError, EnvironmentProblem, SparkfeatError, StorageError, UserInputError
from sparkfeat.plan.nodes import CUTOFFS
from sparkfeat.storage.aws import problem_of_arrow
from sparkfeat.storage.locations import is_s3

T = TypeVar("T")

BATCH_ROWS = 50_000
_POLL_SECONDS = 0.1
_OF_PYTHON = re.compile(
    r"^Traceback \(most.*?^\w*(?:Error|Exception): (?P<why>[^\n]*)", re.DOTALL | re.MULTILINE
)
"""What the reader of S3, the only Python that DuckDB calls, ended with."""
_SLOW_ON_WIDE_PLANS = frozenset({"projection_placement"})

Progress = Callable[[float], None]
"""Called with the share done, 0 to 1."""


@dataclass(frozen=True)
class DuckDBOptions:
    """What DuckDB may use.

    `memory_limit`: such as "8GB"; default 80 percent of the machine's. `threads`: default all cores.
    `temp_directory`: where it spills what does not fit; default the system's folder for such files.
    """

    memory_limit: str | None = None
    threads: int | None = None
    temp_directory: str | None = None


class Session:
    """An open database with the tables of a computation, and a folder for what is to be written down."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, scratch: Path) -> None:
        self._connection = connection
        self._scratch = scratch

    def stream(self, query: str, progress: Progress | None = None) -> Iterator[pa.RecordBatch]:
        """Run a query and yield the result in batches, an empty one first that tells the schema.

        Raises:
            EngineError: DuckDB fails.
            EnvironmentProblem: no memory or no disk space is left.
        """
        with _translated(), ThreadPoolExecutor(max_workers=1) as worker:
            reader = self._wait(worker.submit(self._reader, query), progress)
            yield _empty(reader.schema)
            while (batch := self._wait(worker.submit(next, reader, None), progress)) is not None:
                yield batch

    def keep(self, name: str, query: str, progress: Progress | None = None) -> None:
        """Run a query and keep its rows in their order under a name; they spill where memory is short.

        Raises:
            EngineError: DuckDB fails.
            EnvironmentProblem: no memory or no disk space is left.
        """
        kept = f"CREATE TEMP TABLE {exp.to_identifier(name, quoted=True).sql(dialect='duckdb')} AS {query}"
        with _translated(), ThreadPoolExecutor(max_workers=1) as worker:
            self._wait(worker.submit(self._connection.execute, kept), progress)

    @contextmanager
    def profiling(self, told: Callable[[dict[str, Any]], None]) -> Iterator[None]:
        """Give `told` DuckDB's profile of the query that the block runs, at the end of it."""
        file = self._scratch / "profile.json"
        path = exp.Literal.string(str(file)).sql(dialect="duckdb")
        with _translated():
            self._connection.execute("SET enable_profiling = 'json'")
            self._connection.execute(f"SET profiling_output = {path}")
        try:
            yield
        finally:
            self._connection.execute("PRAGMA disable_profiling")
        told(json.loads(file.read_text()))

    def table(self, query: str, progress: Progress | None = None) -> pa.Table:
        """Run a query and return the whole result."""
        return pa.Table.from_batches(self.stream(query, progress))

    def register(self, name: str, rows: pa.Table) -> None:
        """Make rows in memory readable under a name."""
        self._connection.register(name, rows)

    @contextmanager
    def beside(self, tables: Sequence[Table]) -> Iterator[Session]:
        """Open a second connection to the same tables, for a query that runs at the same time."""
        cursor = self._connection.cursor()
        try:
            for table in tables:
                if isinstance(table.source, ArrowSource):
                    cursor.register(table.name, table.source.table)
            yield Session(cursor, self._scratch)
        finally:
            cursor.close()

    def interrupt(self) -> None:
        """Stop what runs."""
        self._connection.interrupt()

    def _reader(self, query: str) -> pa.RecordBatchReader:
        return self._connection.sql(query).to_arrow_reader(BATCH_ROWS)

    def _wait(self, result: Future[T], progress: Progress | None) -> T:
        """Wait for DuckDB's thread, so that Ctrl-C stops the query at once and its progress can be told."""
        while True:
            try:
                return result.result(timeout=_POLL_SECONDS)
            except TimeoutError:
                if progress is not None:
                    progress(max(self._connection.query_progress(), 0.0) / 100)
            except BaseException:
                self._connection.interrupt()
                raise


def _empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)


@contextmanager
def open_session(tables: Sequence[Table], options: DuckDBOptions) -> Iterator[Session]:
    """Open a database in memory in which `tables` can be read by name; it spills to a folder of its own."""
    scratch = _scratch(options)
    try:
        connection = _connect(options, scratch)
        try:
            with _translated():
                _leave_out_optimizers(connection)
                _open_s3(connection, tables)
                for table in tables:
                    register(connection, table, scratch)
            yield Session(connection, scratch)
        finally:
            connection.close()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _scratch(options: DuckDBOptions) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="sparkfeat-", dir=options.temp_directory))
    except OSError as error:
        raise EnvironmentProblem(
            "Cannot write to temp_directory",
            where=str(options.temp_directory or tempfile.gettempdir()),
            why=str(error),
            hint="Give a folder that exists and can be written to",
        ) from error


def _connect(options: DuckDBOptions, scratch: Path) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(config=_config(options, scratch))
    except duckdb.Error as error:
        raise UserInputError(
            "DuckDB does not take its options", where=str(options), why=str(error).splitlines()[0]
        ) from error


def _open_s3(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> None:
    """Let DuckDB read the tables that lie on S3."""
    sources = [table.source for table in tables if isinstance(table.source, ParquetSource)]
    sizes = {uri: size for one in sources if is_s3(one.root) for uri, size in one.sizes.items()}
    if not sizes:
        return
    try:
        from sparkfeat.engines.duckdb.s3 import S3Files
    except ImportError as error:
        hint = "pip install 'sparkfeat[aws]'"
        raise EnvironmentProblem("fsspec is not installed", where=next(iter(sizes)), hint=hint) from error
    connection.register_filesystem(S3Files(sizes))


def _leave_out_optimizers(connection: duckdb.DuckDBPyConnection) -> None:
    """Turn off steps of DuckDB's optimizer that take long on wide plans: see benchmarks/planning.py."""
    known = {name for (name,) in connection.execute("SELECT name FROM duckdb_optimizers()").fetchall()}
    chosen = ",".join(sorted(known & _SLOW_ON_WIDE_PLANS))
    connection.execute(f"SET disabled_optimizers = '{chosen}'")


@contextmanager
def open_computation(computation: Computation, options: DuckDBOptions) -> Iterator[Session]:
    """Open a database with a computation's tables and cutoff rows."""
    with open_session(computation.tables, options) as session:
        source = computation.cutoffs.source
        if source is not None:
            session.register(CUTOFFS, _in_memory(source))
        yield session


def _in_memory(source: ArrowSource | SparkSource) -> pa.Table:
    """Return cutoff rows as Arrow; those of a Spark DataFrame are collected, one row per matrix row."""
    if isinstance(source, ArrowSource):
        return source.table
    rows = pa.Table.from_pandas(source.frame.toPandas(), preserve_index=False)
    return rows.append_column("__position", pa.array(range(rows.num_rows), pa.int64()))


def _config(options: DuckDBOptions, scratch: Path) -> dict[str, Any]:
    config: dict[str, Any] = {"temp_directory": str(scratch / "spill")}
    if options.memory_limit is not None:
        config["memory_limit"] = options.memory_limit
    if options.threads is not None:
        config["threads"] = options.threads
    return config


@contextmanager
def _translated() -> Iterator[None]:
    """Turn DuckDB's errors into sparkfeat's."""
    try:
        yield
    except duckdb.Error as error:
        raise _problem(error) from error


def _problem(error: duckdb.Error) -> SparkfeatError:
    refused = problem_of_arrow(str(error), "read from S3", "")
    if refused is not None:
        return refused
    if (told := _OF_PYTHON.search(str(error))) is not None:
        return StorageError("Cannot read from S3", why=told["why"])
    if isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException):
        return EnvironmentProblem(
            "DuckDB ran out of memory or disk space, or could not read a file",
            why=str(error).splitlines()[0],
            hint="Raise memory_limit, or give a temp_directory with more space",
        )
    return EngineError("DuckDB cannot run the query", why=str(error).splitlines()[0])
