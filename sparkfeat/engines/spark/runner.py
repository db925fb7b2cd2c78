"""A computation run by Spark: SQL where there is one, Featuretools in Python workers where not."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from sparkfeat.engines.check import DataReport, Report, check_once
from sparkfeat.engines.computation import Computation
from sparkfeat.engines.fallback import (
    FEATURETOOLS,
    fallback_aliases,
    featuretools_arguments,
    gap_of,
    what_is_left,
)
from sparkfeat.engines.featuretools import compute_spark
from sparkfeat.engines.files import Written
from sparkfeat.engines.layout import Layout
from sparkfeat.engines.profile import MATRIX, Profile, Rows, timed
from sparkfeat.engines.spark.engine import Views, collect
from sparkfeat.engines.spark.parquet import write_parquet
from sparkfeat.engines.spark.s3 import check_writable
from sparkfeat.engines.windows import Asked
from sparkfeat.plan import TimeRule
from sparkfeat.plan.nodes import CUTOFF_TIME, INSTANCE, ORDER
from sparkfeat.sql import DIALECTS
from sparkfeat.sql.expressions import column
from sparkfeat.storage.store import Store

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


ROWS_OF_RANGE = 1_000_000
"""Rows of a range of a table, on average, where windows over all of it are computed in ranges."""

RANGES_THAT_PAY = 4
"""Up to so many ranges, one task takes all rows: it has about half the work, though on one core."""


class SparkRunner:
    """Runs one computation in a Spark session.

    Args:
        computation: what to compute.
        layout: the matrix's columns.
        spark: the session.
        report: called with what the check of the rows found, once for an EntitySet.
        profile: where the steps are recorded. Default: nowhere.
        notes: where is written what the rows make the engine do. Default: nowhere.
    """

    def __init__(
        self,
        computation: Computation,
        layout: Layout,
        spark: SparkSession,
        report: Report,
        profile: Profile | None = None,
        notes: list[str] | None = None,
    ) -> None:
        self._computation = computation
        self._layout = layout
        self._spark = spark
        self._report = report
        self._profile = profile
        self._notes = [] if notes is None else notes

    def arrow(self) -> pa.Table:
        """Return instance_id, time where rows have one, and the matrix's columns by alias, rows in order."""
        try:
            frame = self.rows
            with self._last_step() as rows:
                found = collect(frame)
                rows.count = found.num_rows
            return _in_order(found)
        finally:
            self._views.release()

    def spark_frame(self, *, time: bool) -> DataFrame:
        """Return the matrix as a DataFrame: the index, `time` if asked for, the columns by name."""
        return self._named(self.rows, time=time)

    def write_parquet(self, folder: Store, *, time: bool) -> list[Written]:
        """Have Spark write the matrix to Parquet files in an empty folder.

        The rows of each file are in the matrix's order.
        """
        check_writable(self._spark, folder)
        try:
            frame = self._named(self._sorted(self.rows), time=time)
            with self._last_step() as rows:
                files = write_parquet(frame, folder)
                rows.count = None if self._profile is None else _rows_in(folder, files)
        finally:
            self._views.release()
        return files

    def _last_step(self) -> AbstractContextManager[Rows]:
        """Record the job that gives the matrix; what is cached when it begins is read from there."""
        return timed(self._profile, MATRIX, "spark", "the rest, in one job")

    def _named(self, rows: DataFrame, *, time: bool) -> DataFrame:
        aliases = [INSTANCE, *([CUTOFF_TIME] if time else []), *(c.alias for c in self._layout.columns)]
        names = [self._layout.index, *([CUTOFF_TIME] if time else []), *self._layout.names]
        return rows.select(*aliases).toDF(*names)

    def _sorted(self, rows: DataFrame) -> DataFrame:
        """Sort the rows of each task. A sort of all rows would compute them twice: once for a sample."""
        return rows.sortWithinPartitions(*_order_columns(rows.columns))

    @cached_property
    def _views(self) -> Views:
        return Views.of(self._spark, self._computation)

    @cached_property
    def rows(self) -> DataFrame:
        """The matrix's rows in no order, with columns by alias and those that they are to be sorted by.

        The tables' rows are checked first, a Spark job for each.
        """
        self.found = self._check()
        native = self._native()
        return self._with_fallback(native) if self._computation.fallback else native

    def _check(self) -> DataReport:
        with timed(self._profile, "check", "spark", "the rows checked") as rows:
            found = check_once(self._computation, self._dicts, self._report, "spark")
            rows.count = sum(table.rows for table in found.tables)
        return found

    def _native(self) -> DataFrame:
        """Return the rows with the features that have SQL."""
        return self._by_spark(self._computation)

    def _by_spark(
        self, computation: Computation, names: Sequence[str] | None = None, views: Views | None = None
    ) -> DataFrame:
        large = max(table.rows for table in self.found.tables) > RANGES_THAT_PAY * ROWS_OF_RANGE
        rows_of_range = ROWS_OF_RANGE if large else None
        with timed(self._profile, "sql", "spark", "the plan written as SQL"):
            lowered = computation.on("spark").lowered("spark", names, sort=False, rows_of_range=rows_of_range)
        return (views or self._views).run_stages(lowered, self._profile)

    def _dicts(self, query: exp.Expr) -> list[dict[str, Any]]:
        return [row.asDict() for row in self._views.run(query).collect()]

    def _with_fallback(self, native: DataFrame) -> DataFrame:
        """Join the features that Featuretools computes."""
        rows = native.selectExpr("*", f"{self._asked_time()} AS {_ASKED}")
        wanted = rows.selectExpr(INSTANCE, f"{_ASKED} AS {CUTOFF_TIME}")
        for rule, asked in self._computation.fallback_parts:
            found = self._by_featuretools(rule, asked, wanted)
            same = rows[INSTANCE].eqNullSafe(found["__instance"]) & rows[_ASKED].eqNullSafe(found["__time"])
            rows = rows.join(found, same, "left").drop("__instance", "__time")
        return rows.drop(_ASKED)

    def _by_featuretools(self, rule: TimeRule, asked: Sequence[Asked], wanted: DataFrame) -> DataFrame:
        """Return the features of one time rule for the wanted instances and times."""
        with timed(self._profile, FEATURETOOLS, FEATURETOOLS, what_is_left(asked)) as rows:
            found = compute_spark(
                self._spark,
                self._computation.entityset,
                self._views.frames,
                [one.original for one in asked],
                wanted,
                **featuretools_arguments(self._computation, rule),
            )
            if self._profile is not None:
                found = self._views.keep(found)
                rows.count = found.count()
        return found.toDF("__instance", "__time", *fallback_aliases(asked, self._layout))

    def _asked_time(self) -> str:
        """Return, as SQL, the time to ask Featuretools for: the cutoff, less the gap."""
        dialect = DIALECTS["spark"]
        shared = self._computation.cutoffs.time
        time: exp.Expr = column(CUTOFF_TIME) if shared is None else dialect.time(shared)
        gap = gap_of(self._computation)
        return (time if gap is None else dialect.back(time, gap)).sql("spark")


def _rows_in(folder: Store, files: Sequence[Written]) -> int:
    paths = [folder.arrow_path(file.name) for file in files]
    return sum(pq.read_metadata(path, filesystem=folder.filesystem).num_rows for path in paths)


_ASKED = "__asked"


def _order_columns(names: Sequence[str]) -> list[str]:
    return [name for name in names if name.startswith(ORDER)]


def _in_order(rows: pa.Table) -> pa.Table:
    """Sort rows by the columns that say so, and leave those out."""
    keys = _order_columns(rows.column_names)
    rows = rows.sort_by([(name, "ascending", "at_start") for name in keys])
    return rows.drop_columns(keys)
