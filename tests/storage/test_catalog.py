"""Tables of the Glue Data Catalog over published matrices."""

from __future__ import annotations

from typing import Any

import boto3
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkfeat.errors import ConfigError, OutputExistsError, ServiceError, UnsupportedError
from sparkfeat.storage import catalog
from sparkfeat.storage.catalog import CatalogTable
from sparkfeat.storage.columns import LONGEST_NAME, catalog_names, catalog_type
from tests.storage.test_s3_runs import OUT, publish

TABLE = CatalogTable("sparkfeat_example", "customers")


@pytest.fixture
def glue(bucket: Any) -> Any:
    """A client of Glue and an empty database."""
    client = boto3.client("glue")
    client.create_database(DatabaseInput={"Name": TABLE.database})
    yield client
    client.close()


def found(client: Any) -> dict[str, Any]:
    table: dict[str, Any] = client.get_table(DatabaseName=TABLE.database, Name=TABLE.table)["Table"]
    return table


def test_names_are_those_of_athena_and_lead_back() -> None:
    names = [
        "customer_id",
        "SUM(sessions.amount)",
        "MODE(sessions.device WHERE amount > 5.0)",
        "2nd visit",
        "%",
        "Größe",
        "NUM_UNIQUE(a.b)[0]",
    ]

    assert list(catalog_names(names).values()) == [
        "customer_id",
        "sum_sessions_amount",
        "mode_sessions_device_where_amount_5_0",
        "c_2nd_visit",
        "c",
        "gr_e",
        "num_unique_a_b_0",
    ]


def test_names_that_would_be_alike_are_told_apart_whatever_their_order() -> None:
    names = ["a > 5", "a < 5", "A_5", "b"]
    found = catalog_names(names)

    assert len(set(found.values())) == 4
    assert found["b"] == "b"
    assert all(found[name].startswith("a_5_") for name in names[:3])
    assert catalog_names(reversed(names)) == found


@given(st.lists(st.text(min_size=1, max_size=400), unique=True, max_size=20))
def test_any_names_become_columns(names: list[str]) -> None:
    found = catalog_names(names)

    assert list(found) == names
    assert len(set(found.values())) == len(names)
    for short in found.values():
        assert 1 <= len(short) <= LONGEST_NAME
        assert short.isascii()
        assert short == short.lower()
        assert not short[0].isdigit()
        assert set(short) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        (pa.int64(), "bigint"),
        (pa.int32(), "int"),
        (pa.float64(), "double"),
        (pa.bool_(), "boolean"),
        (pa.large_string(), "string"),
        (pa.dictionary(pa.int32(), pa.string()), "string"),
        (pa.timestamp("us"), "timestamp"),
        (pa.date32(), "date"),
        (pa.duration("us"), "bigint"),
        (pa.list_(pa.float64()), "array<double>"),
        (
            pa.struct([("latitude", pa.float64()), ("Longitude", pa.float64())]),
            "struct<latitude:double,longitude:double>",
        ),
    ],
)
def test_types(stored: pa.DataType, told: str) -> None:
    assert catalog_type(stored, "x") == told


def test_a_type_that_athena_lacks_is_told() -> None:
    with pytest.raises(UnsupportedError, match=r"no type for .*column 'x'.*output\.catalog"):
        catalog_type(pa.time64("us"), "x")


def test_the_table_shows_the_visible_run(glue: Any) -> None:
    first = publish(OUT, "one")
    TABLE.check(OUT)

    assert TABLE.show(OUT)
    assert not TABLE.show(OUT)

    table = found(glue)
    assert table["StorageDescriptor"]["Location"] == f"{OUT}/{first.data}/"
    assert table["StorageDescriptor"]["Columns"] == [
        {"Name": "id", "Type": "bigint", "Comment": "id", "Parameters": {"sparkfeat.feature": "id"}}
    ]
    serde = table["StorageDescriptor"]["SerdeInfo"]
    assert serde["Parameters"]["parquet.column.index.access"] == "true"
    assert table["TableType"] == "EXTERNAL_TABLE"

    second = publish(OUT, "two", overwrite=True)
    assert TABLE.show(OUT)
    assert found(glue)["StorageDescriptor"]["Location"] == f"{OUT}/{second.data}/"


def test_the_files_of_the_location_are_those_of_the_manifest(glue: Any, bucket: Any) -> None:
    run = publish(OUT, "one")
    TABLE.show(OUT)

    prefix = found(glue)["StorageDescriptor"]["Location"].removeprefix("s3://example-data/")
    there = bucket.list_objects_v2(Bucket="example-data", Prefix=prefix)["Contents"]
    assert [one["Key"] for one in there] == [f"out/{run.data}/part-{number}.parquet" for number in (0, 1)]


def test_a_missing_database_is_told(bucket: Any) -> None:
    with pytest.raises(ConfigError, match=r"No such database.*aws glue create-database"):
        TABLE.check(OUT)


@pytest.mark.parametrize(
    ("parameters", "why"),
    [({}, "sparkfeat did not make it"), ({"sparkfeat.root": "s3://other"}, "s3://other")],
)
def test_a_table_of_others_is_left_alone(glue: Any, parameters: dict[str, str], why: str) -> None:
    glue.create_table(DatabaseName=TABLE.database, TableInput={"Name": TABLE.table, "Parameters": parameters})

    with pytest.raises(OutputExistsError, match=rf"another's.*{why}"):
        TABLE.check(OUT)
    publish(OUT, "one")
    with pytest.raises(OutputExistsError, match=rf"another's.*{why}"):
        TABLE.show(OUT)


def test_a_race_for_the_table_is_run_again(glue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another job makes the table between the look at it and the request."""
    publish(OUT, "one")
    build, others = catalog.table_input, [1]

    def raced(*arguments: Any) -> dict[str, Any]:
        table = build(*arguments)
        if others:
            others.pop()
            old = table | {"StorageDescriptor": table["StorageDescriptor"] | {"Location": "s3://old/"}}
            glue.create_table(DatabaseName=TABLE.database, TableInput=old)
        return table

    monkeypatch.setattr(catalog, "table_input", raced)

    assert TABLE.show(OUT)
    assert found(glue)["StorageDescriptor"]["Location"].startswith(OUT)


def test_a_race_that_does_not_end_is_told(glue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(OUT, "one")
    monkeypatch.setattr(CatalogTable, "_written", lambda *_: False)

    with pytest.raises(ServiceError, match="Others keep changing the table"):
        TABLE.show(OUT)
