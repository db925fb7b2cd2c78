"""The order of a published matrix's rows: that of the cutoff times, on Spark within each file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkfeat.pipelines.compute_features import run
from sparkfeat.pipelines.config_file import read_config
from sparkfeat.storage.read import read_matrix
from tests.pipelines.small_shop import JANUARY, ORDERS, write_shop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JOINING = "spark.sql.adaptive.coalescePartitions.enabled"

# 7 and 31 share no factor: the days come in no order, and each once for each customer.
ASKED = [(customer, JANUARY[7 * place % 31]) for place in range(31) for customer in (3, 1, 2)]


@pytest.fixture
def several_files(spark: SparkSession) -> Iterator[SparkSession]:
    """Small partitions are not joined into one file."""
    before = spark.conf.get(JOINING)
    spark.conf.set(JOINING, "false")
    yield spark
    spark.conf.set(JOINING, str(before))


def orders_before(customer: int, time: object) -> int:
    known = zip(ORDERS["customer_id"], ORDERS["ordered"], strict=True)
    return sum(one == customer and ordered <= time for one, ordered in known)


def computed(folder: Path, engine: str, spark: SparkSession | None = None) -> list[list[int]]:
    """Publish the matrix; return, by file, the places that its rows have among those asked for."""
    features = {"agg_primitives": ["count"]}
    output = {"cutoff_time_in_index": True}
    config = write_shop(folder, engine={"name": engine}, features=features, output=output)
    customers, times = zip(*ASKED, strict=True)
    pq.write_table(pa.table({"instance_id": customers, "time": times}), folder / "cutoffs.parquet")
    run(read_config(config), spark=spark)
    matrix = read_matrix(folder / "out")
    for row in matrix.to_table().to_pylist():
        assert row["COUNT(orders)"] == orders_before(row["customer_id"], row["time"])
    places = {asked: place for place, asked in enumerate(ASKED)}
    tables = [fragment.to_table() for fragment in matrix.get_fragments()]
    return [[places[row["customer_id"], row["time"]] for row in table.to_pylist()] for table in tables]


def test_duckdb_writes_all_rows_in_the_order_asked_for(tmp_path: Path) -> None:
    files = computed(tmp_path, "duckdb")

    assert list(chain(*files)) == list(range(len(ASKED)))


def test_spark_writes_each_file_in_the_order_asked_for(tmp_path: Path, several_files: SparkSession) -> None:
    files = computed(tmp_path, "spark", several_files)

    assert len(files) > 1
    assert all(places == sorted(places) for places in files)
    assert sorted(chain(*files)) == list(range(len(ASKED)))
