"""FeatureMatrix: a feature matrix that is planned at once and computed when asked for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from sparkfeat.engines.check import DataReport
from sparkfeat.engines.computation import Computation
from sparkfeat.engines.duckdb import DuckDBOptions, DuckDBRunner
from sparkfeat.engines.explain import as_html, explain
from sparkfeat.engines.files import Written, new_folder, write_files
from sparkfeat.engines.layout import layout_of, renamed, to_frame
from sparkfeat.engines.partitioned import PartitionedRunner
from sparkfeat.engines.profile import Profile
from sparkfeat.engines.spark import SparkRunner, get_session
from sparkfeat.errors import UserInputError, did_you_mean
from sparkfeat.sql import DIALECTS
from sparkfeat.storage.locations import is_s3
from sparkfeat.storage.store import Store

if TYPE_CHECKING:
    from featuretools.feature_base import FeatureBase
    from pyspark.sql import DataFrame, SparkSession

logger = logging.getLogger("sparkfeat")

ProgressCallback = Callable[[float, float, float], None]
"""Called with the change in percent, the percent done, and the seconds since the start."""


class FeatureMatrix:
    """A feature matrix: arguments are checked and the plan is made; rows are computed when asked for.

    Every method that returns rows computes them anew, except that `to_pandas` and `to_arrow` share one
    computation. Made by `sparkfeat.calculate_feature_matrix` and `sparkfeat.dfs`.

    Attributes:
        engine: name of the engine that computes: 'duckdb', 'spark' or 'featuretools'.
        engine_reason: why it is that one.
        report: what the check of the rows found, once they were checked; None before.
    """

    def __init__(
        self,
        computation: Computation,
        engine: str,
        *,
        on_spark: bool,
        engine_reason: str = "",
        spark: SparkSession | None = None,
        options: DuckDBOptions | None = None,
        cutoff_time_in_index: bool = False,
        progress_callback: ProgressCallback | None = None,
    ) -> None:
        self._computation = computation
        self._layout = layout_of(computation)
        self._on_spark = on_spark
        self._given_spark = spark
        self._options = options or DuckDBOptions()
        self._time_in_index = cutoff_time_in_index
        self._progress_callback = progress_callback
        self._rows: pa.Table | None = None
        self._spark_runner: SparkRunner | None = None
        self._profile: Profile | None = None
        self._notes: list[str] = []
        self.engine = engine
        self.engine_reason = engine_reason
        self.report: DataReport | None = None

    @property
    def columns(self) -> list[str]:
        """Names of the matrix's columns, in order, without the index."""
        return list(self._layout.names)

    @property
    def schema(self) -> dict[str, str | None]:
        """Logical type of each column; None where the values decide."""
        return {column.name: column.type_name for column in self._layout.columns}

    @property
    def features(self) -> list[FeatureBase]:
        """The features, as Featuretools objects."""
        return list(self._computation.definitions.originals)

    @property
    def computation(self) -> Computation:
        """What the engine is told."""
        return self._computation

    @property
    def on_spark(self) -> bool:
        """Whether it is computed in a Spark session."""
        return self._on_spark

    @property
    def native_columns(self) -> list[str]:
        """Names of the columns that SQL computes."""
        return self._computation.native_names

    @property
    def fallbacks(self) -> list[tuple[str, str]]:
        """The features that Featuretools itself computes, by name in the matrix, each with the reason."""
        return list(self._computation.reasons.items())

    def to_pandas(self) -> pd.DataFrame:
        """Return the matrix as `featuretools.calculate_feature_matrix` gives it.

        Same index, row order, column order and dtypes; Woodwork types are initialised.

        Raises:
            DataError: null or duplicate index values in stored tables.
            EngineError, EnvironmentProblem: it could not be computed.
        """
        return to_frame(self._with_time(self._computed()), self._layout, time=self._time_in_index)

    def to_arrow(self) -> pa.Table:
        """Return the matrix as Arrow: the index column, `time` if it is in the index, the columns."""
        return renamed(self._with_time(self._computed()), self._layout, time=self._time_in_index)

    def to_spark(self) -> DataFrame:
        """Return the matrix as a Spark DataFrame, computed by Spark whatever the engine.

        Columns: the index, `time` if it is in the index, the features by name. The rows of the tables are
        checked now, and the bounds of large tables found; the rest is computed when its rows are asked for.
        """
        return self._runner_on_spark().spark_frame(time=self._time_in_index)

    def write_parquet(self, path: str | Path) -> list[Path] | list[str]:
        """Write the matrix to Parquet files in a new or empty folder and return them; on S3, their URIs.

        DuckDB streams the rows; Spark's executors write their own files.

        Args:
            path: local path, `file://` or `s3://` URI.

        Raises:
            OutputExistsError: there are files in the folder.
            StorageError, EnvironmentProblem: it cannot be written.
        """
        folder = new_folder(path)
        paths = [folder.path(file.name) for file in self.write_files(folder)]
        return paths if is_s3(folder.root) else [Path(one) for one in paths]

    def write_files(self, folder: Store) -> list[Written]:
        """Write the matrix to Parquet files in an empty folder of a store, and return what was written."""
        progress = self._progress()
        files = self._write(folder, progress)
        progress(1.0)
        return files

    def _write(self, folder: Store, progress: Callable[[float], None]) -> list[Written]:
        if self._on_spark:
            return self._runner_on_spark().write_parquet(folder, time=self._time_in_index)
        if self._rows is not None or (self._time_in_index and self._computation.cutoffs.time is not None):
            rows = self._with_time(self._computed())
            return write_files(iter([rows]), self._layout, folder, time=self._time_in_index)
        return self._runner().write_parquet(folder, time=self._time_in_index, progress=progress)

    def sql(self, dialect: str | None = None) -> str:
        """Return the query that computes the features with SQL, readable, columns under their own names.

        It reads the tables by their names in the EntitySet, and `__cutoffs` (__position, instance_id,
        time, pass-through columns as p0, p1, ...) where there are cutoff rows. Features left to
        Featuretools are not in it.

        Args:
            dialect: 'duckdb' or 'spark'; by default that of the engine.
        """
        dialect = dialect or self._computation.dialect
        if dialect not in DIALECTS:
            raise UserInputError(f"No SQL dialect '{dialect}'", hint=did_you_mean(dialect, DIALECTS))
        computation = self._computation.on(dialect)
        names = [*computation.native_names]
        names += [column.name for column in computation.cutoffs.pass_through]
        return computation.lowered(dialect, names).text(pretty=True)

    @contextmanager
    def profiled(self) -> Iterator[Profile]:
        """Record what is computed in the block: time and rows of every step, to be read after it.

        Rows that were computed before are not computed again, and are not in the profile. On Spark the
        relations that several others read are then computed one after the other.
        """
        profile, runner = Profile(self.engine), self._spark_runner
        self._profile, self._spark_runner = profile, None
        began = time.perf_counter()
        try:
            yield profile
        finally:
            profile.seconds = time.perf_counter() - began
            self._profile, self._spark_runner = None, runner

    def explain(self) -> str:
        """Return a readable tree: each feature, its path, its engine, and the reason where it falls back.

        It tells what the rows made the engine do (hot customers) once they were computed.
        """
        return explain(self._computation, self.engine, self.engine_reason, self._notes)

    def __repr__(self) -> str:
        fallback = f", {len(self.fallbacks)} by Featuretools" if self.fallbacks else ""
        target = self._computation.target.name
        return f"<FeatureMatrix of {target}: {len(self.columns)} columns{fallback}; engine {self.engine}>"

    def _repr_html_(self) -> str:
        return as_html(self._computation, self.engine, self._layout)

    def _computed(self) -> pa.Table:
        if self._rows is None:
            progress = self._progress()
            self._rows = self._runner_on_spark().arrow() if self._on_spark else self._runner().arrow(progress)
            progress(1.0)
        return self._rows

    def _with_time(self, rows: pa.Table) -> pa.Table:
        """Add the shared cutoff time as a column where the index needs it."""
        shared = self._computation.cutoffs.time
        if not self._time_in_index or shared is None or "time" in rows.column_names:
            return rows
        kind = pa.float64() if isinstance(shared, float) else pa.timestamp("us")
        return rows.append_column("time", pa.array([shared] * rows.num_rows, kind))

    def _runner(self) -> DuckDBRunner:
        return DuckDBRunner(self._computation, self._layout, self._options, self._tell, self._profile)

    def _runner_on_spark(self) -> SparkRunner:
        if self._spark_runner is None:
            spark = get_session(self._given_spark)
            partitioned = self.engine == "partitioned"
            computation = self._computation if partitioned else self._computation.on("spark")
            kind = PartitionedRunner if partitioned else SparkRunner
            layout = layout_of(computation)
            self._spark_runner = kind(computation, layout, spark, self._tell, self._profile, self._notes)
        return self._spark_runner

    def _tell(self, report: DataReport, *, first: bool) -> None:
        self.report = report
        for note in report.notes if first else ():
            logger.warning(note)

    def _progress(self) -> Callable[[float], None]:
        callback = self._progress_callback
        started, last = time.monotonic(), [0.0]

        def told(share: float) -> None:
            percent = share * 100
            if callback is not None and percent > last[0]:
                callback(percent - last[0], percent, time.monotonic() - started)
                last[0] = percent

        return told
