"""A computation run by DuckDB in Spark's partitions; what needs all rows at once is run by Spark itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from math import ceil
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sparkfeat.engines.computation import Computation
from sparkfeat.engines.featuretools.places import Places, Rows, partition_of, positional
from sparkfeat.engines.featuretools.reach import reached_paths
from sparkfeat.engines.featuretools.schema import Schema, needed_schema
from sparkfeat.engines.partitioned import transport, worker
from sparkfeat.engines.partitioned.resources import memory_of_task, slots
from sparkfeat.engines.partitioned.split import only, reasons_apart
from sparkfeat.engines.partitioned.transport import layout_of, packed
from sparkfeat.engines.partitioned.worker import Work, compute, result_schema
from sparkfeat.engines.spark.runner import SparkRunner
from sparkfeat.plan.nodes import CUTOFF_TIME, CUTOFFS, INSTANCE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ROWS_OF_PARTITION = 4_000_000
"""Rows of all tables, on average, that one task takes."""

ROWS_WORTH_A_TASK = 50_000

BROADCAST_ROWS = 2_000_000
"""Keys of so many rows are sent to every task rather than joined by a shuffle: about 100 MB."""

_PLACE = "place"


class PartitionedRunner(SparkRunner):
    """Runs one computation in a Spark session, by DuckDB in its Python workers."""

    def _native(self) -> DataFrame:
        """Return the rows with the features that have SQL."""
        apart = frozenset(reasons_apart(self._computation))
        inside = frozenset(one.name for one in self._computation.native) - apart
        if not inside:
            return super()._native()
        found = self._inside(inside)
        return self._with_apart(found, apart) if apart else found

    def _names(self, part: Computation, passed: str) -> list[str]:
        """Return what this matrix calls the columns of a part of it."""
        known = {name: f"f{n}" for n, name in enumerate(self._computation.native_names)}
        columns = [known[name] for name in part.native_names]
        return columns + [f"{passed}{n}" for n in range(len(part.cutoffs.pass_through))]

    def _with_apart(self, rows: DataFrame, names: frozenset[str]) -> DataFrame:
        """Join the features that need rows of other instances."""
        part = only(self._computation, names)
        called = self._names(part, "unused")
        kept = [name for name in called if name.startswith("f")]
        found = self._by_spark(part, called)
        keys = [name for name in (INSTANCE, CUTOFF_TIME) if name in rows.columns]
        there = found.select(*keys, *kept).toDF(*(f"__{key}" for key in keys), *kept)
        same = reduce(lambda a, b: a & b, (rows[key].eqNullSafe(there[f"__{key}"]) for key in keys))
        return rows.join(there, same, "left").drop(*(f"__{key}" for key in keys))

    def _inside(self, names: frozenset[str]) -> DataFrame:
        """Compute features for the instances of one partition at a time."""
        part = only(self._computation, names)
        lowered = part.on("duckdb").lowered("duckdb", self._names(part, "p"), sort=False)
        query = lowered.query().sql(dialect="duckdb")
        schema = needed_schema(part.entityset, part.definitions.originals)
        columns = _columns(part, schema, lowered.columns_read, self._views.frames)
        tables = {name: self._rows(name, columns) for name, columns in columns.items()}
        frames = self._placed(part, schema, tables)
        return self._computed(query, tables, frames)

    def _rows(self, table: str, columns: Sequence[str]) -> Rows:
        return positional(self._views.frames[table], columns)

    def _placed(self, part: Computation, schema: Schema, tables: dict[str, Rows]) -> dict[str, DataFrame]:
        """Return the rows of every table, the cutoffs among them, with the partition of each."""
        stored, asked = dict(tables), self._asked(part, tables)
        instances = None
        if asked is not None:
            instances = asked.where("owner IS NOT NULL").select("owner").distinct()
        small = frozenset(table.name for table in self.found.tables if table.rows <= BROADCAST_ROWS)
        paths = reached_paths(part.definitions.originals)
        places = Places(schema, stored, part.target.name, paths, instances, small)
        self._partitions = self._number()
        placed = places.placed(places.owned(), self._partitions)
        if asked is not None:
            placed[CUTOFFS] = asked.withColumn("partition", partition_of("owner", self._partitions))
        return placed

    def _asked(self, part: Computation, tables: dict[str, Rows]) -> DataFrame | None:
        """Return the cutoff rows, one of the tables then, with the customer of each as `owner`."""
        if self._views.cutoffs is None:
            return None
        index = tables[part.target.name]
        kind = index.frame.schema[index.alias(part.target.index)].dataType.simpleString()
        rows = positional(self._views.cutoffs, self._views.cutoffs.columns)
        tables[CUTOFFS] = rows
        return rows.frame.selectExpr("*", f"CAST({rows.alias(INSTANCE)} AS {kind}) AS owner")

    def _number(self) -> int:
        """Return how many partitions to make: as many as tasks run at once, or a multiple of it."""
        rows = sum(table.rows for table in self.found.tables)
        self._slots = slots(self._spark)
        if rows < self._slots * ROWS_WORTH_A_TASK:
            return ceil(max(rows, 1) / ROWS_WORTH_A_TASK)
        return self._slots * ceil(rows / ROWS_OF_PARTITION / self._slots)

    def _computed(self, query: str, tables: Mapping[str, Rows], frames: Mapping[str, DataFrame]) -> DataFrame:
        from pyspark.sql.pandas.types import from_arrow_schema

        layout = layout_of({name: _types(rows) for name, rows in tables.items()})
        schemas = {name: _arrow_schema(rows) for name, rows in tables.items()}
        number = self._partitions
        place = _salted(self._spark, number)
        parts = [
            packed(frame, layout, name, [f"c{n}" for n in range(len(tables[name].names))], place)
            for name, frame in frames.items()
        ]
        together = reduce(lambda left, right: left.unionAll(right), parts)
        settings: dict[str, str | int] = {
            "threads": 1,
            "memory_limit": f"{memory_of_task(self._spark, self._slots)}B",
        }
        result = result_schema(query, schemas)
        work = Work(query, layout, schemas, result, settings)
        moved = together.repartition(number, _PLACE).drop(_PLACE)
        computed: DataFrame = moved.mapInArrow(
            _worker(work), from_arrow_schema(result, prefer_timestamp_ntz=True)
        )
        return computed


def _columns(
    part: Computation, schema: Schema, read: Mapping[str, frozenset[str]], frames: Mapping[str, DataFrame]
) -> dict[str, list[str]]:
    """Return the columns of each table that the plan reads, or that lead from one table to another."""
    # In a nested SELECT it is not known which relation a name belongs to.
    found = {name: {*read.get(name, ())} & {*frames[name].columns} for name in schema.tables}
    found[part.target.name] |= {part.target.index}
    paths = reached_paths(part.definitions.originals)
    for edge in {edge for path in paths for edge in path}:
        found[edge.link.child] |= {edge.link.child_column}
        found[edge.link.parent] |= {edge.link.parent_column}
    for name, count in Counter(path[-1].target if path else part.target.name for path in paths).items():
        # Rows that several paths lead to are told apart.
        found[name] |= {schema.tables[name].index} if count > 1 else set()
    return {name: sorted(columns) for name, columns in found.items()}


def _types(rows: Rows) -> list[tuple[str, str]]:
    kinds = [field.dataType.simpleString() for field in rows.frame.schema.fields]
    return list(zip(rows.names, kinds, strict=True))


def _arrow_schema(rows: Rows) -> pa.Schema:
    from pyspark.sql.pandas.types import to_arrow_schema

    found: Any = to_arrow_schema(rows.frame.schema)
    return pa.schema([pa.field(name, field.type) for name, field in zip(rows.names, found, strict=True)])


def _salted(spark: SparkSession, partitions: int) -> str:
    """Return, as SQL, a value of each partition that Spark's hash sends to the task of that number."""
    numbers = spark.range(64 * partitions + 64).selectExpr("id", f"pmod(hash(id), {partitions}) AS task")
    found = {
        int(row["task"]): int(row["id"])
        for row in numbers.groupBy("task").agg({"id": "min"}).toDF("task", "id").collect()
    }
    listed = ", ".join(f"{found[task]}L" for task in range(partitions))
    return f"element_at(array({listed}), partition + 1) AS {_PLACE}"


def _worker(work: Work) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what runs in the workers. They need DuckDB and pyarrow: importing sparkfeat takes seconds."""
    from pyspark import cloudpickle

    for module in (transport, worker):
        cloudpickle.register_pickle_by_value(module)  # type: ignore[no-untyped-call]

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return compute(work, batches)

    return run
