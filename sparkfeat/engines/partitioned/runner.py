"""A computation run by DuckDB in Spark's partitions; what needs all rows at once is run by Spark itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from math import ceil
from typing import TYPE_CHECKING

import pyarrow as pa

from sparkfeat.engines import operators
from sparkfeat.engines.computation import Computation
from sparkfeat.engines.featuretools.places import partition_of
from sparkfeat.engines.partitioned import hot, steps, transport, worker
from sparkfeat.engines.partitioned.failures import translated
from sparkfeat.engines.partitioned.job import Job, job_of
from sparkfeat.engines.partitioned.moving import moved
from sparkfeat.engines.partitioned.resources import memory_of_task, slots
from sparkfeat.engines.partitioned.split import reasons_apart
from sparkfeat.engines.partitioned.worker import PROFILE, Work, compute, result_schema
from sparkfeat.engines.profile import Profile, Rows, timed
from sparkfeat.engines.spark.runner import SparkRunner
from sparkfeat.plan.nodes import CUTOFF_TIME, INSTANCE
from sparkfeat.sql import Lowered

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

logger = logging.getLogger("sparkfeat")

ROWS_OF_PARTITION = 4_000_000
"""Rows of all tables, on average, that one task takes."""

ROWS_WORTH_A_TASK = 50_000

EVERYWHERE_SHARE = 0.1
"""Parents' rows go to all partitions where that adds less than this share of all rows."""


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

    def _with_apart(self, rows: DataFrame, names: frozenset[str]) -> DataFrame:
        """Join the features that need rows of other instances."""
        part = self._computation.only(names)
        called = self._computation.aliases(part, "unused")
        kept = [name for name in called if name.startswith("f")]
        found = self._by_spark(part, called)
        keys = [name for name in (INSTANCE, CUTOFF_TIME) if name in rows.columns]
        there = found.select(*keys, *kept).toDF(*(f"__{key}" for key in keys), *kept)
        same = reduce(lambda a, b: a & b, (rows[key].eqNullSafe(there[f"__{key}"]) for key in keys))
        return rows.join(there, same, "left").drop(*(f"__{key}" for key in keys))

    def _inside(self, names: frozenset[str]) -> DataFrame:
        """Compute features for the instances of one partition at a time; hot ones by Spark's own plan."""
        part = self._computation.only(names)
        lowered = part.on("duckdb").lowered("duckdb", self._computation.aliases(part, "p"), sort=False)
        self._slots = slots(self._spark)
        job = job_of(part, self._views.frames, self._views.cutoffs, self._sizes, lowered.columns_read)
        found = self._hot(job)
        if found is None:
            return self._by_duckdb(job, lowered)
        rows = self._by_duckdb(replace(job, places=hot.without(job.places, found)), lowered)
        return rows.unionAll(_alike(self._hot_rows(part, found), rows))

    @property
    def _sizes(self) -> dict[str, int]:
        return {table.name: table.rows for table in self.found.tables}

    def _hot(self, job: Job) -> hot.Hot | None:
        """Return the hot instances, and tell of them; None where there are none that Spark can compute."""
        with timed(self._profile, "hot", "spark", "the rows of each instance counted"):
            found = hot.find(self._spark, job.places, self._sizes, self._slots)
        if found is None:
            return None
        reasons = job.part.on("spark").reasons
        how = "computed by Spark's own plan"
        if reasons:
            how = f"one task each, since '{next(iter(reasons))}' has no SQL of Spark's"
        self._note(f"hot {job.part.target.name}: {found}; {how}")
        return None if reasons else found

    def _note(self, text: str) -> None:
        logger.info(text)
        if text not in self._notes:
            self._notes.append(text)

    def _hot_rows(self, part: Computation, found: hot.Hot) -> DataFrame:
        """Return the matrix's rows of the hot instances, computed by Spark from their rows alone."""
        job = job_of(part, self._views.frames, self._views.cutoffs, self._sizes)
        views = self._views.over(hot.rows_of(job.places, found))
        if job.asked is not None:
            views.add_cutoffs(job.asked.join(found.owners, on="owner", how="left_semi").drop("owner"))
        made = self._by_spark(part, self._computation.aliases(part, "p"), views)
        made = made.join(found.owners, made[INSTANCE] == found.owners["owner"], how="left_semi")
        if self._profile is None:
            return made
        kept = self._views.keep(made)
        with timed(self._profile, "hot rows", "spark", "the rest of the hot instances") as rows:
            rows.count = kept.count()
        return kept

    def _number(self) -> int:
        """Return how many partitions to make: as many as tasks run at once, or a multiple of it."""
        rows = sum(self._sizes.values())
        if rows < self._slots * ROWS_WORTH_A_TASK:
            return ceil(max(rows, 1) / ROWS_WORTH_A_TASK)
        return self._slots * ceil(rows / ROWS_OF_PARTITION / self._slots)

    def _by_duckdb(self, job: Job, lowered: Lowered) -> DataFrame:
        number = self._number()
        everywhere = frozenset(name for name, rows in self._sizes.items() if self._everywhere(rows, number))
        job = replace(job, places=replace(job.places, everywhere=everywhere))
        tables, frames = job.placed(number)
        together = moved(self._spark, tables, frames, number)
        query = lowered.text()
        result = result_schema(query, together.schemas)
        work = Work(query, together.layout, together.schemas, result, self._settings())
        if self._profile is None:
            found = _mapped(together.frame, work)
        else:
            found = self._measured(together.frame, work, lowered, self._profile)
        return _without_guests(found, job, number) if job.guests else found

    def _everywhere(self, rows: int, partitions: int) -> bool:
        return rows * partitions <= EVERYWHERE_SHARE * sum(self._sizes.values())

    def _settings(self) -> dict[str, str | int]:
        return {"threads": 1, "memory_limit": f"{memory_of_task(self._spark, self._slots)}B"}

    def _measured(self, rows: DataFrame, work: Work, lowered: Lowered, profile: Profile) -> DataFrame:
        """Compute now, and record the steps of all tasks."""
        kept = self._views.keep(rows)
        with timed(profile, "moved", "spark", "rows read, keys carried down, rows shuffled") as counted:
            counted.count = kept.count()
        relations = tuple(cte.name for cte in lowered.ctes)
        computed = self._views.keep(_mapped(kept, replace(work, relations=relations)))
        with translated():
            found, spent = steps.split(computed, lowered)
        profile.steps.extend(spent)
        return found

    @contextmanager
    def _last_step(self) -> Iterator[Rows]:
        with translated(), super()._last_step() as rows:
            yield rows


