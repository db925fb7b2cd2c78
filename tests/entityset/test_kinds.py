"""Rows are the same rows wherever they come from."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import featuretools as ft
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from featuretools import primitives as p
from pandas.testing import assert_frame_equal

import sparkfeat as sf
from tests.entityset.kinds import KINDS, arrow
from tests.entityset.shop import KEYS, TIMES, column, cutoffs, day, entityset, found, frames, matrix, shop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def schema(given: sf.EntitySet) -> dict[str, Any]:
    return {
        name: {one.name: (one.logical_type, one.semantic_tags) for one in table.columns}
        for name, table in given.tables.items()
    }


@pytest.fixture(params=KINDS)
def given(request: pytest.FixtureRequest, tmp_path: Path) -> sf.EntitySet:
    """The shop, its rows held in each kind of place."""
    return entityset(lambda name, frame: KINDS[request.param](name, frame, tmp_path))


def test_every_kind_gives_the_same_schema(given: sf.EntitySet) -> None:
    assert schema(given) == schema(shop())


@cache
def features() -> list[ft.Feature]:
    made = found(agg_primitives=["count", "mode", "last"], trans_primitives=["num_words"], max_depth=1)
    return [*made, ft.Feature(column("customers", "age"), primitive=p.CumSum)]


@cache
def expected() -> pd.DataFrame:
    return _open(matrix(features(), cutoff_time=cutoffs()).to_pandas())


def test_every_kind_gives_the_same_matrix(given: sf.EntitySet) -> None:
    computed = matrix(features(), given, cutoff_time=cutoffs()).to_pandas()

    assert_frame_equal(_open(computed), expected())


@pytest.mark.spark
def test_spark_dataframes_give_the_same_schema_values_and_matrix(spark: SparkSession) -> None:
    given = entityset(lambda name, frame: spark.createDataFrame(_plain(frame)))
    given.add_interesting_values(max_values=2)
    assert given["sessions"].column("device").interesting_values == ("phone", "desk")
    assert schema(given) == schema(shop())
    for engine in ("spark", "duckdb"):
        computed = matrix(features(), given, cutoff_time=cutoffs(), engine=engine, spark=spark).to_pandas()
        assert_frame_equal(_open(computed), expected())


def _open(frame: pd.DataFrame) -> pd.DataFrame:
    """Return categories as their values: stored rows do not tell the whole list of categories."""
    return frame.astype({name: "object" for name in frame if frame[name].dtype == "category"})


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return nulls as None: PySpark 3.5 takes no masked column."""
    return frame.astype({name: "object" for name in frame if frame[name].isna().any()}).where(
        frame.notna(), None
    )


@pytest.mark.parametrize("kind", KINDS)
def test_types_are_inferred_alike_from_every_kind(kind: str, tmp_path: Path) -> None:
    hold = KINDS[kind]
    given = entityset(
        lambda name, frame: hold(name, frame, tmp_path), ["customers", "sessions"], logical_types={}
    )

    assert {one.name: one.logical_type for one in given["customers"].columns} == {
        "customer_id": "Integer",
        "joined": "Datetime",
        "city": "Unknown",
        "age": "IntegerNullable",
        "member": "BooleanNullable",
        "motto": "NaturalLanguage",
    }


@pytest.mark.parametrize("kind", ["folder", "hive"])
def test_rows_of_several_files_are_ordered_by_time_and_index(kind: str, tmp_path: Path) -> None:
    given = entityset(lambda name, frame: KINDS[kind](name, frame, tmp_path))

    computed = matrix([column("sessions", "length")], given, cutoff_time=day(30)).to_pandas()

    assert list(computed.index) == list(
        frames()["sessions"].sort_values(["started", "session_id"])["session_id"]
    )


def test_rows_in_memory_without_a_time_index_keep_their_order() -> None:
    given = sf.EntitySet("unsorted")
    given.add_dataframe(pd.DataFrame({"id": [3, 1, 2], "v": [1.0, 2.0, 3.0]}), "t", index="id")

    computed = matrix([feature(given, "v")], given).to_pandas()

    assert list(computed.index) == [3, 1, 2]


@pytest.mark.parametrize(("already_sorted", "expected"), [(False, [2, 3, 1]), (True, [3, 1, 2])])
def test_already_sorted_keeps_the_order_given(already_sorted: bool, expected: list[int]) -> None:
    rows = pd.DataFrame({"id": [3, 1, 2], "at": [day(2), day(3), day(1)], "v": [1.0, 2.0, 3.0]})
    given = sf.EntitySet("times")
    given.add_dataframe(rows, "t", index="id", time_index="at", already_sorted=already_sorted)

    computed = matrix([feature(given, "v")], given, cutoff_time=day(9)).to_pandas()

    assert list(computed.index) == expected


