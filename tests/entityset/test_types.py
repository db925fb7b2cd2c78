"""Logical types: as given, or inferred from the schema and, for text, from the values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import featuretools as ft
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from woodwork import logical_types as ww

import sparkfeat as sf
from tests.entityset.kinds import arrow
from tests.entityset.shop import day

STORED = ("arrow", "parquet")
ANYWHERE = ("pandas", *STORED)


def table(values: Any, kind: str, folder: Path, **options: Any) -> sf.EntitySet:
    """Return an EntitySet of one table: an index and a column `c`."""
    rows: Any = pd.DataFrame({"id": range(len(values)), "c": values})
    if kind != "pandas":
        rows = pa.table({"id": range(len(values)), "c": values}) if _is_arrow(values) else arrow(rows)
    if kind == "parquet":
        pq.write_table(rows, folder / "t.parquet")
        rows = folder / "t.parquet"
    given = sf.EntitySet("typed")
    given.add_dataframe(rows, "t", index="id", **options)
    return given


def _is_arrow(values: Any) -> bool:
    return isinstance(values, pa.Array)


def values_of(given: sf.EntitySet) -> list[Any]:
    """Return the values of column `c`, computed."""
    feature = ft.Feature(given.schema_twin()["t"].ww["c"])
    return list(sf.calculate_feature_matrix([feature], given, engine="duckdb").to_pandas()["c"])


INFERRED: dict[str, tuple[Any, str]] = {
    "ints": ([1, 2, 1], "Integer"),
    "small ints": (np.array([1, 2, 1], "int8"), "Integer"),
    "ints with nulls": (pd.array([1, None, 2], dtype="Int64"), "IntegerNullable"),
    "floats": ([1.5, 2.0, 3.0], "Double"),
    "single floats": (np.array([1.5, 2.0, 3.0], "float32"), "Double"),
    "bools": ([True, False, True], "Boolean"),
    "bools with nulls": (pd.array([True, None, False], dtype="boolean"), "BooleanNullable"),
    "times": (pd.date_range("2022-01-01", periods=3, unit="us"), "Datetime"),
    "dates": ([date(2022, 1, 1)] * 3, "Datetime"),
    "spans": (pd.to_timedelta([1, 2, None], unit="h"), "Timedelta"),
    "categories": (pd.Categorical(["b", "a", "b"]), "Categorical"),
    "text": (["a", "b", None], "Unknown"),
    "sentences": (["one two three", "four five six", None], "NaturalLanguage"),
    "e-mails": ([f"p{n}@example.org" for n in range(6)], "EmailAddress"),
    "links": ([f"https://example.org/{n}" for n in range(6)], "URL"),
    "nulls only": ([None, None, None], "Unknown"),
    "dates as text": (["2022-01-01", "2022-02-03", "2022-12-31"], "Datetime"),
    "truth as text": (["yes", "no", "yes"], "Boolean"),
    "numbers as text": (["1.5", "2", "3"], "Double"),
}


@pytest.mark.parametrize("kind", ANYWHERE)
@pytest.mark.parametrize("case", INFERRED)
def test_a_type_is_inferred(case: str, kind: str, tmp_path: Path) -> None:
    values, expected = INFERRED[case]

    assert table(values, kind, tmp_path)["t"].column("c").logical_type == expected


@cache
def in_pandas(case: str) -> pd.Series[Any]:
    return pd.Series(values_of(table(INFERRED[case][0], "pandas", Path())))


@pytest.mark.parametrize("kind", STORED)
@pytest.mark.parametrize("case", INFERRED)
def test_values_are_those_of_pandas(case: str, kind: str, tmp_path: Path) -> None:
    assert pd.Series(values_of(table(INFERRED[case][0], kind, tmp_path))).equals(in_pandas(case))


@pytest.mark.parametrize("kind", STORED)
def test_decimals_are_doubles(kind: str, tmp_path: Path) -> None:
    given = table([Decimal("1.5"), None], kind, tmp_path)

    assert given["t"].column("c").logical_type == "Double"
    assert values_of(given)[0] == 1.5


@pytest.mark.parametrize("statistics", [True, False])
def test_parquet_footers_tell_which_columns_hold_no_null(statistics: bool, tmp_path: Path) -> None:
    rows = pa.table({"id": [1, 2], "full": [1, 2], "gaps": [1, None], "some.gaps": [1, None]})
    pq.write_table(rows, tmp_path / "t.parquet", write_statistics=statistics)
    given = sf.EntitySet("footers")
    given.add_dataframe(tmp_path / "t.parquet", "t", index="id")

    known = "Integer" if statistics else "IntegerNullable"
    assert [one.logical_type for one in given["t"].columns] == [known, known, *["IntegerNullable"] * 2]


def test_one_file_with_nulls_makes_a_column_nullable(tmp_path: Path) -> None:
    for number, value in enumerate((1, None)):
        pq.write_table(
            pa.table({"id": [number], "c": pa.array([value], pa.int64())}), tmp_path / f"{number}.parquet"
        )
    given = sf.EntitySet("files")
    given.add_dataframe(tmp_path, "t", index="id")

    assert given["t"].column("c").logical_type == "IntegerNullable"


GIVEN: dict[str, tuple[Any, str]] = {
    "name": ("PostalCode", "PostalCode"),
    "snake case": ("postal_code", "PostalCode"),
    "class": (ww.PostalCode, "PostalCode"),
    "instance": (ww.PostalCode(), "PostalCode"),
    "ordinal": (ww.Ordinal(order=["9", "10"]), "Ordinal"),
}


@pytest.mark.parametrize("kind", ANYWHERE)
@pytest.mark.parametrize("case", GIVEN)
def test_a_type_can_be_given_as(case: str, kind: str, tmp_path: Path) -> None:
    given, expected = GIVEN[case]
    made = table(["9", "10", None], kind, tmp_path, logical_types={"c": given})

    assert made["t"].column("c").logical_type == expected
    assert values_of(made)[:2] == ["9", "10"]


@pytest.mark.parametrize("kind", ANYWHERE)
def test_the_order_of_an_ordinal_is_kept(kind: str, tmp_path: Path) -> None:
    made = table(["9", "10"], kind, tmp_path, logical_types={"c": ww.Ordinal(order=["9", "10"])})

    assert made["t"].column("c").categories == ("9", "10")


def test_the_categories_of_pandas_are_kept_in_their_order() -> None:
    made = table(pd.Categorical(["b", "a"], categories=["b", "unused", "a"]), "pandas", Path())

    assert made["t"].column("c").categories == ("b", "unused", "a")


@pytest.mark.parametrize("kind", ANYWHERE)
@pytest.mark.parametrize("logical_type", ["Dubble", "double precision", 5, int])
def test_an_unknown_type_is_refused(logical_type: Any, kind: str, tmp_path: Path) -> None:
    with pytest.raises(sf.errors.SchemaError, match="'c'"):
        table([1.0, 2.0], kind, tmp_path, logical_types={"c": logical_type})


@pytest.mark.parametrize("kind", ANYWHERE)
def test_the_nearest_type_is_suggested(kind: str, tmp_path: Path) -> None:
    with pytest.raises(sf.errors.SchemaError, match="Did you mean 'Double'"):
        table([1.0, 2.0], kind, tmp_path, logical_types={"c": "Dubble"})


@pytest.mark.parametrize("kind", ANYWHERE)
def test_an_ordinal_needs_an_order(kind: str, tmp_path: Path) -> None:
    with pytest.raises(sf.errors.SchemaError, match="order"):
        table(["a", "b"], kind, tmp_path, logical_types={"c": "Ordinal"})


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
@pytest.mark.parametrize("logical_type", ["Double", "Integer", "Datetime"])
def test_values_in_memory_that_do_not_fit_the_type_are_refused(
    logical_type: str, kind: str, tmp_path: Path
) -> None:
    with pytest.raises(sf.errors.SchemaError, match="do not fit the logical type"):
        table(["x", "y"], kind, tmp_path, logical_types={"c": logical_type})


def test_stored_values_that_do_not_fit_the_type_are_refused_when_they_are_read(tmp_path: Path) -> None:
    given = table(["1", "x"], "parquet", tmp_path, logical_types={"c": "Integer"})

    with pytest.raises(sf.errors.EngineError, match="'x'"):
        values_of(given)


@pytest.mark.parametrize("tags", [{"extra"}, ["extra"], "extra"])
def test_semantic_tags_can_be_given_as(tags: Any) -> None:
    made = table([1.0, 2.0], "pandas", Path(), semantic_tags={"c": tags})

    assert made["t"].column("c").semantic_tags == {"numeric", "extra"}


def test_an_index_has_no_standard_tags() -> None:
    assert table([1.0], "pandas", Path())["t"].column("id").semantic_tags == {"index"}


def test_a_time_index_has_its_tag() -> None:
    made = table([day(1)], "pandas", Path(), time_index="c")

    assert made["t"].column("c").semantic_tags == {"time_index"}


@pytest.mark.parametrize("kind", ANYWHERE)
def test_nan_is_null(kind: str, tmp_path: Path) -> None:
    # A NaN that is a value in Arrow and Parquet, where null is another thing.
    values = pa.array([1.0, float("nan"), None, 4.0])
    given = table(values.to_pandas() if kind == "pandas" else values, kind, tmp_path)
    counted = ft.Feature(given.schema_twin()["t"].ww["c"])
    feature = ft.Feature(counted, primitive=ft.primitives.IsNull)

    computed = sf.calculate_feature_matrix([feature], given, engine="duckdb").to_pandas()

    assert list(computed.iloc[:, 0]) == [False, True, True, False]


@pytest.mark.parametrize("unit", ["us", "ns"])
@pytest.mark.parametrize("kind", ANYWHERE)
@pytest.mark.usefixtures("other_time_zone")
def test_times_with_a_zone_become_wall_clock(kind: str, unit: str, tmp_path: Path) -> None:
    zoned = pd.date_range("2022-01-01 05:00", periods=2, tz="Asia/Tokyo", unit=unit)

    assert values_of(table(zoned, kind, tmp_path)) == [
        day(1) + pd.Timedelta(hours=5),
        day(2) + pd.Timedelta(hours=5),
    ]


@pytest.mark.parametrize("kind", ANYWHERE)
def test_nanoseconds_that_are_whole_microseconds_are_kept(kind: str, tmp_path: Path) -> None:
    moment = pd.Timestamp("2022-01-01 00:00:00.123456")

    assert values_of(table(pd.Series([moment]).astype("datetime64[ns]"), kind, tmp_path)) == [moment]


@pytest.mark.parametrize("kind", ["pandas", "arrow"])
def test_times_finer_than_a_microsecond_are_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(sf.errors.DataError, match="finer than a microsecond"):
        table(pd.Series([pd.Timestamp(1)]), kind, tmp_path)


def test_stored_times_finer_than_a_microsecond_are_refused(tmp_path: Path) -> None:
    with pytest.raises(sf.errors.SparkfeatError, match="finer than a microsecond"):
        values_of(table(pd.Series([pd.Timestamp(1)]), "parquet", tmp_path))


PLACES = {
    "pairs": [(1.0, 2.0), None, (3.0, 4.0)],
    "lists": [[1.0, 2.0], None, [3.0, 4.0]],
    "structs": [{"latitude": 1.0, "longitude": 2.0}, None, {"latitude": 3.0, "longitude": 4.0}],
}


@pytest.mark.parametrize("kind", ANYWHERE)
@pytest.mark.parametrize("form", PLACES)
def test_places_are_read_from(form: str, kind: str, tmp_path: Path) -> None:
    if kind == "pandas" and form == "structs":
        pytest.skip("Woodwork takes no dictionaries")
    given = table(PLACES[form], kind, tmp_path, logical_types={"c": "LatLong"})

    assert values_of(given)[0] == (1.0, 2.0)
    assert values_of(given)[2] == (3.0, 4.0)


NO_TYPE = {"lists": [[1, 2, 3]] * 2, "bytes": [b"ab"] * 2, "structs": [{"a": "x", "b": "y"}] * 2}


@pytest.mark.parametrize("kind", ANYWHERE)
@pytest.mark.parametrize("values", NO_TYPE)
def test_a_column_of_no_logical_type_is_taken_as_text_or_told_by_name(
    values: str, kind: str, tmp_path: Path
) -> None:
    try:
        found = table(NO_TYPE[values], kind, tmp_path)["t"].column("c").logical_type
        told = "'c'"
    except sf.errors.SchemaError as error:
        found, told = "Unknown", str(error)

    assert found == "Unknown"
    assert "'c'" in told
