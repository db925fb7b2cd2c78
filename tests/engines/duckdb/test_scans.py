"""The cost of a plan in DuckDB: a table is read once for a path, however many features there are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import featuretools as ft
import pandas as pd
import pytest

import sparkfeat as sf
from tests.entityset.kinds import arrow
from tests.entityset.shop import cutoffs, day, found, frames, matrix

FEW = ["count", "max"]
MANY = ["count", "sum", "mean", "max", "std", "skew", "mode", "num_unique", "last"]


@pytest.fixture
def database(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """The shop's tables, each in a file of its own, so that a plan tells which is read."""
    connection = duckdb.connect()
    tables = {name: arrow(frame) for name, frame in frames().items()}
    rows = cutoffs().assign(__position=range(4)).astype({"time": "datetime64[us]"})
    tables["__cutoffs"] = arrow(rows)
    for name, table in tables.items():
        connection.register("held", table)
        path = tmp_path / f"{name}.parquet"
        connection.execute(f"COPY held TO '{path}' (FORMAT parquet)")
        connection.execute(f"CREATE VIEW \"{name}\" AS SELECT * FROM read_parquet('{path}')")
    return connection


def scans(database: duckdb.DuckDBPyConnection, computed: sf.FeatureMatrix) -> Counter[str]:
    """Return how often the executed plan reads each table."""
    profile = database.execute(f"EXPLAIN (ANALYZE, FORMAT json) {computed.sql()}").fetchall()[0][1]
    return Counter(re.findall(r"/(\w+)\.parquet", profile))


@cache
def downward(*primitives: str) -> tuple[ft.Feature, ...]:
    """Return what dfs finds on paths to children: one that goes back to a parent is another path."""
    features = found(agg_primitives=list(primitives))
    return tuple(feature for feature in features if "sales.sessions." not in feature.get_name())


def over(primitives: Sequence[str], **options: Any) -> sf.FeatureMatrix:
    return matrix(list(downward(*primitives)), **options)


@pytest.mark.parametrize(
    "options", [{"cutoff_time": day(6)}, {"cutoff_time": cutoffs()}], ids=["one", "each"]
)
def test_scans_do_not_grow_with_the_features(
    options: dict[str, Any], database: duckdb.DuckDBPyConnection
) -> None:
    few, many = over(FEW, **options), over(MANY, **options)

    assert len(many.columns) > 3 * len(few.columns)
    assert scans(database, many) == scans(database, few)


def test_each_table_is_read_once(database: duckdb.DuckDBPyConnection) -> None:
    counted = scans(database, over(MANY, cutoff_time=cutoffs()))

    assert {counted[name] for name in ("customers", "sessions", "sales")} == {1}


def test_conditions_share_the_scan(database: duckdb.DuckDBPyConnection) -> None:
    given = sf.EntitySet("conditions")
    for name, index, time in (("customers", "customer_id", "joined"), ("sessions", "session_id", "started")):
        given.add_dataframe(frames()[name], name, index=index, time_index=time)
    given.add_relationship("customers", "customer_id", "sessions", "customer_id")
    values = {"device": ["phone", "desk", "tablet"]}
    given.add_interesting_values(dataframe_name="sessions", values=values)
    features = found(given=given, agg_primitives=MANY[:4], where_primitives=MANY[:4])

    counted = scans(database, matrix(features, given, cutoff_time=day(6)))
    assert counted["sessions"] == 1


def test_running_totals_read_their_table_once_more(database: duckdb.DuckDBPyConnection) -> None:
    features = found(agg_primitives=["last"], trans_primitives=["cum_sum", "diff", "cum_count"])
    features = [each for each in features if "sales.sessions." not in each.get_name()]

    counted = scans(database, matrix(features, cutoff_time=cutoffs()))
    # Once for the rows that customers reach, once for all rows ever.
    assert counted["sessions"] <= 2


@pytest.mark.parametrize("few_and_more", [((3,), (3, 6)), ((3, 6, 9), (2, 3, 4, 6, 9))], ids=["few", "many"])
def test_the_plan_does_not_depend_on_the_number_of_cutoff_times(
    few_and_more: tuple[tuple[int, ...], ...], database: duckdb.DuckDBPyConnection
) -> None:
    few, more = (
        pd.concat([cutoffs().assign(time=day(number)) for number in days]).drop_duplicates()
        for days in few_and_more
    )

    assert over(MANY, cutoff_time=few).sql() == over(MANY, cutoff_time=more).sql()
