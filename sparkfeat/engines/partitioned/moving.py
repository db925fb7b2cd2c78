"""The rows of all tables in one DataFrame, each in the partition of its customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sparkfeat.engines.featuretools.places import Rows
from sparkfeat.engines.partitioned.transport import Layout, layout_of, packed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PLACE = "place"


@dataclass(frozen=True)
class Moved:
    """Rows in partitions: `frame` as `layout` says, `schemas` the columns of each table."""

    frame: DataFrame
    layout: Layout
    schemas: Mapping[str, pa.Schema]


def moved(
    spark: SparkSession, tables: Mapping[str, Rows], frames: Mapping[str, DataFrame], partitions: int
) -> Moved:
    """Shuffle the rows of all tables once.

    Args:
        spark: the session.
        tables: the columns of each table.
        frames: its rows, with the number of the partition that each goes to as `partition`.
        partitions: how many there are.
    """
    layout = layout_of({name: _types(rows) for name, rows in tables.items()})
    schemas = {name: _arrow_schema(rows) for name, rows in tables.items()}
    place = _salted(spark, partitions)
    parts = [
        packed(frame, layout, name, [f"c{n}" for n in range(len(tables[name].names))], place)
        for name, frame in frames.items()
    ]
    together = reduce(lambda left, right: left.unionAll(right), parts)
    return Moved(together.repartition(partitions, _PLACE).drop(_PLACE), layout, schemas)


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
