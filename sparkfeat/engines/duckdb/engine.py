"""The embedded engine: DuckDB in this process."""

from __future__ import annotations

import shutil
import tempfile
import threading

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from sparkfeat.engines.computation import Computation
from sparkfeat.engines.duckdb.tables import register
from sparkfeat.entityset import ArrowSource, SparkSource, Table
from sparkfeat.errors import EngineError, EnvironmentProblem
from sparkfeat.plan.nodes import CUTOFFS

BATCH_ROWS = 50_000
_POLL_SECONDS = 0.1

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
    """An open database with the tables of a computation."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def stream(self, query: str, progress: Progress | None = None) -> pa.RecordBatchReader:
        """Run a query; the result comes in batches.

        Raises:
            EngineError: DuckDB fails.
            EnvironmentProblem: no memory or no disk space is left.
        """
        with _translated(query):
            relation = _watched(self._connection, query, progress)
            return relation.to_arrow_reader(BATCH_ROWS)

    def table(self, query: str, progress: Progress | None = None) -> pa.Table:
        """Run a query and return the whole result."""
        with _translated(query):
            return self.stream(query, progress).read_all()


@contextmanager
def open_session(tables: Sequence[Table], options: DuckDBOptions) -> Iterator[Session]:
    """Open a database in memory in which `tables` can be read by name; it spills to a folder of its own."""
    scratch = Path(tempfile.mkdtemp(prefix="sparkfeat-", dir=options.temp_directory))
    try:
        connection = duckdb.connect(config=_config(options, scratch))
        try:
            for table in tables:
                register(connection, table, scratch)
            yield Session(connection)
        finally:
            connection.close()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def open_computation(computation: Computation, options: DuckDBOptions) -> Iterator[Session]:
    """Open a database with a computation's tables and cutoff rows."""
    with open_session(computation.tables, options) as session:
        source = computation.cutoffs.source
        if source is not None:
            session._connection.register(CUTOFFS, _in_memory(source))
        yield session


def _in_memory(source: ArrowSource | SparkSource) -> pa.Table:
    """Return cutoff rows as Arrow; those of a Spark DataFrame are collected, one row per matrix row."""
    if isinstance(source, ArrowSource):
        return source.table
    rows = pa.Table.from_pandas(source.frame.toPandas(), preserve_index=False)
    return rows.append_column("__position", pa.array(range(rows.num_rows), pa.int64()))


def _config(options: DuckDBOptions, scratch: Path) -> dict[str, str | int]:
    config: dict[str, str | int] = {"temp_directory": str(scratch / "spill")}
    if options.memory_limit is not None:
        config["memory_limit"] = options.memory_limit
    if options.threads is not None:
        config["threads"] = options.threads
    return config


def _watched(
    connection: duckdb.DuckDBPyConnection, query: str, progress: Progress | None
) -> duckdb.DuckDBPyConnection:
    """Run a query in a thread, so that Ctrl-C stops it at once and its progress can be told."""
    failures: list[BaseException] = []
    worker = threading.Thread(target=_run, args=(connection, query, failures), daemon=True)
    worker.start()
    try:
        while worker.is_alive():
            worker.join(_POLL_SECONDS)
            if progress is not None:
                progress(max(connection.query_progress(), 0.0) / 100)
    except BaseException:
        connection.interrupt()
        worker.join()
        raise
    if failures:
        raise failures[0]
    return connection


def _run(connection: duckdb.DuckDBPyConnection, query: str, failures: list[BaseException]) -> None:
    try:
        connection.execute(query)
    except BaseException as error:  # noqa: BLE001 - raised again by the thread that waits
        failures.append(error)


@contextmanager
def _translated(query: str) -> Iterator[None]:
    """Turn DuckDB's errors into sparkfeat's."""
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise EnvironmentProblem(
            "DuckDB ran out of memory or disk space, or could not read a file",
            why=str(error).splitlines()[0],
            hint="Raise memory_limit, or give a temp_directory with more space",
        ) from error
    except duckdb.Error as error:
        raise EngineError("DuckDB cannot run the query", why=str(error).splitlines()[0]) from error
