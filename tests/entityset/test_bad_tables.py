"""Tables that cannot be used: what is said, and when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import sparkfeat as sf
from tests.entityset.kinds import KINDS, arrow, as_file, as_folder
from tests.entityset.shop import entityset, found, frames, matrix

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
    with pytest.raises(sf.errors.UnsupportedError, match="Cannot read Parquet from 'ftp://'"):
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
