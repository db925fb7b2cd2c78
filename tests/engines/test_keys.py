from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from sparkfeat.engines import keys
from sparkfeat.engines.featuretools.reach import Edge
from sparkfeat.entityset import Relationship
from sparkfeat.pipelines.build import built
from sparkfeat.pipelines.config_file import read_config
from tests.pipelines.small_shop import write_shop

ORDERS = Relationship("customers", "customer_id", "orders", "customer_id")
LINES = Relationship("orders", "order_id", "lines", "order_id")


@pytest.fixture
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE customers AS SELECT range AS customer_id FROM range(1, 4)")
    connection.execute(
        "CREATE TABLE orders AS "
        "FROM (VALUES (1, 1), (2, 1), (3, 2), (4, NULL), (5, 9)) t(order_id, customer_id)"
    )
    connection.execute(
        "CREATE TABLE lines AS FROM (VALUES (1, 3), (2, 3), (3, 3), (4, 1)) t(line_id, order_id)"
    )
    connection.execute("CREATE TABLE __cutoffs AS FROM (VALUES (1), (1)) t(instance_id)")
    return connection


def rows_of(database: duckdb.DuckDBPyConnection, query: Any) -> list[tuple[Any, ...]]:
    return database.execute(query.sql(dialect="duckdb")).fetchall()


def test_hottest_keys_come_with_the_rows_of_all(database: duckdb.DuckDBPyConnection) -> None:
    assert rows_of(database, keys.hottest(ORDERS, None, 2)) == [(1, 2, 4), (2, 1, 4)]


def test_large_tables_are_sampled(database: duckdb.DuckDBPyConnection) -> None:
    share = keys.sampled_share(100_000_000)
    database.execute("CREATE OR REPLACE TABLE orders AS SELECT range % 10 AS customer_id FROM range(200_000)")

    assert keys.sampled_share(keys.COUNTED_WHOLE) is None
    assert share == 0.01
    ((_, rows, total), *_) = rows_of(database, keys.hottest(ORDERS, share, 1))
    assert 1_000 < total < 3_000
    assert rows < total / 5


def test_rows_of_all_tables_belong_to_an_instance(
    database: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    down, lines = Edge(False, ORDERS), Edge(False, LINES)
    up = Edge(True, ORDERS)
    with built(read_config(write_shop(tmp_path))) as parts:
        target = parts.entityset["customers"]

    paths = [(), (down,), (down, lines), (up,)]
    assert rows_of(database, keys.largest_group(target, paths, listed=False)) == [(2, 6)]
    assert rows_of(database, keys.largest_group(target, paths, listed=True)) == [(1, 6)]


def test_relationships_are_those_of_the_features(tmp_path: Path) -> None:
    with built(read_config(write_shop(tmp_path))) as parts:
        assert keys.relationships_of(parts.matrix.computation) == [ORDERS]
