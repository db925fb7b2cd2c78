"""FeatureMatrix: the forms that rows are given in, and what it tells of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import featuretools as ft
import pandas as pd
import pyarrow.parquet as pq
import pytest
from featuretools import primitives as p
from pandas.testing import assert_frame_equal

import sparkfeat as sf
from sparkfeat import errors
from tests.entityset.kinds import as_file
from tests.entityset.shop import (
    KEYS,
    TIMES,
    column,
    cutoffs,
    day,
    found,
    frames,
    matrix,
    reference,
    shop,
)
from tests.plan.features import NAMES, aggregated, count, features, smoothed

# Forms ----------------------------------------------------------------------------------------------------


def test_arrow_and_pandas_hold_the_same() -> None:
    computed = matrix(features(), cutoff_time=cutoffs(label=list("abcd")))
    as_pandas, as_arrow = computed.to_pandas(), computed.to_arrow()

    assert as_arrow.column_names == ["customer_id", *computed.columns]
    assert as_arrow.column("customer_id").to_pylist() == list(as_pandas.index)
    for name in computed.columns:
        values = [None if pd.isna(value) else value for value in as_pandas[name]]
        assert as_arrow.column(name).to_pylist() == values


def test_a_file_holds_what_arrow_holds(tmp_path: Path) -> None:
    computed = matrix(features(), cutoff_time=cutoffs(label=list("abcd")))
    (file,) = computed.write_parquet(tmp_path / "out")

    assert pq.read_table(file).equals(computed.to_arrow())
    stored = pq.read_metadata(file)
    assert all(stored.row_group(number).num_rows for number in range(stored.num_row_groups))


@pytest.mark.parametrize("first", [False, True], ids=["streamed", "computed before"])
@pytest.mark.parametrize("time", [day(6), cutoffs()], ids=["shared", "rows"])
def test_a_file_has_the_cutoff_time_where_the_index_has_it(time: Any, first: bool, tmp_path: Path) -> None:
    computed = matrix(features()[:1], cutoff_time=time, cutoff_time_in_index=True)
    if first:
        computed.to_arrow()
    (file,) = computed.write_parquet(tmp_path / "out")

    assert pq.read_table(file).equals(computed.to_arrow())


def test_a_matrix_without_rows_is_written_with_its_columns(tmp_path: Path) -> None:
    (file,) = matrix(features(), cutoff_time=day(6), instance_ids=[]).write_parquet(tmp_path)

    assert pq.read_table(file).column_names == ["customer_id", *NAMES]


@pytest.mark.parametrize("place", ["new", "new/deeper", "with space/ü"])
def test_folders_are_made_where_they_are_missing(place: str, tmp_path: Path) -> None:
    (file,) = matrix(features()[:1]).write_parquet(tmp_path / place)

    assert file.parent == tmp_path / place


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(errors.OutputExistsError, match="not empty"):
        matrix(features()).write_parquet(tmp_path)

    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_file_in_the_way_is_told(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(errors.StorageError, match="Cannot make the folder"):
        matrix(features()).write_parquet(tmp_path / place)


@pytest.mark.spark
def test_spark_writes_to_the_folder_it_was_given(spark: Any, tmp_path: Path) -> None:
    computed = matrix(features()[:1], engine="spark", spark=spark)
    place = tmp_path / "with space" / "ü#%20"

    files = computed.write_parquet(place)

    assert {file.parent for file in files} == {place}
    assert sorted(pq.read_table(files).column("customer_id").to_pylist()) == [1, 2, 3, 4]


# What it tells --------------------------------------------------------------------------------------------


def one_left() -> list[ft.Feature]:
    return [count("sessions", "customers"), smoothed(column("customers", "age"))]


def test_explain_names_each_feature_with_its_engine() -> None:
    assert "    COUNT(sessions)  [duckdb]" in matrix(features()).explain().splitlines()


def test_explain_names_the_reason_of_a_fallback() -> None:
    told = matrix(one_left()).explain()

    assert "SAVGOL_FILTER(age)  [featuretools: the filter's length and coefficients follow" in told
    ((name, reason),) = matrix(one_left()).fallbacks
    assert name == "SAVGOL_FILTER(age)"
    assert "which SQL has no means for" in reason


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "rows with time <= cutoff"),
        ({"include_cutoff_time": False}, "rows with time < cutoff"),
        ({"gap": "1 day"}, "rows with time <= cutoff - 1 day"),
        ({"training_window": "3 days"}, "rows with cutoff - 3 days < time <= cutoff"),
        (
            {"training_window": "3 days", "gap": "1 day", "include_cutoff_time": False},
            "rows with cutoff - 1 day - 3 days <= time < cutoff - 1 day",
        ),
    ],
    ids=str,
)
def test_explain_says_which_rows_are_visible(options: dict[str, Any], told: str) -> None:
    assert f"  visible: {told}" in matrix(features(), **options).explain().splitlines()


@pytest.mark.parametrize(
    ("feature", "path"),
    [
        (count("sessions", "customers"), "customers <- sessions"),
        (aggregated(column("sales", "amount"), "customers", p.Sum), "customers <- sessions <- sales"),
        (column("customers", "city"), "customers"),
    ],
    ids=str,
)
def test_explain_sorts_features_by_path(feature: ft.Feature, path: str) -> None:
    lines = matrix([feature]).explain().splitlines()

    assert lines[lines.index(f"    {feature.get_name()}  [duckdb]") - 1] == f"  {path}"


def test_the_text_of_a_matrix_is_short() -> None:
    assert repr(matrix(features())) == "<FeatureMatrix of customers: 5 columns; engine duckdb>"
    assert (
        repr(matrix(one_left()))
        == "<FeatureMatrix of customers: 2 columns, 1 by Featuretools; engine duckdb>"
    )


def test_the_html_lists_the_columns_and_escapes_them() -> None:
    html = matrix([count("sessions", "customers").rename("<b>"), *one_left()])._repr_html_()

    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "featuretools: the filter&#x27;s length and coefficients follow" in html


def test_the_features_are_those_given() -> None:
    given = features()

    assert matrix(given).features == given


def test_another_dialect_is_refused_with_those_there_are() -> None:
    with pytest.raises(errors.UserInputError, match=r"No SQL dialect 'postgres'. Known: 'duckdb', 'spark'"):
        matrix(features()).sql("postgres")


def stained(folder: Path | None = None) -> sf.EntitySet:
    """Return a shop where two sessions have no time and three have no customer."""
    made = sf.EntitySet("stained")
    rows = frames()
    sessions = rows["sessions"]
    sessions["started"] = sessions["started"].where(sessions["session_id"] > 11)
    sessions["customer_id"] = pd.array([7, 2, 1, 3, 8, None, 3, 1, 9, 1], dtype="Int64")
    for name, frame in (("customers", rows["customers"]), ("sessions", sessions)):
        held = frame if folder is None else as_file(name, frame, folder)
        made.add_dataframe(held, name, index=KEYS[name], time_index=TIMES[name])
    made.add_relationship("customers", "customer_id", "sessions", "customer_id")
    return made


@pytest.mark.parametrize("stored", [False, True], ids=["in memory", "stored"])
def test_null_times_and_orphans_are_counted_and_logged(
    stored: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    computed = matrix(features()[:1], stained(tmp_path if stored else None), cutoff_time=day(9))
    assert computed.report is None
    computed.to_pandas()

    notes = [
        "sessions: 2 rows have no time and are never visible",
        "sessions.customer_id -> customers.customer_id: 3 rows have a key without a parent",
    ]
    assert computed.report is not None
    assert computed.report.notes == notes
    assert [record.getMessage() for record in caplog.records] == notes


def test_rows_are_checked_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    given = stained()
    for _ in range(2):
        matrix(features()[:1], given, cutoff_time=day(9)).to_pandas()

    assert len(caplog.records) == 2


def test_the_second_matrix_has_a_report_too() -> None:
    given = stained()
    first, second = (matrix(features()[:1], given, cutoff_time=day(9)) for _ in range(2))
    first.to_pandas()
    second.to_pandas()

    assert second.report is not None


def test_clean_tables_are_not_talked_about(caplog: pytest.LogCaptureFixture) -> None:
    matrix(features()[:2], cutoff_time=day(9)).to_pandas()

    assert caplog.records == []


@pytest.mark.parametrize("method", ["to_pandas", "to_arrow"])
def test_progress_is_told_up_to_the_end(method: str) -> None:
    calls: list[tuple[float, float, float]] = []
    getattr(matrix(features()[:1], progress_callback=lambda *call: calls.append(call)), method)()

    assert calls[-1][1] == pytest.approx(100)
    assert sum(change for change, _, _ in calls) == pytest.approx(100)
    assert all(seconds >= 0 for _, _, seconds in calls)


def test_pandas_and_arrow_share_one_computation(monkeypatch: pytest.MonkeyPatch) -> None:
    computed = matrix(features()[:1])
    computed.to_arrow()
    monkeypatch.setattr(computed, "_runner", None)

    assert len(computed.to_pandas()) == 4


def test_a_matrix_is_computed_of_the_shop_as_it_is() -> None:
    expected = ft.calculate_feature_matrix(
        found(), reference(), cutoff_time=cutoffs(), cutoff_time_in_index=True
    )

    computed = matrix(found(), shop(), cutoff_time=cutoffs(), cutoff_time_in_index=True).to_pandas()
    assert_frame_equal(pd.DataFrame(computed), pd.DataFrame(expected))
