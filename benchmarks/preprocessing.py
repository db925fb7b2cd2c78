"""What preprocessing adds to MLlib's fit: `python -m benchmarks.preprocessing [--rows N] [--columns N]`.

Every fourth column lacks a tenth of its values. `alone` is MLlib's fit on the columns, which VectorAssembler
makes a vector of. Against it stands what `sparkfeat train` does: fit the default preprocessing, keep the
vectors, which have the indicators of missing values too, and fit on them. As MLlib reads its rows more than
once, its fit on vectors that are kept is shown beside it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.retail import DATA
from sparkfeat.engines.spark.session import local_session

if TYPE_CHECKING:
    from numpy.random import Generator
    from pyspark.sql import DataFrame

CHUNK_ROWS = 50_000
MEMORY = "10g"
"""MLlib keeps its blocks of rows, 2 GB of a million vectors, beside the vectors themselves."""
AT_MOST = 0.3
"""What preprocessing may add, as a share of the fit."""


def dataset(rows: int, columns: int) -> Path:
    """Return the file of a size, written on the first call and kept in benchmarks/data."""
    file = DATA / f"features-{rows}-{columns}.parquet"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_suffix(".part")
        generate(unfinished, rows, columns)
        unfinished.rename(file)
    return file


def generate(file: Path, rows: int, columns: int, seed: int = 7) -> None:
    """Write the table chunk by chunk, floats without a dictionary as in matrices that sparkfeat publishes."""
    rng = np.random.default_rng(seed)
    first = _chunk(rng, 0, columns)
    with pq.ParquetWriter(file, first.schema, use_dictionary=False) as writer:
        for start in range(0, rows, CHUNK_ROWS):
            writer.write_table(_chunk(rng, min(CHUNK_ROWS, rows - start), columns))


def _chunk(rng: Generator, rows: int, columns: int) -> pa.Table:
    signal = np.zeros(rows)
    made = {}
    for place in range(columns):
        values = rng.normal(place, 1 + place, rows)
        signal += (values - place) / (1 + place) if place < 10 else 0
        lacks = rng.random(rows) < (0.1 if place % 4 == 0 else 0)
        made[f"MEAN(events.v{place:03d})"] = pa.array(values, mask=lacks)
    made["label"] = pa.array((signal + rng.normal(0, 2, rows) > 0).astype(float))
    return pa.table(made)


def main(arguments: list[str] | None = None) -> int:
    """Measure both models; return 1 where preprocessing adds more than it may, else 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preprocessing", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=200)
    parser.add_argument("--model", action="append", choices=["logistic", "gbt"])
    asked = parser.parse_args(arguments)
    spark = local_session("benchmarks", **{"spark.driver.memory": MEMORY})
    table = spark.read.parquet(str(dataset(asked.rows, asked.columns)))
    print(f"{asked.rows:,} rows, {asked.columns} columns")
    shares = [measured(name, table) for name in asked.model or ["logistic", "gbt"]]
    return int(max(shares) > AT_MOST)


def measured(name: str, table: DataFrame) -> float:
    """Print and return what preprocessing adds to the fit of a model, as a share of it."""
    fit = _fit(name)
    numbers = [column for column in table.columns if column.startswith("MEAN")]
    few = table.limit(1_000)
    fit(_assembled(few, numbers))  # Java compiles what all runs share
    fit(_prepared(few))
    prepared: list[DataFrame] = []
    alone = _seconds(lambda: fit(_assembled(table, numbers)))
    preparing = _seconds(lambda: prepared.append(_prepared(table)))
    together = _seconds(lambda: _fit_kept(fit, prepared[0]))
    kept = _seconds(lambda: _fit_kept(fit, _assembled(table, numbers)))
    added = preparing + together - alone
    print(f"{name}: alone {alone:.1f} s; preprocessing {preparing:.1f} s, then {together:.1f} s")
    print(f"{name}: {added / alone:+.0%} (at most {AT_MOST:+.0%})")
    print(f"{name}: MLlib on vectors that are kept {kept:.1f} s, {(preparing + together) / kept - 1:+.0%}")
    return added / alone


def _fit_kept(fit: Callable[[DataFrame], object], rows: DataFrame) -> None:
    """Fit on rows that are kept in memory, or on disk, meanwhile."""
    rows.persist()
    try:
        fit(rows)
    finally:
        rows.unpersist()


def _fit(name: str) -> Callable[[DataFrame], object]:
    from pyspark.ml.classification import GBTClassifier, LogisticRegression

    estimator = LogisticRegression() if name == "logistic" else GBTClassifier(seed=1)
    return estimator.fit


def _assembled(table: DataFrame, numbers: list[str]) -> DataFrame:
    """Return what MLlib alone makes of the numbers: missing ones are 0, as it takes no nulls."""
    from pyspark.ml.feature import VectorAssembler
    from pyspark.sql import functions as F  # noqa: N812 - its usual name

    safe = [f"x{place}" for place in range(len(numbers))]
    columns = [
        F.coalesce(F.col(f"`{name}`"), F.lit(0.0)).alias(x) for name, x in zip(numbers, safe, strict=True)
    ]
    plain = table.select(*columns, "label")
    return VectorAssembler(inputCols=safe, outputCol="features").transform(plain).select("features", "label")


def _prepared(table: DataFrame) -> DataFrame:
    """Fit the default preprocessing and return its vectors, which have the indicators too."""
    from sparkfeat.models.preprocessing import PreprocessingConfig, build_preprocessing
    from sparkfeat.models.roles import find_roles

    model = build_preprocessing(PreprocessingConfig(), find_roles(table, "label")).fit(table)
    return model.transform(table).select("features", "label")


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
