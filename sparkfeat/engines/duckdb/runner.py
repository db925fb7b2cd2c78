"""A computation run by DuckDB, and by Featuretools in this process where SQL does not reach."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlglot import exp

from sparkfeat.engines.check import Report, check_once
from sparkfeat.engines.computation import Computation
from sparkfeat.engines.duckdb.engine import DuckDBOptions, Progress, Session, open_computation
from sparkfeat.engines.fallback import fallback_columns
from sparkfeat.engines.files import write_files
from sparkfeat.engines.layout import Layout
from sparkfeat.entityset import POSITION, Table
from sparkfeat.sql import DIALECTS
from sparkfeat.sql.expressions import column, relation, sort_keys


class DuckDBRunner:
    """Runs one computation in this process.

    Args:
        computation: what to compute.
        layout: the matrix's columns.
        options: what DuckDB may use.
        report: called with what the check of the rows found, once for an EntitySet.
    """

    def __init__(
        self, computation: Computation, layout: Layout, options: DuckDBOptions, report: Report
    ) -> None:
        self._computation = computation
        self._layout = layout
        self._options = options
        self._report = report

    def arrow(self, progress: Progress | None = None) -> pa.Table:
        """Return instance_id, time where rows have one, and the matrix's columns by alias, rows in order."""
        with self._session() as (session, query):
            return self._table(session, query, progress)

    def write_parquet(self, folder: Path, *, time: bool, progress: Progress | None = None) -> list[Path]:
        """Write the matrix to Parquet files in a folder, as a stream where nothing falls back."""
        with self._session() as (session, query):
            if self._computation.fallback:
                rows = self._table(session, query, progress)
                return write_files(iter([rows]), self._layout, folder, time=time)
            batches = (pa.Table.from_batches([batch]) for batch in session.stream(query, progress))
            return write_files(batches, self._layout, folder, time=time)

    @contextmanager
    def _session(self) -> Iterator[tuple[Session, str]]:
        """Open the tables and write the query, while DuckDB checks the rows."""
        with open_computation(self._computation, self._options) as session:
            with ThreadPoolExecutor(max_workers=1) as worker:
                run = partial(_dicts, session)
                checked = worker.submit(check_once, self._computation, run, self._report)
                try:
                    query = self._query()
                    checked.result()
                except BaseException:
                    session.interrupt()
                    raise
            yield session, query

    def _query(self) -> str:
        return self._computation.lowered("duckdb").query().sql(dialect="duckdb", copy=False)

    def _table(self, session: Session, query: str, progress: Progress | None) -> pa.Table:
        rows = session.table(query, progress)
        if not self._computation.fallback:
            return rows
        extra = fallback_columns(
            self._computation, self._layout, rows, lambda table: _in_order(session, table)
        )
        for alias, values in extra.items():
            rows = rows.append_column(alias, values)
        return rows


def _dicts(session: Session, query: exp.Expr) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.table(query.sql(dialect="duckdb")).to_pylist()
    return found


def _in_order(session: Session, table: Table) -> pa.Table:
    names = [*table.column_names, *(name for name in table.order if name == POSITION)]
    select = exp.select(*(column(name, "r") for name in names)).from_(relation(table.name, "r"))
    order = sort_keys([column(name, "r") for name in table.order], DIALECTS["duckdb"])
    return session.table(select.order_by(*order).sql(dialect="duckdb"))
