"""The features of the TPC-H customers by sparkfeat, on any of its engines."""

from __future__ import annotations

from pathlib import Path

import featuretools  # noqa: F401 - imported before the clock starts

import sparkfeat as sf
from benchmarks import tpch
from benchmarks.contenders.spark_session import session_for


def run(data: Path, output: Path, engine: str) -> None:
    """Compute all default features at max_depth 2, each customer at its own cutoff time."""
    es = load(data)
    features = sf.dfs(entityset=es, target_dataframe_name=tpch.TARGET, max_depth=2, features_only=True)
    matrix = sf.calculate_feature_matrix(
        features,
        es,
        cutoff_time=str(data / "cutoffs.parquet"),
        engine=engine,
        fallback="error",
        spark=session_for(engine),
    )
    matrix.write_parquet(str(output))


def load(data: Path) -> sf.EntitySet:
    """Return the EntitySet over the prepared files, all logical types given."""
    es = sf.EntitySet("tpch")
    for name, types in tpch.LOGICAL_TYPES.items():
        es.add_dataframe(
            dataframe=str(data / f"{name}.parquet"),
            dataframe_name=name,
            index=next(iter(types)),
            time_index=tpch.TIME_INDEXES.get(name),
            logical_types=types,
        )
    for relationship in tpch.RELATIONSHIPS:
        es.add_relationship(*relationship)
    return es
