"""Cutoff times and instance ids: read into one relation, or refused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import sparkfeat as sf
from sparkfeat import errors
from sparkfeat.engines.cutoffs import Cutoffs, read_cutoffs
from sparkfeat.entityset import ArrowSource
from sparkfeat.plan import CutoffShape
from tests.entityset.kinds import arrow, as_file
from tests.entityset.others import steps
from tests.entityset.shop import cutoffs, day, shop


def read(
    cutoff_time: Any,
    instance_ids: Iterable[Any] | None = None,
    given: sf.EntitySet | None = None,
    target: str = "customers",
) -> Cutoffs:
    entityset = given or shop()
    return read_cutoffs(cutoff_time, instance_ids, entityset, entityset[target])


def numeric() -> sf.EntitySet:
    return sf.EntitySet.from_featuretools(steps())


def rows(found: Cutoffs) -> pa.Table:
    """Return the relation of cutoff rows."""
    assert isinstance(found.source, ArrowSource)
    return found.source.table


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (datetime(2022, 1, 5), datetime(2022, 1, 5)),
        (pd.Timestamp("2022-01-05 12:00"), datetime(2022, 1, 5, 12)),
        ("2022-01-05", datetime(2022, 1, 5)),
        (pd.Timestamp("2022-01-05").to_numpy(), datetime(2022, 1, 5)),
        # A time finer than a microsecond is rounded: rows have none that is.
        (pd.Timestamp("2022-01-05 00:00:00.000000600"), datetime(2022, 1, 5, 0, 0, 0, 1)),
    ],
    ids=str,
)
def test_one_time_is_shared_by_all(given: Any, expected: datetime) -> None:
    found = read(given)

    assert (found.time, found.source) == (expected, None)
    assert found.shape("duckdb") == CutoffShape(per_row=False, listed=False)


def test_no_time_is_now() -> None:
    before = datetime.now()
    found = read(None)

    assert isinstance(found.time, datetime)
    assert before <= found.time <= datetime.now()


def test_no_time_is_infinite_where_times_are_numbers() -> None:
    assert read(None, given=numeric(), target="machines").time == float("inf")


@pytest.mark.parametrize("given", [3, 2.5])
def test_a_number_is_a_time_where_times_are_numbers(given: float) -> None:
    assert read(given, given=numeric(), target="machines").time == given


def test_instances_at_one_time_are_listed_in_their_order() -> None:
    found = read(day(5), [3, 1])

    assert found.shape("duckdb") == CutoffShape(per_row=False, listed=True)
    assert rows(found).to_pydict() == {"__position": [0, 1], "instance_id": [3, 1]}


def test_a_table_has_a_time_for_each_row() -> None:
    found = read(cutoffs())

    assert (found.time, found.shape("duckdb")) == (None, CutoffShape(per_row=True, listed=True))
    assert rows(found).to_pydict() == {
        "__position": [0, 1, 2, 3],
        "instance_id": [2, 1, 4, 1],
        "time": [day(5), day(3), day(6), day(8)],
    }


@pytest.mark.parametrize("kind", ["pandas", "arrow", "path", "text"])
def test_a_table_may_be_held_anywhere(kind: str, tmp_path: Path) -> None:
    frame = cutoffs(label=list("abcd"))
    held = {"pandas": frame, "arrow": arrow(frame), "path": as_file("cutoffs", frame, tmp_path)}
    given = str(held["path"]) if kind == "text" else held[kind]

    assert rows(read(given)).to_pydict() == rows(read(frame)).to_pydict()


def test_ids_are_cast_to_the_type_of_the_index() -> None:
    assert rows(read(cutoffs().astype({"instance_id": "float64"}))).field("instance_id").type == pa.int64()


def test_times_may_be_text() -> None:
    assert rows(read(cutoffs().astype({"time": "str"}))).equals(rows(read(cutoffs())))


def test_a_null_time_is_kept() -> None:
    given = cutoffs().assign(time=[day(5), None, day(6), day(8)])

    assert rows(read(given)).column("time").null_count == 1


def test_other_columns_are_typed() -> None:
    found = read(cutoffs(label=["a", "b", "a", None], weight=[1.5, 2.0, 2.5, 0.0]))

    assert [(one.name, one.logical_type) for one in found.pass_through] == [
        ("label", "Unknown"),
        ("weight", "Double"),
    ]


WITHOUT_ID = cutoffs().rename(columns={"instance_id": "customr_id"})
WITHOUT_TIME = cutoffs().rename(columns={"time": "joind"})
BAD_TABLES: dict[str, tuple[pd.DataFrame, str]] = {
    "no instance column": (WITHOUT_ID, "no column 'instance_id' or 'customer_id'.*Did you mean 'customr_id'"),
    "no time column": (WITHOUT_TIME, "no column 'time' or 'joined'.*Did you mean 'joind'"),
    "two instance columns": (cutoffs(customer_id=1), "both 'instance_id' and 'customer_id'"),
    "two time columns": (cutoffs(joined=day(1)), "both 'time' and 'joined'"),
    "no rows": (cutoffs().iloc[:0], "has no rows"),
    "a row twice": (
        pd.concat([cutoffs(), cutoffs().iloc[:1]]),
        "1 rows.*occur twice.*instance 2 at 2022-01-05",
    ),
    "times with a zone": (cutoffs().assign(time=cutoffs()["time"].dt.tz_localize("UTC")), "time zone"),
    "numbers for times": (cutoffs().assign(time=[1, 2, 3, 4]), "are numbers.*are datetimes"),
    "words for times": (cutoffs().assign(time=list("abcd")), "Cannot read the cutoff times"),
    "ids of another type": (cutoffs().assign(instance_id=list("abcd")), "do not fit the index 'customer_id'"),
    "null ids": (cutoffs().assign(instance_id=[1, 2, 3, None]), "do not fit the index 'customer_id'"),
    "times too fine": (
        cutoffs().assign(time=cutoffs()["time"] + pd.Timedelta(1)),
        "finer than a microsecond",
    ),
}


@pytest.mark.parametrize("kind", ["pandas", "arrow", "parquet"])
@pytest.mark.parametrize("case", BAD_TABLES)
@pytest.mark.filterwarnings("ignore:Could not infer format")
def test_a_table_of_cutoff_times_is_refused_for(case: str, kind: str, tmp_path: Path) -> None:
    rows, message = BAD_TABLES[case]
    given: Any = rows.reset_index(drop=True)
    if kind != "pandas":
        given = arrow(given) if kind == "arrow" else as_file("cutoffs", given, tmp_path)

    with pytest.raises((errors.CutoffError, errors.DataError), match=message):
        read(given)


BAD_TIMES: dict[str, tuple[Any, str]] = {
    "a word": ("soon", "'soon'"),
    "a number": (5, "is a number.*datetimes"),
    "a list": ([day(1)], "one time or a table"),
    "null": (pd.NaT, "null"),
    "truth": (True, "True"),
    "a time with a zone": (day(1).tz_localize("UTC"), "time zone"),
    "a text with a zone": ("2022-01-01T00:00:00+02:00", "time zone"),
    "a mapping": ({"a": 1}, "Cannot read cutoff_time"),
}


@pytest.mark.parametrize("case", BAD_TIMES)
def test_a_cutoff_time_cannot_be(case: str) -> None:
    given, message = BAD_TIMES[case]

    with pytest.raises(errors.CutoffError, match=message):
        read(given)


def test_a_datetime_does_not_fit_times_that_are_numbers() -> None:
    with pytest.raises(errors.CutoffError, match=r"is a datetime.*are numbers"):
        read(day(1), given=numeric(), target="machines")


@pytest.mark.parametrize("name", ["gone.parquet", "folder"])
def test_a_missing_file_of_cutoff_times_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(errors.MissingInputError, match=f"No such file of cutoff times.*{name}"):
        read(tmp_path / name)


def test_an_unreadable_file_of_cutoff_times_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.parquet").write_bytes(b"no Parquet at all")

    with pytest.raises(errors.StorageError, match="Cannot read the cutoff times"):
        read(str(tmp_path / "bad.parquet"))


BAD_IDS: dict[str, tuple[Any, str]] = {
    "twice the same": ([1, 2, 1], "duplicates.*1"),
    "of another type": (["a"], "do not fit the index"),
    "null": ([1, None], "do not fit the index"),
    "one number": (5, "instance_ids"),
}


@pytest.mark.parametrize("case", BAD_IDS)
def test_instance_ids_cannot_be(case: str) -> None:
    given, message = BAD_IDS[case]

    with pytest.raises(errors.CutoffError, match=message):
        read(day(5), given)
