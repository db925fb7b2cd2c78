"""The Spark engine: the plan's SQL run by Spark, classic or Connect."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlglot import exp

from sparkfeat.engines.computation import Computation
from sparkfeat.engines.spark.tables import canonical_frame, frame_of
from sparkfeat.entityset import ArrowSource, Table
from sparkfeat.errors import EngineError
from sparkfeat.plan.nodes import CUTOFFS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class Views:
    """A computation's tables as temporary views, under names that no view of the caller's has.

    `names` gives the view of each table, `frames` its rows.
    """

    def __init__(self, spark: SparkSession, tables: Sequence[Table]) -> None:
        self.spark = spark
        token = f"sparkfeat_{uuid.uuid4().hex[:12]}"
        self.frames = {table.name: canonical_frame(spark, table) for table in tables}
        self.names = {name: f"{token}_{number}" for number, name in enumerate([*self.frames, CUTOFFS])}
        for name, frame in self.frames.items():
            frame.createOrReplaceTempView(self.names[name])

    def add_cutoffs(self, computation: Computation) -> DataFrame | None:
        """Register the cutoff rows and return them; None when there are none."""
        source = computation.cutoffs.source
        if source is None:
            return None
        frame = frame_of(self.spark, source.table) if isinstance(source, ArrowSource) else source.frame
        frame.createOrReplaceTempView(self.names[CUTOFFS])
        return frame

    def run(self, query: exp.Expression) -> DataFrame:
        """Run a query that calls the tables by their own names.

        Raises:
            EngineError: Spark refuses the query.
        """
        from pyspark.errors import PySparkException

        try:
            return self.spark.sql(renamed(query, self.names).sql(dialect="spark"))
        except PySparkException as error:
            raise EngineError("Spark cannot run the query", why=str(error).splitlines()[0]) from error


def renamed(query: exp.Expression, names: Mapping[str, str]) -> exp.Expression:
    """Return a query that reads other tables in place of those named."""
    query = query.copy()
    for table in query.find_all(exp.Table):
        if table.name in names:
            table.set("this", exp.to_identifier(names[table.name], quoted=True))
    return query


def collect(frame: DataFrame) -> pa.Table:
    """Return a DataFrame's rows as Arrow, integers and nulls as they are."""
    if hasattr(frame, "toArrow"):
        return frame.toArrow()
    if hasattr(frame, "_collect_as_arrow"):
        from pyspark.sql.pandas.types import to_arrow_schema

        batches: list[Any] = frame._collect_as_arrow()
        schema = to_arrow_schema(frame.schema)
        return pa.Table.from_batches(batches, batches[0].schema if batches else schema)
    return pa.Table.from_pandas(frame.toPandas(), preserve_index=False)
