"""Indexes, times and relationships that cannot be used: what is said, and when."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import featuretools as ft
import pandas as pd
import pyarrow as pa
import pytest

import sparkfeat as sf
from tests.entityset.kinds import KINDS, arrow, as_file
from tests.entityset.shop import KEYS, TIMES, column, day, entityset, frames, matrix

SESSIONS: dict[str, Any] = {"dataframe_name": "sessions", "index": "session_id"}

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def add(rows: Any, **options: Any) -> sf.EntitySet:
    """Add rows as the table `sessions`."""
    return sf.EntitySet("bad").add_dataframe(rows, **{**SESSIONS, **options})


# The index ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
@pytest.mark.parametrize(
    ("values", "message"), [([1, 1, 2], "duplicate values.*1"), ([1, None, 2], "1 null")]
)
def test_a_bad_index_in_memory_is_found_when_it_is_added(values: list[Any], message: str, kind: str) -> None:
    rows = pd.DataFrame({"session_id": pd.array(values, dtype="Int64")})

    with pytest.raises(sf.errors.DataError, match=message):
        add(rows if kind == "pandas" else arrow(rows))


def stored(ids: list[Any], folder: Path, **options: Any) -> sf.FeatureMatrix:
    """Return the matrix of a stored table with an index of `ids`."""
    rows = pd.DataFrame({"customer_id": pd.array(ids, dtype="Int64"), "age": range(len(ids))})
    given = sf.EntitySet("bad")
    given.add_dataframe(as_file("customers", rows, folder), "customers", index="customer_id")
    return matrix([column("customers", "age")], given, **options)


BAD: dict[str, tuple[list[Any], str]] = {
    "twice": ([1, 1, 2], "duplicate.*'customers', column 'customer_id'.*3 rows have 2 different"),
    # As many rows as there are integers from the least to the greatest.
    "twice, and one missing": ([1, 2, 2, 4], "4 rows have 3 different"),
    "thrice, and two missing": ([-3, 1, 1, 1, -1], "5 rows have 3 different"),
    "far apart": ([1, 2**62, 2**62], "3 rows have 2 different"),
    "null": ([1, None], "1 null"),
}


@pytest.mark.parametrize(("ids", "message"), BAD.values(), ids=BAD)
def test_a_bad_index_in_parquet_is_found_at_the_first_computation(
    ids: list[Any], message: str, tmp_path: Path
) -> None:
    computing = stored(ids, tmp_path)

    with pytest.raises(sf.errors.DataError, match=message):
        computing.to_pandas()


@pytest.mark.parametrize(
    "ids", [[3, 1, 2], [-1, 0, 1], [7], [1, 2**62], [2**63 - 1, -(2**63)], [2**63 - 1]], ids=str
)
def test_a_good_index_in_parquet_is_taken(ids: list[int], tmp_path: Path) -> None:
    assert len(stored(ids, tmp_path).to_pandas()) == len(ids)


@pytest.mark.spark
@pytest.mark.parametrize(("ids", "message"), BAD.values(), ids=BAD)
def test_a_bad_index_is_found_on_spark(
    ids: list[Any], message: str, tmp_path: Path, spark: SparkSession
) -> None:
    computing = stored(ids, tmp_path, engine="spark", spark=spark)

    with pytest.raises(sf.errors.DataError, match=message):
        computing.to_pandas()


@pytest.mark.spark
def test_a_good_index_is_taken_on_spark(tmp_path: Path, spark: SparkSession) -> None:
    assert len(stored([2**62, 1, -3], tmp_path, engine="spark", spark=spark).to_pandas()) == 3


def test_a_bad_index_in_parquet_is_found_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(sf.errors.DataError, match="duplicate values"):
        stored([1, 1], tmp_path).write_parquet(tmp_path / "out")

    assert list((tmp_path / "out").iterdir()) == []


def test_a_bad_index_stays_bad_at_the_second_computation(tmp_path: Path) -> None:
    computing = stored([1, 1], tmp_path)

    for _ in range(2):
        with pytest.raises(sf.errors.DataError, match="duplicate values"):
            computing.to_pandas()


def test_make_index_does_not_replace_a_column() -> None:
    with pytest.raises(sf.errors.SchemaError, match="there is a column 'session_id' already"):
        add(frames()["sessions"], make_index=True)


def test_make_index_needs_rows_in_an_order(tmp_path: Path) -> None:
    path = as_file("sessions", frames()["sessions"], tmp_path)

    with pytest.raises(sf.errors.SchemaError, match="make_index needs rows in an order"):
        add(path, index="number", make_index=True)


# Time -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pandas", "arrow", "file"])
def test_a_time_index_is_a_time_or_a_number(kind: str, tmp_path: Path) -> None:
    rows = KINDS[kind]("sessions", frames()["sessions"], tmp_path)

    with pytest.raises(sf.errors.SchemaError, match="'device' is Unknown"):
        add(rows, time_index="device")


def test_time_indexes_are_of_one_kind() -> None:
    given = add(frames()["sessions"], time_index="started")

    with pytest.raises(sf.errors.SchemaError, match=r"'items'.*'sessions\.started'"):
        given.add_dataframe(frames()["sales"], "sales", index="sale_id", time_index="items")


@pytest.mark.parametrize(("time", "secondary"), [("started", "length"), ("length", "started")])
def test_a_secondary_time_index_is_of_the_kind_of_the_first(time: str, secondary: str) -> None:
    with pytest.raises(sf.errors.SchemaError, match=secondary):
        add(frames()["sessions"], time_index=time, secondary_time_index={secondary: ["device"]})


def test_a_secondary_time_index_needs_a_time_index() -> None:
    with pytest.raises(sf.errors.SchemaError, match="secondary_time_index needs a time_index"):
        add(frames()["sessions"], secondary_time_index={"started": ["device"]})


@pytest.mark.parametrize("columns", [["device"], ("device",), ["device", "started"], "device"], ids=repr)
def test_a_secondary_time_index_hides_itself_too(columns: Any) -> None:
    given = add(frames()["sessions"], time_index="started", secondary_time_index={"started": columns})

    assert given["sessions"].secondary_time_index == {"started": ("device", "started")}


def test_a_time_beyond_the_range_of_nanoseconds_is_computed_with() -> None:
    # How data warehouses write "for ever".
    for_ever = pa.array([datetime(9999, 12, 31)], pa.timestamp("us"))
    given = sf.EntitySet("for ever")
    given.add_dataframe(pa.table({"id": [1], "until": for_ever}), "t", index="id")
    until = ft.Feature(given.schema_twin()["t"].ww["until"])

    assert matrix([ft.Feature(until, primitive=ft.primitives.Month)], given).to_pandas().iloc[0, 0] == 12


# Relationships --------------------------------------------------------------------------------------------

LINK = ("customers", "customer_id", "sessions", "customer_id")
WRONG_LINKS: dict[str, tuple[tuple[str, str, str, str], str]] = {
    "parent": (("custmers", *LINK[1:]), "Did you mean 'customers'"),
    "parent column": (("customers", "custmer_id", *LINK[2:]), "Did you mean 'customer_id'"),
    "child": ((*LINK[:2], "sesions", "customer_id"), "Did you mean 'sessions'"),
    "child column": ((*LINK[:3], "custmer_id"), "Did you mean 'customer_id'"),
    "parent column that is no index": (("customers", "age", *LINK[2:]), "The index is 'customer_id'"),
    "child column that is its own index": ((*LINK[:3], "session_id"), "is the index of 'sessions' itself"),
    "key types": ((*LINK[:3], "device"), "The key types differ: Integer and Categorical"),
    "tables swapped": ((*LINK[2:], *LINK[:2]), "is not the index of 'sessions'"),
}


@pytest.mark.parametrize("wrong", WRONG_LINKS)
def test_a_relationship_is_refused_for_its(wrong: str) -> None:
    link, message = WRONG_LINKS[wrong]
    given = entityset(names=["customers"]).add_dataframe(
        frames()["sessions"], "sessions", index="session_id", logical_types={"device": "Categorical"}
    )

    with pytest.raises(sf.errors.SchemaError, match=message):
        given.add_relationship(*link)

    assert given.relationships == []


@pytest.mark.parametrize("kind", ["pandas", "file"])
def test_key_types_are_compared_wherever_the_rows_are(kind: str, tmp_path: Path) -> None:
    given = sf.EntitySet("keys")
    for name, key in (("customers", "customer_id"), ("products", "product_id")):
        rows = KINDS[kind](name, frames()[name], tmp_path)
        given.add_dataframe(rows, name, index=key)
    given.add_dataframe(KINDS[kind]("sales", frames()["sales"], tmp_path), "sales", index="sale_id")

    with pytest.raises(sf.errors.SchemaError, match="The key types differ"):
        given.add_relationship("customers", "customer_id", "sales", "product_id")


def test_the_same_relationship_twice_is_one() -> None:
    given = entityset(names=["customers", "sessions"])
    given.add_relationship(*LINK)

    assert len(given.relationships) == 1


@pytest.mark.parametrize("name", KEYS)
def test_a_table_without_rows_keeps_its_types(name: str) -> None:
    given = sf.EntitySet("empty")
    given.add_dataframe(frames()[name].iloc[:0], name, index=KEYS[name], time_index=TIMES[name])

    kinds = {one.name: one.logical_type for one in given[name].columns}
    assert kinds[TIMES[name]] == "Datetime"
    assert kinds[KEYS[name]] == ("Unknown" if name == "products" else "Integer")


def test_a_column_can_be_called_like_an_sql_keyword() -> None:
    given = sf.EntitySet("keywords")
    given.add_dataframe(
        pd.DataFrame({"select": [1, 2], "from": [day(1), day(2)]}), "where", "select", time_index="from"
    )

    assert given["where"].column_names == ("select", "from")
