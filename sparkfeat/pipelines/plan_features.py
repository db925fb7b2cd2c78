"""Say what a configuration would compute, how large it is and whether it fits; nothing is computed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from sparkfeat.engines import keys
from sparkfeat.engines.duckdb import DuckDBOptions
from sparkfeat.engines.duckdb import machine as duckdb_machine
from sparkfeat.engines.duckdb.engine import Session, open_computation
from sparkfeat.engines.estimate import Estimator, Stage, width
from sparkfeat.engines.featuretools.reach import partition_reason, reached_paths
from sparkfeat.engines.featuretools.schema import needed_schema
from sparkfeat.engines.featuretools.sizes import MAX_PARTITION_ROWS as LIMIT
from sparkfeat.engines.footers import footer_of
from sparkfeat.engines.layout import layout_of
from sparkfeat.engines.matrix_size import stored_bytes
from sparkfeat.engines.memory import PANDAS_COPIES, Machine, least_memory, working_memory
from sparkfeat.engines.partitioned import resources as task_resources
from sparkfeat.engines.spark import get_session
from sparkfeat.engines.spark import resources as spark_resources
from sparkfeat.entityset import ArrowSource, ParquetSource, Relationship, Table
from sparkfeat.pipelines.build import Parts, built
from sparkfeat.pipelines.config import ComputeConfig
from sparkfeat.pipelines.fit import problems_of
from sparkfeat.pipelines.job_plan import (
    Features,
    Group,
    HotKey,
    HotKeys,
    JobPlan,
    MatrixSize,
    MemoryUse,
    TableSize,
)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

HOTTEST = 3
"""Keys to name for each relationship."""


def plan(config: ComputeConfig, *, spark: SparkSession | None = None) -> JobPlan:
    """Plan a job: footers are read, and key columns counted; no feature is computed.

    Args:
        config: what to plan, see `read_config`.
        spark: the session for the Spark engine. Default: the active one, else a local one.

    Raises:
        UserInputError: input, definitions or arguments that do not fit.
        EngineError, StorageError, EnvironmentProblem: the data cannot be read.
    """
    with built(config, spark) as parts:
        engine = config.engine
        options = DuckDBOptions(engine.memory_limit, engine.threads, engine.temp_directory)
        with open_computation(parts.matrix.computation, options) as session:
            planner = _Planner(config, parts, session, options, spark)
            return planner.plan()


class _Planner:
    """Plans one job.

    Args:
        config: what was asked for.
        parts: the matrix and what it is made of.
        session: DuckDB with the tables, to count keys in.
        options: of DuckDB.
        spark: the session, where one was given.
    """

    def __init__(
        self,
        config: ComputeConfig,
        parts: Parts,
        session: Session,
        options: DuckDBOptions,
        spark: SparkSession | None,
    ) -> None:
        self._config = config
        self._matrix = parts.matrix
        self._computation = parts.matrix.computation
        self._session = session
        self._options = options
        self._spark = spark
        self._footers = {table.name: footer_of(table) for table in self._computation.tables}

    def plan(self) -> JobPlan:
        rows = self._matrix_rows()
        estimator = Estimator(self._computation, self._footers, rows)
        stages = estimator.stages()
        memory, size, group = self._memory(estimator, stages), self._size(rows), self._group(rows)
        return JobPlan(
            engine=self._matrix.engine,
            engine_reason=self._matrix.engine_reason,
            features=self._features(),
            tables=tuple(self._table(table) for table in self._computation.tables),
            matrix=size,
            widest=max(stages, key=lambda stage: stage.columns),
            stages=tuple(stages),
            keys=tuple(self._keys(link) for link in keys.relationships_of(self._computation)),
            memory=memory,
            group=group,
            problems=problems_of(self._config, self._computation.target.name, size, memory, group),
        )

    def _matrix_rows(self) -> int:
        source = self._computation.cutoffs.source
        if isinstance(source, ArrowSource):
            return int(source.table.num_rows)
        return int(self._rows_of(keys.visible_instances(self._computation))[0][keys.ROWS])

    def _rows_of(self, query: exp.Expr) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._session.table(query.sql(dialect="duckdb")).to_pylist()
        return found

    def _features(self) -> Features:
        computation = self._computation
        return Features(len(computation.asked), len(computation.native), len(computation.fallback))

    def _table(self, table: Table) -> TableSize:
        assert isinstance(table.source, ParquetSource)
        size = sum(table.source.sizes.values())
        return TableSize(table.name, self._footers[table.name].rows, len(table.source.files), size)

    def _size(self, rows: int) -> MatrixSize:
        layout = layout_of(self._computation)
        columns = 1 + len(layout.columns) + self._config.output.cutoff_time_in_index
        return MatrixSize(rows, columns, stored_bytes(self._computation, layout, self._footers, rows))

    def _keys(self, link: Relationship) -> HotKeys:
        rows = self._footers[link.child].rows
        share = keys.sampled_share(rows)
        found = self._rows_of(keys.hottest(link, share, HOTTEST))
        hottest = tuple(
            HotKey(row[keys.KEY], round(row[keys.ROWS] / (share or 1)), row[keys.ROWS] / row["total"])
            for row in found
        )
        return HotKeys(str(link), None if share is None else round(rows * share), hottest)

    def _memory(self, estimator: Estimator, stages: Sequence[Stage]) -> MemoryUse:
        machine = self._machine()
        lowered = self._computation.lowered(self._computation.dialect)
        working = working_memory(estimator, lowered, machine)
        largest = max(stage.bytes for stage in stages) if self._matrix.on_spark else working
        spill = max(working - machine.limit, 0)
        free = None if machine.folder is None else shutil.disk_usage(machine.folder).free
        return MemoryUse(
            working,
            least_memory(lowered, machine),
            machine.parts,
            machine.part,
            largest // machine.parts,
            machine.limit,
            spill,
            machine.folder,
            free,
            self._pandas_bytes(),
        )

    def _machine(self) -> Machine:
        if self._matrix.on_spark:
            spark = get_session(self._spark)
            if self._matrix.engine == "partitioned":
                return task_resources.machine_of(spark)
            return spark_resources.machine_of(spark)
        return duckdb_machine.machine_of(self._session, self._options)

    def _pandas_bytes(self) -> int:
        """Return what Featuretools needs to hold all tables, where it computes in this process."""
        if self._matrix.on_spark or not self._computation.fallback:
            return 0
        sizes = [
            self._footers[table.name].rows * sum(map(width, table.columns))
            for table in self._computation.tables
        ]
        return PANDAS_COPIES * sum(sizes)

    def _group(self, cutoff_rows: int) -> Group | None:
        """Return the largest group that Featuretools has to load at once on Spark."""
        computation = self._computation
        if not self._matrix.on_spark or not computation.fallback:
            return None
        features = [one.original for one in computation.fallback]
        reason = partition_reason(features, computation.entityset)
        if reason is not None:
            tables = needed_schema(computation.entityset, features).tables
            rows = cutoff_rows + sum(self._footers[name].rows for name in tables)
            return Group(rows, LIMIT, None, reason)
        listed = computation.cutoffs.source is not None
        query = keys.largest_group(computation.target, reached_paths(features), listed=listed)
        found = self._rows_of(query)
        return Group(found[0][keys.ROWS], LIMIT, found[0][keys.KEY], None) if found else None
