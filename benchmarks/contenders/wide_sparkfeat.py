"""The wide features by sparkfeat, on any of its engines; loading included."""

from __future__ import annotations

from pathlib import Path

import sqlglot.dialects.duckdb
import sqlglot.dialects.spark  # noqa: F401 - imported before the clock starts

import sparkfeat as sf
import sparkfeat.synthesis
from benchmarks import wide
from benchmarks.contenders.spark_session import session_for


def run(data: Path, output: Path, columns: str, engine: str = "duckdb") -> None:
    """Compute all features of the first `columns` columns, for every customer."""
    matrix = sf.calculate_feature_matrix(
        wide.features(int(columns)),
        load(data),
        engine=engine,
        fallback="error",
        spark=session_for(engine),
    )
    matrix.write_parquet(str(output))


def load(data: Path) -> sf.EntitySet:
    """Return the EntitySet over the Parquet files, all logical types given."""
    es = sf.EntitySet("wide")
    for name, index in wide.INDEXES.items():
        path = str(data / f"{name}.parquet")
        es.add_dataframe(path, name, index=index, logical_types=wide.logical_types(name))
    for relationship in wide.RELATIONSHIPS:
        es.add_relationship(*relationship)
    return es
