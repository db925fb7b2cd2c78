"""The two functions that Featuretools' users know: `dfs` and `calculate_feature_matrix`."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sparkfeat.definitions import read_duration, read_features, search_features
from sparkfeat.engines.choice import choose_on_spark
from sparkfeat.engines.computation import Computation
from sparkfeat.engines.cutoffs import read_cutoffs
from sparkfeat.engines.duckdb import DuckDBOptions
from sparkfeat.engines.partitioned.split import with_spark
from sparkfeat.engines.rules import read_bin, read_rule, read_windows
from sparkfeat.engines.spark.session import active_session, is_submitted
from sparkfeat.entityset import EntitySet, SparkSource
from sparkfeat.errors import SchemaError, UnsupportedError, UserInputError, did_you_mean
from sparkfeat.matrix import FeatureMatrix, ProgressCallback

if TYPE_CHECKING:
    from featuretools.feature_base import FeatureBase
    from pyspark.sql import SparkSession

logger = logging.getLogger("sparkfeat")

ENGINES = ("auto", "duckdb", "spark", "partitioned", "featuretools")


def calculate_feature_matrix(
    features: Sequence[FeatureBase] | str | Path,
    entityset: EntitySet | None = None,
    cutoff_time: Any = None,
    instance_ids: Iterable[Any] | None = None,
    dataframes: Mapping[str, tuple[Any, ...]] | None = None,
    relationships: Iterable[tuple[str, str, str, str]] | None = None,
    cutoff_time_in_index: bool = False,
    training_window: Any = None,
    approximate: Any = None,
    save_progress: str | None = None,
    verbose: bool = False,
    chunk_size: float | None = None,
    n_jobs: int = 1,
    dask_kwargs: Mapping[str, Any] | None = None,
    progress_callback: ProgressCallback | None = None,
    include_cutoff_time: bool = True,
    *,
    gap: Any = None,
    engine: str = "auto",
    fallback: Literal["allow", "error"] = "allow",
    spark: SparkSession | None = None,
    options: DuckDBOptions | None = None,
) -> FeatureMatrix:
    """Plan a feature matrix; its methods compute it.

    Takes the arguments of `featuretools.calculate_feature_matrix` and gives the same values.

    Args:
        features: Featuretools features of one dataframe, or the path of a file that
            `featuretools.save_features` wrote.
        entityset: the tables. A Featuretools EntitySet is taken over.
        cutoff_time: None (now), one time for all, or a table with an instance and a time in each row
            (columns instance_id or the index's name, time or the time index's name; others pass through):
            pandas, Arrow, a Spark DataFrame, or the path of a .parquet file.
        instance_ids: the instances, where `cutoff_time` is one time; default all visible ones.
        dataframes, relationships: make the EntitySet from these, see `EntitySet`.
        cutoff_time_in_index: put the cutoff time into the index, as `time`.
        training_window: use only rows this long before the cutoff: "30 days", "1 mo", Timedelta, DateOffset.
            A list of several gives every feature that aggregates once for each of them, called for instance
            SUM(sales.amount, 30 days), with the values that a call with that window gives; the other
            features once, as the widest window has them. None in the list is no window.
        approximate: length of bins of time, "1 day": aggregations that rows take over from their parents are
            computed at the start of the bin that the cutoff time is in, once for all rows of the bin.
        save_progress, chunk_size, n_jobs, dask_kwargs: accepted and without effect: engines run in parallel
            and in bounded memory by themselves.
        verbose: log the plan.
        progress_callback: called with the change in percent, the percent done and the seconds so far.
        include_cutoff_time: rows at the cutoff itself are visible (default) or not.
        gap: ignore rows within this span before the cutoff: as `training_window`, or a number where time
            indexes are numbers. A training window is counted back from where the gap begins.
        engine: 'duckdb' (this process), 'spark', 'partitioned' (DuckDB in Spark's tasks), 'featuretools', or
            'auto': Spark where a table is a Spark DataFrame, a session is given or active, or the process was
            started by spark-submit, partitioned where there are many aggregations; else DuckDB.
        fallback: 'allow' lets Featuretools compute what has no SQL form; 'error' refuses it.
        spark: the session to use; default the active one, else a local one.
        options: memory, threads and spill folder of DuckDB.

    Raises:
        DefinitionError, SchemaError, CutoffError, StorageError: arguments that do not fit.
        UnsupportedError: fallback='error' and a feature has no SQL form.
    """
    entityset = _entityset(entityset, dataframes, relationships)
    for name, given in {
        "save_progress": save_progress,
        "chunk_size": chunk_size,
        "dask_kwargs": dask_kwargs,
    }.items():
        if given is not None:
            logger.info("%s has no effect: rows are not computed in chunks", name)
    if n_jobs != 1:
        logger.info("n_jobs has no effect: engines use all cores by themselves")
    definitions = read_features(features, entityset)
    cutoffs = read_cutoffs(cutoff_time, instance_ids, entityset, entityset[definitions.target])
    approximate = read_bin(approximate, entityset)
    several = isinstance(training_window, list | tuple)
    windows = read_windows(entityset, training_window) if several else ()
    window = None if several else training_window
    rule = read_rule(entityset, window, gap, include_cutoff_time=include_cutoff_time)
    if approximate is not None and cutoffs.time is None:
        rule = replace(rule, approximate=read_duration(approximate, "approximate").microseconds)
    name, on_spark, why = _choose_engine(engine, entityset, spark, cutoff_time)
    dialect = "spark" if on_spark and name != "partitioned" else "duckdb"
    computation = Computation(
        entityset, definitions, cutoffs, rule, approximate, name == "featuretools", dialect, windows
    )
    if engine == "auto" and name == "spark":
        name, reason = choose_on_spark(computation.on("duckdb"))
        computation = computation.on("duckdb" if name == "partitioned" else "spark")
        why = f"{why}; {reason}"
    if name == "partitioned":
        computation = with_spark(computation)
    _check_fallback(computation, fallback, name)
    matrix = FeatureMatrix(
        computation,
        name,
        on_spark=on_spark,
        engine_reason=why,
        spark=spark,
        options=options,
        cutoff_time_in_index=cutoff_time_in_index,
        progress_callback=progress_callback,
    )
    if verbose:
        logger.warning("%s", matrix.explain())
    return matrix


def dfs(
    dataframes: Mapping[str, tuple[Any, ...]] | None = None,
    relationships: Iterable[tuple[str, str, str, str]] | None = None,
    entityset: EntitySet | None = None,
    target_dataframe_name: str | None = None,
    cutoff_time: Any = None,
    instance_ids: Iterable[Any] | None = None,
    agg_primitives: Sequence[Any] | None = None,
    trans_primitives: Sequence[Any] | None = None,
    groupby_trans_primitives: Sequence[Any] | None = None,
    allowed_paths: Any = None,
    max_depth: int = 2,
    ignore_dataframes: Sequence[str] | None = None,
    ignore_columns: Mapping[str, Sequence[str]] | None = None,
    primitive_options: Any = None,
    seed_features: Sequence[FeatureBase] | None = None,
    drop_contains: Sequence[str] | None = None,
    drop_exact: Sequence[str] | None = None,
    where_primitives: Sequence[Any] | None = None,
    max_features: int = -1,
    cutoff_time_in_index: bool = False,
    save_progress: str | None = None,
    features_only: bool = False,
    training_window: Any = None,
    approximate: Any = None,
    chunk_size: float | None = None,
    n_jobs: int = 1,
    dask_kwargs: Mapping[str, Any] | None = None,
    verbose: bool = False,
    return_types: Any = None,
    progress_callback: ProgressCallback | None = None,
    include_cutoff_time: bool = True,
    **engine_arguments: Any,
) -> Any:
    """Define features by deep feature synthesis and, unless `features_only`, plan their matrix.

    The search is Featuretools' own, on the schema alone: it reads no rows. Arguments are those of
    `featuretools.dfs`; those of `calculate_feature_matrix` (gap, engine, fallback, spark, options) go there.

    Returns:
        The list of features if `features_only`, else (FeatureMatrix, features).

    Raises:
        SchemaError: no such target.
        DefinitionError: an unknown primitive, or arguments that Featuretools refuses.
    """
    entityset = _entityset(entityset, dataframes, relationships)
    if not target_dataframe_name:
        raise SchemaError(
            "dfs needs a target", hint=f"Give target_dataframe_name: {', '.join(entityset.tables)}"
        )
    features = search_features(
        entityset,
        target_dataframe_name,
        agg_primitives=agg_primitives,
        trans_primitives=trans_primitives,
        groupby_trans_primitives=groupby_trans_primitives,
        allowed_paths=allowed_paths,
        max_depth=max_depth,
        ignore_dataframes=ignore_dataframes,
        ignore_columns=ignore_columns,
        primitive_options=primitive_options,
        seed_features=seed_features,
        drop_contains=drop_contains,
        drop_exact=drop_exact,
        where_primitives=where_primitives,
        max_features=max_features,
        return_types=return_types,
    )
    if features_only:
        return features
    matrix = calculate_feature_matrix(
        features,
        entityset,
        cutoff_time=cutoff_time,
        instance_ids=instance_ids,
        cutoff_time_in_index=cutoff_time_in_index,
        training_window=training_window,
        approximate=approximate,
        save_progress=save_progress,
        verbose=verbose,
        chunk_size=chunk_size,
        n_jobs=n_jobs,
        dask_kwargs=dask_kwargs,
        progress_callback=progress_callback,
        include_cutoff_time=include_cutoff_time,
        **engine_arguments,
    )
    return matrix, features


def _entityset(given: Any, dataframes: Any, relationships: Any) -> EntitySet:
    if isinstance(given, EntitySet):
        return given
    if given is None and dataframes is not None:
        return EntitySet("entityset", dataframes, relationships)
    if given is not None and hasattr(given, "dataframe_dict"):
        return EntitySet.from_featuretools(given)
    raise SchemaError("No EntitySet given", hint="Pass entityset=, or dataframes= and relationships=")


def _choose_engine(engine: str, entityset: EntitySet, spark: Any, cutoff_time: Any) -> tuple[str, bool, str]:
    """Return the engine's name, whether it runs on Spark, and why it is that one."""
    if engine not in ENGINES:
        raise UserInputError(f"No engine '{engine}'", hint=did_you_mean(engine, ENGINES))
    reason = _reason_for_spark(entityset, spark, cutoff_time)
    if engine == "auto":
        engine = "spark" if reason else "duckdb"
        return engine, engine == "spark", reason or "nothing is in Spark, and no session is there"
    on_spark = engine in ("spark", "partitioned") or (engine == "featuretools" and reason is not None)
    return engine, on_spark, "it was asked for"


def _reason_for_spark(entityset: EntitySet, spark: Any, cutoff_time: Any) -> str | None:
    """Say why Spark is at hand; None where it is not."""
    for table in entityset.tables.values():
        if isinstance(table.source, SparkSource):
            return f"'{table.name}' is a Spark DataFrame"
    if hasattr(cutoff_time, "sparkSession"):
        return "the cutoff times are a Spark DataFrame"
    if spark is not None:
        return "a Spark session is given"
    if active_session() is not None:
        return "a Spark session is active"
    return "the process was started to talk to a Spark" if is_submitted() else None


def _check_fallback(computation: Computation, fallback: str, engine: str) -> None:
    if fallback not in ("allow", "error"):
        raise UserInputError(f"fallback={fallback!r}", hint="Use 'allow' or 'error'")
    if engine == "featuretools" or not computation.reasons:
        return
    name, reason = next(iter(computation.reasons.items()))
    count = len(computation.reasons)
    if fallback == "error":
        raise UnsupportedError(
            f"{count} feature{'s have' if count > 1 else ' has'} no SQL form, first '{name}'",
            why=reason,
            hint="Drop them, or allow Featuretools to compute them: fallback='allow'",
        )
    logger.warning(
        "%d of %d features are computed by Featuretools itself, see explain(); first %s: %s",
        count,
        len(computation.asked),
        name,
        reason,
    )
