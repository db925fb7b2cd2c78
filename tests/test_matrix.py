"""FeatureMatrix: its rows, their order and its columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

import sparkfeat as sf
from tests.entityset.kinds import as_file
from tests.entityset.shop import (
    KEYS,
    TIMES,
    TYPES,
    cutoffs,
    day,
    entityset,
    frames,
    matrix,
)
from tests.plan.features import NAMES, features

# Rows -----------------------------------------------------------------------------------------------------


def test_rows_come_in_the_order_of_the_cutoff_rows() -> None:
    assert list(matrix(features(), cutoff_time=cutoffs()).to_pandas().index) == [2, 1, 4, 1]


def test_rows_come_in_the_order_of_the_instance_ids() -> None:
    assert list(matrix(features(), cutoff_time=day(30), instance_ids=[3, 1, 2]).to_pandas().index) == [
        3,
        1,
        2,
    ]


@pytest.mark.parametrize("instances", [[3, 1], (3, 1), pd.Series([3, 1], index=[7, 8]), {3: 0, 1: 0}.keys()])
def test_instance_ids_may_be_any_iterable(instances: Any) -> None:
    computed = matrix(features()[:1], cutoff_time=day(30), instance_ids=instances).to_pandas()

    assert list(computed.index) == [3, 1]


def test_without_ids_all_visible_instances_are_meant() -> None:
    assert list(matrix(features(), cutoff_time=day(2)).to_pandas().index) == [1, 2, 3]


def test_instances_that_do_not_exist_have_defaults() -> None:
    row = matrix(features(), cutoff_time=day(30), instance_ids=[99]).to_pandas().iloc[0]

    assert row[NAMES[:2]].tolist() == [0, 0]
    assert row[NAMES[2:]].isna().all()


def test_instances_that_are_not_yet_there_have_defaults() -> None:
    row = matrix(features(), cutoff_time=day(6), instance_ids=[4]).to_pandas().iloc[0]

    assert row[NAMES[:2]].tolist() == [0, 0]
    assert row[NAMES[2:]].isna().all()


def test_a_row_without_a_cutoff_time_is_null() -> None:
    rows = cutoffs().assign(time=[day(5), None, day(6), day(8)])

    assert matrix(features(), cutoff_time=rows).to_pandas().iloc[1].isna().all()


def test_no_ids_give_no_rows() -> None:
    computed = matrix(features(), cutoff_time=day(6), instance_ids=[]).to_pandas()

    assert computed.shape == (0, 5)


def emptied(*names: str) -> sf.EntitySet:
    """Return the shop with no rows in some tables; types are given, since there are no values."""
    made = sf.EntitySet("half empty")
    for name in ("customers", "sessions"):
        rows = frames()[name]
        types = {**TYPES[name], KEYS[name]: "Integer", TIMES[name]: "Datetime"}
        types |= {"length": "Double"} if name == "sessions" else {}
        kept = rows.iloc[:0] if name in names else rows
        made.add_dataframe(kept, name, index=KEYS[name], time_index=TIMES[name], logical_types=types)
    made.add_relationship("customers", "customer_id", "sessions", "customer_id")
    return made


@pytest.mark.parametrize(
    "options", [{"cutoff_time": day(9)}, {"cutoff_time": cutoffs()}], ids=["all", "rows"]
)
def test_a_child_table_without_rows_gives_defaults(options: dict[str, Any]) -> None:
    computed = matrix([features()[0], features()[2]], emptied("sessions"), **options).to_pandas()

    assert len(computed) == 4
    assert set(computed["COUNT(sessions)"]) == {0}
    assert computed["MAX(sessions.length)"].isna().all()


@pytest.mark.parametrize("names", [("customers",), ("customers", "sessions")])
def test_a_target_without_rows_gives_no_rows(names: tuple[str, ...]) -> None:
    computed = matrix(features()[:1], emptied(*names), cutoff_time=day(9)).to_pandas()

    assert computed.shape == (0, 1)
    assert computed.index.name == "customer_id"


def test_a_target_without_rows_gives_defaults_to_those_asked_for() -> None:
    computed = matrix(features()[:1], emptied("customers"), cutoff_time=cutoffs()).to_pandas()

    assert computed["COUNT(sessions)"].tolist() == [0, 0, 0, 0]


def test_tables_without_rows_can_be_stored(tmp_path: Path) -> None:
    given = entityset(lambda name, frame: as_file(name, frame.iloc[:0], tmp_path), ["customers", "sessions"])

    assert matrix(features()[:1], given, cutoff_time=cutoffs()).to_pandas().shape == (4, 1)


# Columns --------------------------------------------------------------------------------------------------


def test_columns_come_in_the_order_of_the_features() -> None:
    assert list(matrix(features()).to_pandas().columns) == matrix(features()).columns == NAMES


def test_other_columns_of_the_cutoff_rows_pass_through_after_the_features() -> None:
    rows = cutoffs(label=["a", None, "b", "a"], weight=[0.5, 1.0, None, 2.0], seen=[True, False, True, True])
    computed = matrix(features()[:1], cutoff_time=rows)

    assert computed.columns == ["COUNT(sessions)", "label", "weight", "seen"]
    passed = computed.to_pandas()[["label", "weight", "seen"]]
    assert passed.astype(object).where(passed.notna(), None).to_numpy().tolist() == [
        ["a", 0.5, True],
        [None, 1.0, False],
        ["b", None, True],
        ["a", 2.0, True],
    ]


def test_a_column_that_passes_through_takes_the_place_of_a_feature_of_its_name() -> None:
    rows = cutoffs(**{"COUNT(sessions)": [7, 8, 9, 10]})
    computed = matrix(features()[:2], cutoff_time=rows)

    assert computed.columns == ["SUM(sales.amount)", "COUNT(sessions)"]
    assert computed.to_pandas()["COUNT(sessions)"].tolist() == [7, 8, 9, 10]


def test_cutoff_rows_may_use_the_names_of_the_target() -> None:
    rows = cutoffs().rename(columns={"instance_id": "customer_id", "time": "joined"})

    assert_frame_equal(
        matrix(features(), cutoff_time=rows).to_pandas(),
        matrix(features(), cutoff_time=cutoffs()).to_pandas(),
    )


@pytest.mark.parametrize("kind", ["arrow", "path", "text"])
def test_cutoff_rows_may_come_from(kind: str, tmp_path: Path) -> None:
    rows = pa.Table.from_pandas(cutoffs(label=list("abcd")), preserve_index=False)
    given: Any = rows
    if kind != "arrow":
        pq.write_table(rows, tmp_path / "cutoffs.parquet")
        given = tmp_path / "cutoffs.parquet" if kind == "path" else str(tmp_path / "cutoffs.parquet")

    assert_frame_equal(
        matrix(features(), cutoff_time=given).to_pandas(),
        matrix(features(), cutoff_time=cutoffs(label=list("abcd"))).to_pandas(),
    )


def test_the_frame_of_cutoff_rows_is_left_as_it_is() -> None:
    rows = cutoffs(label=list("abcd"))
    matrix(features(), cutoff_time=rows).to_pandas()

    assert_frame_equal(rows, cutoffs(label=list("abcd")))
    assert rows.ww.schema is None


@pytest.mark.parametrize("time", [day(6), cutoffs()], ids=["shared", "rows"])
def test_the_cutoff_time_can_be_in_the_index(time: Any) -> None:
    computed = matrix(features()[:1], cutoff_time=time, cutoff_time_in_index=True)

    assert computed.to_pandas().index.names == ["customer_id", "time"]
    assert computed.to_arrow().column_names == ["customer_id", "time", "COUNT(sessions)"]
    expected = [day(6)] * 3 if isinstance(time, pd.Timestamp) else list(time["time"])
    assert list(computed.to_pandas().index.get_level_values("time")) == expected


def test_the_schema_names_the_types_of_the_columns() -> None:
    assert matrix(features(), cutoff_time=cutoffs(label=[1.5, 2.5, 1.5, 0.5])).schema == {
        "COUNT(sessions)": "IntegerNullable",
        "SUM(sales.amount)": "Double",
        "MAX(sessions.length)": "Double",
        "MODE(sessions.device)": "Categorical",
        "city": "Categorical",
        "label": "Double",
    }


def test_woodwork_types_are_those_of_the_schema() -> None:
    computed = matrix(features())
    frame = computed.to_pandas()

    types = {name: type(kind).__name__ for name, kind in frame.ww.logical_types.items()}
    assert types == computed.schema