@pytest.mark.parametrize("hold", [lambda frame: frame, arrow], ids=["pandas", "arrow"])
def test_make_index_counts_the_rows_in_the_order_given(hold: Any) -> None:
    rows = pd.DataFrame({"at": [day(2), day(3), day(1)], "v": [1.0, 2.0, 3.0]})
    given = sf.EntitySet("made")
    given.add_dataframe(hold(rows), "t", index="number", make_index=True, time_index="at")

    computed = matrix([feature(given, "v")], given, cutoff_time=day(9)).to_pandas()

    assert given["t"].column_names == ("number", "at", "v")
    assert computed["v"].to_dict() == {2: 3.0, 0: 1.0, 1: 2.0}


def test_a_frame_given_is_left_as_it_is() -> None:
    rows, before = frames()["sessions"], frames()["sessions"]
    sf.EntitySet("untouched").add_dataframe(rows, "t", index="session_id", time_index="started")

    assert_frame_equal(rows, before)
    assert rows.ww.schema is None


def test_hive_partitions_may_be_a_single_one(tmp_path: Path) -> None:
    rows = frames()["products"].assign(part="x")
    pq.write_to_dataset(arrow(rows), tmp_path / "t", partition_cols=["part"])
    given = sf.EntitySet("hive")
    given.add_dataframe(tmp_path / "t", "t", index="product_id", logical_types={"part": "Categorical"})

    assert list(matrix([feature(given, "part")], given).to_pandas()["part"]) == ["x", "x", "x"]


def test_a_null_partition_makes_its_column_nullable(tmp_path: Path) -> None:
    rows = pd.DataFrame({"id": [1, 2, 3], "part": pd.array([7, None, 8], dtype="Int64")})
    pq.write_to_dataset(arrow(rows), tmp_path / "t", partition_cols=["part"])
    given = sf.EntitySet("hive")
    given.add_dataframe(tmp_path / "t", "t", index="id")

    assert given["t"].column("part").logical_type == "IntegerNullable"


def test_folders_above_the_data_are_no_partitions(tmp_path: Path) -> None:
    place = tmp_path / "price=9"
    place.mkdir()
    pq.write_table(arrow(frames()["products"]), place / "rows.parquet")
    given = sf.EntitySet("above")
    given.add_dataframe(place, "t", index="product_id")

    assert matrix([feature(given, "price")], given).to_pandas()["price"].to_dict()["a"] == 9.5


@pytest.mark.parametrize("folder", ["a b", "it's", 'q"q', "größe", "a%20b", "a#b", "[ab]", "{a,b}"])
def test_a_path_is_taken_by_the_letter(folder: str, tmp_path: Path) -> None:
    place = tmp_path / folder
    place.mkdir()
    pq.write_table(arrow(frames()["products"]), place / "rows.parquet")
    given = sf.EntitySet("odd path")
    given.add_dataframe(str(place), "t", index="product_id")

    assert len(matrix([feature(given, "price")], given).to_pandas()) == 3


def test_a_path_is_no_pattern(tmp_path: Path) -> None:
    for folder in ("a?c", "abc"):
        (tmp_path / folder).mkdir()
        pq.write_table(arrow(frames()["products"]), tmp_path / folder / "rows.parquet")
    given = sf.EntitySet("pattern")
    given.add_dataframe(str(tmp_path / "a?c"), "t", index="product_id")

    assert len(matrix([feature(given, "price")], given).to_pandas()) == 3


def test_a_file_uri_is_decoded(tmp_path: Path) -> None:
    place = tmp_path / "a b ü"
    place.mkdir()
    pq.write_table(arrow(frames()["products"]), place / "rows.parquet")
    given = sf.EntitySet("uri")
    given.add_dataframe((place / "rows.parquet").as_uri(), "t", index="product_id")

    assert len(matrix([feature(given, "price")], given).to_pandas()) == 3


@pytest.mark.parametrize("name", KEYS)
def test_the_order_of_a_table_with_a_time_index_is_time_then_index(name: str) -> None:
    assert shop()[name].order == (TIMES[name], KEYS[name])


def test_every_arrow_type_of_text_is_text() -> None:
    given = sf.EntitySet("texts")
    kinds = {
        "plain": pa.string(),
        "large": pa.large_string(),
        "coded": pa.dictionary(pa.int32(), pa.string()),
    }
    rows = pa.table({"id": [1, 2], **{name: pa.array(["x", "y"], kind) for name, kind in kinds.items()}})
    given.add_dataframe(rows, "t", index="id")

    computed = matrix([feature(given, name) for name in kinds], given).to_pandas()

    assert computed.to_numpy().tolist() == [["x"] * 3, ["y"] * 3]


def feature(given: sf.EntitySet, name: str) -> Any:
    """Return the feature that is a column of table `t`."""
    return ft.Feature(given.schema_twin()["t"].ww[name])
