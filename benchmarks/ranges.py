"""Windows over a whole table on Spark: in ranges, and in one task.

`python -m benchmarks.ranges [ROWS]`. Ranges do more work, on all cores, and bound what a task holds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import featuretools as ft
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from featuretools import primitives as p

import sparkfeat as sf
from sparkfeat.engines.spark import local_session, runner

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROWS = 6_000_000
RUNS = 2
FIRST = pd.Timestamp("2024-01-01")
CUTOFF = pd.Timestamp("2025-01-01")


def table(rows: int) -> pa.Table:
    """Return `rows` payments of a year, in the order of time."""
    random = np.random.default_rng(1)
    seconds = np.sort(random.integers(0, 365 * 86_400, rows))
    times = (FIRST + pd.to_timedelta(seconds, unit="s")).values.astype("datetime64[us]")
    return pa.table({"id": np.arange(rows), "at": times, "amount": np.round(random.gamma(2, 20, rows), 2)})


def features() -> list[ft.Feature]:
    """Return one feature of each kind: carried over, by value, of rows before, of so many rows."""
    es = ft.EntitySet("payments")
    es.add_dataframe(table(1_000).to_pandas(), "payments", index="id", time_index="at")
    amount, at = (ft.Feature(es["payments"].ww[name]) for name in ("amount", "at"))
    return [
        ft.Feature(amount, primitive=p.CumSum),
        ft.Feature(amount, primitive=p.Percentile),
        ft.Feature(amount, primitive=p.Diff),
        ft.Feature([at, amount], primitive=p.RollingMean(window_length=50)),
    ]


def seconds(feature: ft.Feature, es: sf.EntitySet, spark: SparkSession) -> float:
    """Return the best time of computing the feature; only a sum of it is looked at."""
    found = []
    for _ in range(RUNS):
        started = time.perf_counter()
        matrix = sf.calculate_feature_matrix([feature], es, cutoff_time=CUTOFF, engine="spark", spark=spark)
        frame = matrix.to_spark()
        frame.selectExpr(f"sum(hash(`{frame.columns[-1]}`))").collect()
        found.append(time.perf_counter() - started)
        spark.catalog.clearCache()
    return min(found)


def main() -> None:
    """Print both times of each feature, and their ratio."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    spark = local_session("benchmark", **{"spark.driver.memory": "6g"})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "payments.parquet"
        pq.write_table(table(rows), path)
        es = sf.EntitySet("payments")
        es.add_dataframe(path, "payments", index="id", time_index="at")
        print(f"{rows:,} rows; seconds in one task, in ranges")
        for feature in features():
            ranges = seconds(feature, es, spark)
            with mock.patch.object(runner, "ROWS_OF_RANGE", rows):
                one = seconds(feature, es, spark)
            print(f"{feature.get_name():40} {one:6.1f} {ranges:6.1f} {ranges / one:5.2f}", flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
