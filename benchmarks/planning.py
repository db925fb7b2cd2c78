"""How long DuckDB plans a wide matrix, with its whole optimizer and without what sparkfeat leaves out.

`python -m benchmarks.planning`. The rows are few: planning is most of the time.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from unittest import mock

import pandas as pd

import sparkfeat as sf
from sparkfeat.engines.duckdb import engine
from sparkfeat.pipelines import shop

CUSTOMERS = 2_000
RUNS = 3


def seconds(matrix: sf.FeatureMatrix) -> float:
    """Return the best time of computing the matrix."""
    found = []
    for _ in range(RUNS):
        started = time.perf_counter()
        matrix.to_pandas()
        found.append(time.perf_counter() - started)
        matrix._rows = None
    return min(found)


def main() -> None:
    """Print both times and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        shop.generate(Path(folder), CUSTOMERS, seed=0)
        es = shop.load_entityset(Path(folder))
        labels = pd.read_parquet(Path(folder) / "labels.parquet")
        features = sf.dfs(entityset=es, target_dataframe_name="customers", features_only=True)
        matrix = sf.calculate_feature_matrix(features, es, cutoff_time=labels, engine="duckdb")
        chosen = seconds(matrix)
        with mock.patch.object(engine, "_SLOW_ON_WIDE_PLANS", frozenset[str]()):
            all_steps = seconds(matrix)
    print(f"{len(features)} features of {CUSTOMERS:,} customers")
    print(f"all steps of the optimizer: {all_steps:.2f} s")
    print(f"as sparkfeat runs it:       {chosen:.2f} s, {all_steps / chosen:.1f} times faster")


if __name__ == "__main__":
    main()
