"""The retail features by sparkfeat, on any of its engines; loading and the search for features included."""

from __future__ import annotations

from pathlib import Path

# Imported before the clock starts, as the other contenders' libraries are.
import featuretools  # noqa: F401
import sqlglot.dialects.duckdb
import sqlglot.dialects.spark  # noqa: F401

import sparkfeat as sf
import sparkfeat.synthesis
from benchmarks import retail
from benchmarks.contenders.spark_session import session_for


def run(
    data: Path,
    output: Path,
    engine: str = "duckdb",
    cutoffs: Path | None = None,
    time: str | None = None,
    memory_limit: str | None = None,
) -> None:
    """Compute the 65 features of every customer, all at one time, or of each row of `cutoffs` at its time."""
    es = load(data)
    features = sf.dfs(entityset=es, target_dataframe_name=retail.TARGET, features_only=True)
    matrix = sf.calculate_feature_matrix(
        features,
        es,
        cutoff_time=str(cutoffs) if cutoffs else time,
        engine=engine,
        fallback="error",
        spark=session_for(engine),
        options=sf.DuckDBOptions(memory_limit=memory_limit),
    )
    matrix.write_parquet(str(output))


def load(data: Path) -> sf.EntitySet:
    """Return the EntitySet over the Parquet files, all logical types given."""
    es = sf.EntitySet("retail")
    for name, types in retail.LOGICAL_TYPES.items():
        es.add_dataframe(
            dataframe=str(data / f"{name}.parquet"),
            dataframe_name=name,
            index=retail.INDEXES[name],
            time_index=retail.TIME_INDEXES.get(name),
            logical_types=types,
        )
    for relationship in retail.RELATIONSHIPS:
        es.add_relationship(*relationship)
    return es
