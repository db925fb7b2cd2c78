"""Featuretools on Spark: the rows of some customers go to one Python worker, which computes features."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from featuretools.feature_base import FeatureBase

from sparkfeat.engines.featuretools import payload, sizes
from sparkfeat.engines.featuretools.local import Options
from sparkfeat.engines.featuretools.outputs import carrier_schema, outputs_of, result_column
from sparkfeat.engines.featuretools.places import Places, Rows, partition_of, positional
from sparkfeat.engines.featuretools.reach import partition_reason, reached_paths
from sparkfeat.engines.featuretools.schema import Schema, needed_schema
from sparkfeat.engines.featuretools.transport import Layout, form_of, layout_of, packed
from sparkfeat.engines.featuretools.worker import CUTOFFS, run
from sparkfeat.entityset import EntitySet

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class _Job:
    """The parts of one computation."""

    spark: SparkSession
    schema: Schema
    features: Sequence[FeatureBase]
    tables: dict[str, Rows]
    cutoffs: Rows
    layout: Layout

    @property
    def target(self) -> str:
        return str(self.features[0].dataframe_name)


def compute_spark(
    spark: SparkSession,
    schema: EntitySet | Schema,
    frames: Mapping[str, DataFrame],
    features: Sequence[FeatureBase],
    cutoffs: DataFrame,
    *,
    training_window: Any = None,
    include_cutoff_time: bool = True,
    approximate: Any = None,
    partitions: int | None = None,
    max_partition_rows: int = sizes.MAX_PARTITION_ROWS,
) -> DataFrame:
    """Compute features with Featuretools in Spark's Python workers.

    Group sizes are counted at the call (Spark jobs run); the features when the result is used.

    Args:
        spark: the session; classic or Connect.
        schema: tables, columns and relationships.
        frames: canonical values by table, the columns of `table.order` included.
        features: Featuretools features of one target.
        cutoffs: columns instance_id and time; pairs are unique.
        training_window: as in Featuretools.
        include_cutoff_time: as in Featuretools.
        approximate: as in Featuretools.
        partitions: how many groups of customers to make; by default as many as the rows and times ask for.
            Without effect where `partition_reason` says that customers cannot be told apart.
        max_partition_rows: rows of all tables together that a worker may load at once.

    Returns:
        One row for each cutoff row: instance_id, time, then the features' columns, in no particular order.
        Timedeltas are microseconds. Names can repeat: take columns by position.

    Raises:
        DataError: a customer has more rows than `max_partition_rows`; names the largest.
        EngineError: a column type that Featuretools cannot be given.
    """
    job = _job(spark, schema, frames, features, cutoffs)
    placed = _placed(job, partition_reason(features, schema), partitions, max_partition_rows)
    parts = [packed(frame, job.layout, name, _aliases(job, name)) for name, frame in placed.items()]
    together = reduce(lambda left, right: left.unionAll(right), parts)
    options = Options(training_window, include_cutoff_time, approximate)
    return _computed(job, together, schema, options)


def _job(
    spark: SparkSession,
    schema: EntitySet | Schema,
    frames: Mapping[str, DataFrame],
    features: Sequence[FeatureBase],
    cutoffs: DataFrame,
) -> _Job:
    needed = needed_schema(schema, features)
    tables = {
        name: positional(frames[name], list(dict.fromkeys([*table.column_names, *table.order])))
        for name, table in needed.tables.items()
    }
    asked = positional(cutoffs, ["instance_id", "time"])
    target = needed.tables[features[0].dataframe_name]
    index = tables[target.name]
    id_type = index.frame.schema[index.alias(target.index)].dataType
    asked = Rows(asked.frame.select(asked.frame["c0"].cast(id_type), "c1"), asked.names)
    fields = {name: _fields(name, rows) for name, rows in (*tables.items(), (CUTOFFS, asked))}
    return _Job(spark, needed, features, tables, asked, layout_of(fields))


def _fields(table: str, rows: Rows) -> list[tuple[str, str]]:
    types = [field.dataType for field in rows.frame.schema.fields]
    return [
        (name, form_of(kind, f"dataframe '{table}', column '{name}'"))
        for name, kind in zip(rows.names, types, strict=True)
    ]


def _aliases(job: _Job, table: str) -> list[str]:
    rows = job.cutoffs if table == CUTOFFS else job.tables[table]
    return [rows.alias(name) for name in rows.names]


def _placed(job: _Job, reason: str | None, partitions: int | None, limit: int) -> dict[str, DataFrame]:
    """Return every table, the cutoffs among them, with the partition of each row."""
    from pyspark.sql import functions as fn

    cutoffs = job.cutoffs.frame
    if reason:
        frames = {name: rows.frame for name, rows in job.tables.items()} | {CUTOFFS: cutoffs}
        sizes.check_one_partition(list(frames.values()), limit, job.target, reason)
        return {name: frame.withColumn("partition", fn.lit(0)) for name, frame in frames.items()}
    instances = cutoffs.select(fn.col("c0").alias("owner")).where(fn.col("owner").isNotNull()).distinct()
    places = Places(job.schema, job.tables, job.target, reached_paths(job.features), instances)
    owned = places.owned()
    number = _partitions(job, list(owned.values()), limit, partitions)
    numbered = cutoffs.withColumn("partition", partition_of("c0", number))
    return places.placed(owned, number) | {CUTOFFS: numbered}


def _partitions(job: _Job, owned: list[DataFrame], limit: int, asked: int | None) -> int:
    from pyspark.sql import functions as fn

    cutoffs = job.cutoffs.frame
    times = cutoffs.select("c1").distinct().count()
    # One row a customer, looked at several times.
    counts = sizes.count_by_customer(owned, cutoffs.select(fn.col("c0").alias("owner"))).persist()
    try:
        return sizes.choose_partitions(job.spark, counts, times, limit=limit, asked=asked, target=job.target)
    finally:
        counts.unpersist()


def _computed(job: _Job, together: DataFrame, schema: EntitySet | Schema, options: Options) -> DataFrame:
    forms = {(table, field.name): field.form for table, fields in job.layout.tables for field in fields}
    outputs = outputs_of(job.features, lambda table, column: forms[table, column])
    work = payload.Work(job.schema, list(job.features), options, job.layout, outputs)
    types = [field.dataType.simpleString() for field in job.cutoffs.frame.schema.fields]
    ddl = carrier_schema(outputs, *types)
    carried = together.groupBy("partition").applyInPandas(_worker(payload.dump(work, schema)), ddl)
    columns = (result_column(output) for output in outputs)
    names = (output.name for output in outputs)
    return carried.select("id", "time", *columns).toDF("instance_id", "time", *names)


def _worker(work: bytes) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def compute(rows: pd.DataFrame) -> pd.DataFrame:
        return run(work, rows)

    return compute
