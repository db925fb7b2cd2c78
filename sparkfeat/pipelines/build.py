"""The parts of a feature matrix, built as a configuration says: tables, features, matrix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sparkfeat as sf
from sparkfeat.definitions import load_features, search_features
from sparkfeat.engines.spark.session import active_session, is_submitted
from sparkfeat.entityset import EntitySet
from sparkfeat.pipelines.config import ComputeConfig, DataframeConfig, EntitySetConfig
from sparkfeat.pipelines.progress import Silence, Stages
from sparkfeat.pipelines.spark_session import running_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


ON_SPARK = ("spark", "partitioned")
"""Engines that need a Spark session, whatever else there is."""


@dataclass(frozen=True)
class Parts:
    """A matrix that is ready to be computed, and what it is made of."""

    entityset: EntitySet
    features: list[Any]
    matrix: sf.FeatureMatrix


@contextmanager
def built(
    config: ComputeConfig, spark: SparkSession | None = None, stages: Stages | None = None
) -> Iterator[Parts]:
    """Give the block the parts of the matrix; nothing is computed yet.

    A Spark session that had to be started for it is stopped at the end of the block.

    Args:
        config: what to build.
        spark: the session to compute in where the engine is Spark. Default: see `get_session`.
        stages: where the stages are timed and shown. Default: nowhere.

    Raises:
        UserInputError: data, definitions or arguments that do not fit; see `sparkfeat.errors`.
        EnvironmentProblem: Spark is needed and cannot start.
    """
    stages = stages or Stages(Silence())
    with _session(config, spark, stages) as session:
        with stages.stage("open tables"):
            entityset = build_entityset(config.entityset)
        with stages.stage("find features"):
            features = find_features(config, entityset)
        with stages.stage("plan"):
            matrix = _matrix(config, entityset, features, session, stages)
        yield Parts(entityset, features, matrix)


def build_entityset(config: EntitySetConfig) -> EntitySet:
    """Return the EntitySet over the configured Parquet data."""
    entityset = EntitySet(config.id)
    for name, dataframe in config.dataframes.items():
        _add_dataframe(entityset, name, dataframe)
    entityset.add_relationships(config.links())
    for name, values in config.interesting_values.items():
        if isinstance(values, int):
            entityset.add_interesting_values(max_values=values, dataframe_name=name)
        else:
            entityset.add_interesting_values(dataframe_name=name, values=values)
    return entityset


def find_features(config: ComputeConfig, entityset: EntitySet) -> list[Any]:
    """Return the saved features, or those that dfs finds."""
    if config.features.definitions is not None:
        return list(load_features(config.features.definitions))
    return search_features(entityset, **config.features.dfs_arguments())


def _add_dataframe(entityset: EntitySet, name: str, dataframe: DataframeConfig) -> None:
    entityset.add_dataframe(
        dataframe=dataframe.path,
        dataframe_name=name,
        index=dataframe.index,
        time_index=dataframe.time_index,
        logical_types=dataframe.logical_types,
        semantic_tags=dataframe.semantic_tags,
        secondary_time_index=dataframe.secondary_time_index,
    )


def _matrix(
    config: ComputeConfig,
    entityset: EntitySet,
    features: list[Any],
    spark: SparkSession | None,
    stages: Stages,
) -> sf.FeatureMatrix:
    cutoff, engine = config.cutoff_time, config.engine
    return sf.calculate_feature_matrix(
        features,
        entityset=entityset,
        cutoff_time=cutoff.path if cutoff.path is not None else cutoff.time,
        instance_ids=cutoff.instance_ids,
        training_window=cutoff.training_window,
        gap=cutoff.gap,
        include_cutoff_time=cutoff.include_cutoff_time,
        cutoff_time_in_index=config.output.cutoff_time_in_index,
        engine=engine.name,
        fallback=engine.fallback,
        spark=spark,
        progress_callback=stages.advance,
        options=sf.DuckDBOptions(engine.memory_limit, engine.threads, engine.temp_directory),
    )


@contextmanager
def _session(
    config: ComputeConfig, spark: SparkSession | None, stages: Stages
) -> Iterator[SparkSession | None]:
    """Give the block the session that the engine needs, or None; stop one that is started for it."""
    engine, given = config.engine, spark or active_session()
    wanted = engine.name in ON_SPARK or (engine.name == "auto" and is_submitted())
    if not wanted:
        yield given
        return
    key = config.storage.kms_key
    with running_spark(given, engine.spark, stages, where="engine.spark", kms_key=key) as session:
        yield session
