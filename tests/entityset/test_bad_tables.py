"""Tables, keys and relationships that cannot be used: what is said, and when."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import featuretools as ft
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sparkfeat as sf
from tests.entityset.kinds import KINDS, arrow, as_file, as_folder
from tests.entityset.shop import KEYS, TIMES, column, day, entityset, found, frames, matrix

SESSIONS: dict[str, Any] = {"dataframe_name": "sessions", "index": "session_id"}


def add(rows: Any, **options: Any) -> sf.EntitySet:
    """Add rows as the table `sessions`."""
    return sf.EntitySet("bad").add_dataframe(rows, **{**SESSIONS, **options})


# Where the rows are ---------------------------------------------------------------------------------------


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(sf.errors.StorageError, match=r"No such file or folder \(.*gone.parquet\)"):
        add(tmp_path / "gone.parquet")


@pytest.mark.parametrize(
    "inside", [(), ("rows.csv",), ("_temporary/rows.parquet",), (".hidden/rows.parquet",)]
)
def test_a_folder_without_parquet_is_told(inside: tuple[str, ...], tmp_path: Path) -> None:
    for name in inside:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        pq.write_table(arrow(frames()["sessions"]), tmp_path / name)

    with pytest.raises(sf.errors.StorageError, match=r"holds no \.parquet file"):
        add(str(tmp_path))


@pytest.mark.parametrize("content", [b"", b"no Parquet at all", b"PAR1 cut off"])
def test_an_unreadable_file_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(content)

    with pytest.raises(sf.errors.StorageError, match="Cannot be read as Parquet"):
        add(path)


@pytest.mark.parametrize("bad", ["part-0.parquet", "part-1.parquet"])
def test_one_unreadable_file_of_a_folder_is_told(bad: str, tmp_path: Path) -> None:
    folder = Path(as_folder("sessions", frames()["sessions"], tmp_path))
    (folder / bad).write_bytes(b"no Parquet at all")

    with pytest.raises(sf.errors.StorageError, match=f"Cannot be read as Parquet.*{bad}"):
        add(folder)


def test_another_scheme_is_told() -> None:
    with pytest.raises(sf.errors.UnsupportedError, match="Cannot read from 'ftp://'"):
        add("ftp://example.org/rows.parquet")


@pytest.mark.parametrize("rows", [[1, 2], {"session_id": [1]}, None, 5])
def test_rows_of_another_kind_are_refused(rows: Any) -> None:
    with pytest.raises(sf.errors.SchemaError, match="Cannot make a table of"):
        add(rows)


def file_of(tmp_path: Path) -> sf.EntitySet:
    return entityset(lambda name, frame: as_file(name, frame, tmp_path), ["customers", "sessions"])


@pytest.mark.parametrize("after", ["gone", "overwritten"])
def test_a_file_that_is_lost_before_it_is_read_is_told(after: str, tmp_path: Path) -> None:
    computing = matrix(found(given=file_of(tmp_path)), file_of(tmp_path))
    path = tmp_path / "sessions.parquet"
    path.unlink()
    if after == "overwritten":
        path.write_bytes(b"no Parquet at all")

    with pytest.raises(sf.errors.SparkfeatError, match=r"sessions\.parquet"):
        computing.to_pandas()


# Names ----------------------------------------------------------------------------------------------------

WRONG_NAMES: dict[str, dict[str, Any]] = {
    "index": {"index": "sesion_id"},
    "time_index": {"time_index": "start"},
    "logical_types": {"logical_types": {"devise": "Categorical"}},
    "semantic_tags": {"semantic_tags": {"devise": "extra"}},
    "secondary_time_index": {"time_index": "started", "secondary_time_index": {"start": ["device"]}},
    "secondary_time_index columns": {
        "time_index": "started",
        "secondary_time_index": {"started": ["devise"]},
    },
}


@pytest.mark.parametrize("kind", ["pandas", "arrow", "file"])
@pytest.mark.parametrize("argument", WRONG_NAMES)
def test_a_wrong_column_name_is_told_with_the_nearest(argument: str, kind: str, tmp_path: Path) -> None:
    near = {"sesion_id": "session_id", "start": "started", "devise": "device"}
    rows = KINDS[kind]("sessions", frames()["sessions"], tmp_path)

    with pytest.raises(sf.errors.SchemaError, match=argument.split(maxsplit=1)[0]) as told:
        add(rows, **WRONG_NAMES[argument])

    assert any(f"No column '{wrong}'" in str(told.value) for wrong in near)
    assert any(f"Did you mean '{right}'?" in str(told.value) for right in near.values())


@pytest.mark.parametrize(
    "names",
    [["a", "A"], ["größe", "GRÖSSE"], ["a", "a"], ["__row__", "b"], ["__ROW__", "b"]],
    ids=str,
)
@pytest.mark.parametrize("kind", ["pandas", "arrow"])
def test_columns_that_sql_cannot_tell_apart_are_refused(names: list[str], kind: str) -> None:
    rows: Any = pd.DataFrame([[1, 2, 3]], columns=["session_id", *names])
    if kind == "arrow":
        rows = pa.table([[1], [2], [3]], names=["session_id", *names])

    with pytest.raises(sf.errors.SchemaError, match=names[0]):
        add(rows)


@pytest.mark.parametrize("name", [1, None, ("a", "b")], ids=repr)
def test_column_names_must_be_strings(name: Any) -> None:
    rows = pd.DataFrame({"session_id": [1]})
    rows.insert(1, name, [2])

    with pytest.raises(sf.errors.SchemaError, match="Column names must be strings"):
        add(rows)


@pytest.mark.parametrize("name", ["sessions", "Sessions"])
def test_a_second_table_of_the_same_name_is_refused(name: str) -> None:
    with pytest.raises(sf.errors.SchemaError, match="There is a dataframe"):
        add(frames()["sessions"]).add_dataframe(frames()["sales"], name, index="sale_id")


@pytest.mark.parametrize("name", ["__cutoffs", "__CUTOFFS"])
def test_the_name_of_the_cutoff_rows_is_refused(name: str) -> None:
    with pytest.raises(sf.errors.SchemaError, match=name):
        add(frames()["sessions"], dataframe_name=name)


@pytest.mark.parametrize("name", ["__time", "__TIME"])
def test_the_name_of_the_column_of_cutoff_times_is_refused(name: str) -> None:
    with pytest.raises(sf.errors.SchemaError, match=name):
        add(frames()["sessions"].rename(columns={"length": name}))


def test_the_nearest_table_is_suggested() -> None:
    with pytest.raises(sf.errors.SchemaError, match="Did you mean 'sessions'"):
        add(frames()["sessions"])["sesions"]


@pytest.mark.parametrize("missing", ["dataframe_name", "index"])
def test_a_table_needs(missing: str) -> None:
    with pytest.raises(sf.errors.SchemaError, match="needs"):
        add(frames()["sessions"], **{missing: None})


# The index ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
@pytest.mark.parametrize(
    ("values", "message"), [([1, 1, 2], "duplicate values.*1"), ([1, None, 2], "1 null")]
)
def test_a_bad_index_in_memory_is_found_when_it_is_added(values: list[Any], message: str, kind: str) -> None:
    rows = pd.DataFrame({"session_id": pd.array(values, dtype="Int64")})

    with pytest.raises(sf.errors.DataError, match=message):
        add(rows if kind == "pandas" else arrow(rows))


def stored(ids: list[Any], folder: Path) -> sf.FeatureMatrix:
    """Return the matrix of a stored table with an index of `ids`."""
    rows = pd.DataFrame({"customer_id": pd.array(ids, dtype="Int64"), "age": range(len(ids))})
    given = sf.EntitySet("bad")
    given.add_dataframe(as_file("customers", rows, folder), "customers", index="customer_id")
    return matrix([column("customers", "age")], given)


@pytest.mark.parametrize(
    ("ids", "message"), [([1, 1, 2], "duplicate.*'customers', column 'customer_id'"), ([1, None], "1 null")]
)
def test_a_bad_index_in_parquet_is_found_at_the_first_computation(
    ids: list[Any], message: str, tmp_path: Path
) -> None:
    computing = stored(ids, tmp_path)

    with pytest.raises(sf.errors.DataError, match=message):
        computing.to_pandas()


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