def _mapped(rows: DataFrame, work: Work) -> DataFrame:
    """Return what workers make of the rows of each partition."""
    from pyspark.sql.pandas.types import from_arrow_schema

    result = work.result
    if work.relations is not None:
        result = result.append(pa.field(PROFILE, pa.string()))
    found: DataFrame = rows.mapInArrow(_worker(work), from_arrow_schema(result, prefer_timestamp_ntz=True))
    return found


def _without_guests(rows: DataFrame, job: Job, partitions: int) -> DataFrame:
    """Leave out the rows of instances that came into a partition because rows of others point at them."""
    from pyspark.sql import functions as fn

    own = rows.where(partition_of(INSTANCE, partitions) == fn.spark_partition_id())
    hot_ones = job.places.without
    if hot_ones is None:
        return own
    return own.join(hot_ones, own[INSTANCE] == hot_ones["owner"], how="left_anti")


def _alike(rows: DataFrame, model: DataFrame) -> DataFrame:
    """Return rows with the columns of others, in their order and of their types."""
    chosen: DataFrame = rows.select(
        *(rows[one.name].cast(one.dataType).alias(one.name) for one in model.schema)
    )
    return chosen


def _worker(work: Work) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return what runs in the workers. They need DuckDB and pyarrow: importing sparkfeat takes seconds."""
    from pyspark import cloudpickle

    for module in (operators, transport, worker):
        cloudpickle.register_pickle_by_value(module)  # type: ignore[no-untyped-call]

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return compute(work, batches)

    return run
