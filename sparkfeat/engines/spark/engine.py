"""The Spark engine: the plan's SQL run by Spark, classic or Connect."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlglot import exp

from sparkfeat.engines.computation import Computation
from sparkfeat.engines.profile import Profile, timed
from sparkfeat.engines.spark.tables import canonical_frame, frame_of
from sparkfeat.entityset import ArrowSource
from sparkfeat.errors import EngineError
from sparkfeat.plan.nodes import CUTOFFS
from sparkfeat.sql import Cte, Lowered, needed, with_ctes

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class Views:
    """A computation's tables as temporary views, under names that no view of the caller's has.

    `names` gives the view of each table, `frames` its rows.
    """

    def __init__(self, spark: SparkSession, frames: Mapping[str, DataFrame]) -> None:
        self.spark = spark
        self._token = f"sparkfeat_{uuid.uuid4().hex[:12]}"
        self._kept: list[DataFrame] = []
        self.cutoffs: DataFrame | None = None
        self.frames = frames
        self.names = {name: f"{self._token}_{number}" for number, name in enumerate([*frames, CUTOFFS])}
        for name, frame in frames.items():
            frame.createOrReplaceTempView(self.names[name])

    @classmethod
    def of(cls, spark: SparkSession, computation: Computation) -> Views:
        """Return the views of a computation's tables, and of its cutoff rows where it has such."""
        views = cls(spark, {table.name: canonical_frame(spark, table) for table in computation.tables})
        source = computation.cutoffs.source
        if source is not None:
            views.add_cutoffs(
                frame_of(spark, source.table) if isinstance(source, ArrowSource) else source.frame
            )
        return views

    def add_cutoffs(self, frame: DataFrame) -> None:
        """Register the cutoff rows."""
        frame.createOrReplaceTempView(self.names[CUTOFFS])
        self.cutoffs = frame

    def over(self, frames: Mapping[str, DataFrame]) -> Views:
        """Return views of other rows of the tables; what they cache is released with these."""
        views = Views(self.spark, frames)
        views._kept = self._kept
        return views

    def run(self, query: exp.Expr) -> DataFrame:
        """Run a query that calls the tables by their own names.

        Raises:
            EngineError: Spark refuses the query.
        """
        from pyspark.errors import PySparkException

        try:
            return self.spark.sql(renamed(query, self.names).sql(dialect="spark"))
        except PySparkException as error:
            raise EngineError("Spark cannot run the query", why=str(error).splitlines()[0]) from error

    def run_stages(self, lowered: Lowered, profile: Profile | None = None) -> DataFrame:
        """Run a lowered plan; relations with several readers are cached: Spark inlines CTEs.

        The cache is filled when the result is first used, or when what is made of it is collected, and
        emptied by `release`. With a profile each relation is cached at once, and its rows are counted.
        """
        pending: list[Cte] = []
        for cte in lowered.ctes:
            if cte.uses == 1 and not cte.collected:
                pending.append(cte)
                continue
            inlined = needed(cte.select, pending)
            names = tuple(one.name for one in inlined)
            with timed(profile, cte.name, "spark", cte.node.description, names) as rows:
                frame = self.run(with_ctes(cte.select, inlined, lowered.dialect))
                made = self._collected(frame) if cte.collected else self.keep(frame)
                rows.count = None if profile is None else made.count()
            self._register(cte.name, made)
        return self.run(with_ctes(lowered.select, needed(lowered.select, pending), lowered.dialect))

    def _collected(self, frame: DataFrame) -> DataFrame:
        return self.spark.createDataFrame(frame.collect(), frame.schema)

    def keep(self, frame: DataFrame) -> DataFrame:
        """Cache a DataFrame's rows when they are first used, until `release`."""
        kept = frame.persist()
        self._kept.append(kept)
        return kept

    def _register(self, name: str, frame: DataFrame) -> None:
        self.names[name] = f"{self._token}_{len(self.names)}"
        frame.createOrReplaceTempView(self.names[name])

    def release(self) -> None:
        """Empty the cache; results that were not yet used are computed without it."""
        for frame in self._kept:
            frame.unpersist()
        self._kept.clear()


def renamed(query: exp.Expr, names: Mapping[str, str]) -> exp.Expr:
    """Return a query that reads other tables in place of those named."""
    query = query.copy()
    for table in query.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and table.name in names:
            table.set("this", exp.to_identifier(names[table.name], quoted=True))
    return query


def collect(frame: DataFrame) -> pa.Table:
    """Return a DataFrame's rows as Arrow, integers and nulls as they are."""
    collecting: Any = frame
    if "toArrow" in dir(type(frame)):  # Spark 4; a DataFrame answers hasattr for its columns too
        return collecting.toArrow()
    if "_collect_as_arrow" in dir(type(frame)):
        from pyspark.sql.pandas.types import to_arrow_schema

        batches = collecting._collect_as_arrow()
        schema = to_arrow_schema(frame.schema)
        return pa.Table.from_batches(batches, batches[0].schema if batches else schema)
    return pa.Table.from_pandas(frame.toPandas(), preserve_index=False)
