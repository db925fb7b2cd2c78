"""The retail features by Featuretools itself, loading included."""

from __future__ import annotations

from pathlib import Path

import featuretools
import pandas as pd

from benchmarks import retail


def run(data: Path, output: Path, cutoffs: Path | None = None) -> None:
    """Load the tables, compute the features, write them; at the time of each row of `cutoffs` if given."""
    es = load(data)
    features = featuretools.dfs(entityset=es, target_dataframe_name=retail.TARGET, features_only=True)
    times = pd.read_parquet(cutoffs) if cutoffs else None
    matrix = featuretools.calculate_feature_matrix(features, es, cutoff_time=times)
    output.mkdir(parents=True, exist_ok=True)
    matrix.reset_index().to_parquet(output / "features.parquet")


def load(data: Path) -> featuretools.EntitySet:
    """Return the EntitySet with all logical types given, so that nothing is inferred."""
    es = featuretools.EntitySet("retail")
    for name, types in retail.LOGICAL_TYPES.items():
        es.add_dataframe(
            dataframe=pd.read_parquet(data / f"{name}.parquet"),
            dataframe_name=name,
            index=retail.INDEXES[name],
            time_index=retail.TIME_INDEXES.get(name),
            logical_types=types,
        )
    for relationship in retail.RELATIONSHIPS:
        es.add_relationship(*relationship)
    return es
