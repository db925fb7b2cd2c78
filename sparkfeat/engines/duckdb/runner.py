"""A computation run by DuckDB, and by Featuretools in this process where SQL does not reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from itertools import chain, islice, takewhile
from typing import Any

import pyarrow as pa
from sqlglot import exp

from sparkfeat.engines.check import DataReport, Report, Run, check_once
from sparkfeat.engines.computation import Computation
from sparkfeat.engines.duckdb.blocks import blocks_of, name_of, side_by_side
from sparkfeat.engines.duckdb.engine import DuckDBOptions, Progress, Session, open_computation
from sparkfeat.engines.duckdb.profile import steps_of
from sparkfeat.engines.fallback import fallback_columns
from sparkfeat.engines.files import Written, write_files
from sparkfeat.engines.layout import Layout
from sparkfeat.engines.profile import Profile, timed
from sparkfeat.entityset import POSITION, Table
from sparkfeat.errors import EngineError
from sparkfeat.sql import DIALECTS, Lowered
from sparkfeat.sql.expressions import column, relation, sort_keys
from sparkfeat.storage.store import Store

ROWS_KEPT = 20_000_000
"""Of so many rows a second pass over some groups reads those that are kept; larger tables are read again.

Rows that are kept have to be written to disk where they do not fit into memory.
"""


class DuckDBRunner:
    """Runs one computation in this process.

    Args:
        computation: what to compute.
        layout: the matrix's columns.
        options: what DuckDB may use.
        report: called with what the check of the rows found, once for an EntitySet.
        profile: where the steps are recorded. Default: nowhere.
    """

    def __init__(
        self,
        computation: Computation,
        layout: Layout,
        options: DuckDBOptions,
        report: Report,
        profile: Profile | None = None,
    ) -> None:
        self._computation = computation
        self._layout = layout
        self._options = options
        self._report = report
        self._profile = profile

    def arrow(self, progress: Progress | None = None) -> pa.Table:
        """Return instance_id, time where rows have one, and the matrix's columns by alias, rows in order."""
        with self._result(progress) as (session, batches):
            return self._with_fallback(session, pa.Table.from_batches(batches))

    def write_parquet(self, folder: Store, *, time: bool, progress: Progress | None = None) -> list[Written]:
        """Write the matrix to Parquet files in a folder, as a stream where nothing falls back."""
        with self._result(progress) as (session, batches):
            if self._computation.fallback:
                rows = self._with_fallback(session, pa.Table.from_batches(batches))
                return write_files(iter([rows]), self._layout, folder, time=time)
            tables = (pa.Table.from_batches([batch]) for batch in batches)
            return write_files(tables, self._layout, folder, time=time)

    @contextmanager
    def _result(self, progress: Progress | None) -> Iterator[tuple[Session, Iterator[pa.RecordBatch]]]:
        """Run the query, and check the rows beside it; what the query finds is given out after the check."""
        with (
            open_computation(self._computation, self._options) as session,
            session.beside(self._computation.tables) as checking,
            ThreadPoolExecutor(max_workers=1) as worker,
        ):
            checked = worker.submit(self._check, partial(_dicts, checking))
            try:
                batches = self._stream(session, progress)
                begun = _first(batches, checked)
                yield session, chain(begun, batches)
            except BaseException:
                checking.interrupt()
                raise

    def _check(self, run: Run) -> DataReport:
        with timed(self._profile, "check", "duckdb", "the rows checked, beside the query") as rows:
            found = check_once(self._computation, run, self._report, "duckdb")
            rows.count = sum(table.rows for table in found.tables)
        return found

    def _stream(self, session: Session, progress: Progress | None) -> Iterator[pa.RecordBatch]:
        blocks = blocks_of(self._computation)
        if len(blocks) > 1:
            yield from self._in_blocks(session, blocks, progress)
            return
        lowered, query = self._written(self._computation)
        with self._profiling(session, lowered):
            yield from session.stream(query, progress)

    def _in_blocks(
        self, session: Session, blocks: Sequence[Computation], progress: Progress | None
    ) -> Iterator[pa.RecordBatch]:
        """Compute the blocks one after the other; the next one's query is made while DuckDB runs one."""
        names = [self._computation.aliases(block, "p") for block in blocks]
        with ThreadPoolExecutor(max_workers=1) as writer:
            following = writer.submit(self._written, blocks[0], names[0])
            for number in range(len(blocks)):
                lowered, query = following.result()
                if number + 1 < len(blocks):
                    following = writer.submit(self._written, blocks[number + 1], names[number + 1])
                with self._profiling(session, lowered):
                    session.keep(name_of(number), query, _part(progress, number, len(blocks)))
        features = [list(takewhile(lambda name: name.startswith("f"), found)) for found in names]
        yield from session.stream(side_by_side(features))

    def _written(self, part: Computation, names: Sequence[str] | None = None) -> tuple[Lowered, str]:
        """Return a part of the computation, or all of it, as SQL."""
        with timed(self._profile, "sql", "duckdb", "the plan written as SQL"):
            large = (part.known_rows or 0) > ROWS_KEPT
            lowered = part.lowered("duckdb", names, reread=large)
            return lowered, lowered.text()

    def _profiling(self, session: Session, lowered: Lowered) -> AbstractContextManager[None]:
        profile = self._profile
        if profile is None:
            return nullcontext()
        return session.profiling(lambda found: profile.steps.extend(steps_of(found, lowered)))

    def _with_fallback(self, session: Session, rows: pa.Table) -> pa.Table:
        if not self._computation.fallback:
            return rows
        extra = fallback_columns(
            self._computation, self._layout, rows, lambda table: _in_order(session, table), self._profile
        )
        for alias, values in extra.items():
            rows = rows.append_column(alias, values)
        return rows


def _part(progress: Progress | None, number: int, count: int) -> Progress | None:
    """Return the progress of one block of several."""
    return None if progress is None else lambda share: progress((number + share) / count)


def _first(batches: Iterator[pa.RecordBatch], checked: Future[DataReport]) -> list[pa.RecordBatch]:
    """Wait for the schema, the first rows and the check; a fault in the rows explains why a query fails."""
    try:
        begun = list(islice(batches, 2))
    except EngineError:
        checked.result()
        raise
    checked.result()
    return begun


def _dicts(session: Session, query: exp.Expr) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.table(query.sql(dialect="duckdb")).to_pylist()
    return found


def _in_order(session: Session, table: Table) -> pa.Table:
    names = [*table.column_names, *(name for name in table.order if name == POSITION)]
    select = exp.select(*(column(name, "r") for name in names)).from_(relation(table.name, "r"))
    order = sort_keys([column(name, "r") for name in table.order], DIALECTS["duckdb"])
    return session.table(select.order_by(*order).sql(dialect="duckdb"))
