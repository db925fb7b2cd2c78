"""Cutoff times in a Spark DataFrame: refused when they are given, or before they are used."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pytest

import sparkfeat as sf
from sparkfeat.engines.cutoff_frames import kind_of
from sparkfeat.errors import CutoffError
from tests.entityset.others import steps
from tests.entityset.shop import day, matrix
from tests.plan.features import count

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark

NOON = datetime(2022, 1, 5, 12)
ENGINES = ["spark", "partitioned", "duckdb"]


def frame(spark: SparkSession, ids: list[Any], times: list[Any], schema: str) -> DataFrame:
    return spark.createDataFrame(list(zip(ids, times, strict=True)), schema)


def counted(spark: SparkSession, given: DataFrame, engine: str) -> sf.FeatureMatrix:
    return matrix([count("sessions", "customers")], cutoff_time=given, engine=engine, spark=spark)


WRONG: dict[str, tuple[list[Any], list[Any], str, str]] = {
    "times as text": ([1], ["2022-01-05"], "customer_id long, time string", "are text.*to_timestamp"),
    "times as numbers": ([1], [5.0], "customer_id long, time double", "are numbers.*are datetimes"),
    "times as flags": ([1], [True], "customer_id long, time boolean", "are bool"),
    "ids as text": (["1"], [NOON], "customer_id string, time timestamp_ntz", "do not fit.*text"),
    "ids as times": (
        [NOON],
        [NOON],
        "customer_id timestamp, time timestamp_ntz",
        "do not fit.*datetimes",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_types_that_do_not_fit_are_refused_when_they_are_given(case: str, spark: SparkSession) -> None:
    ids, times, schema, message = WRONG[case]
    with pytest.raises(CutoffError, match=message):
        counted(spark, frame(spark, ids, times, schema), "spark")


def test_datetimes_are_refused_where_times_are_numbers(spark: SparkSession) -> None:
    given = frame(spark, [1], [NOON], "machine long, time timestamp_ntz")
    with pytest.raises(CutoffError, match=r"are datetimes.*are numbers"):
        sf.dfs(
            entityset=sf.EntitySet.from_featuretools(steps()),
            target_dataframe_name="machines",
            cutoff_time=given,
            spark=spark,
        )


@pytest.mark.parametrize("engine", ENGINES)
def test_a_row_that_stands_twice_is_refused(engine: str, spark: SparkSession) -> None:
    given = frame(spark, [1, 2, 1], [NOON] * 3, "customer_id long, time timestamp_ntz")
    with pytest.raises(CutoffError, match=r"instance 1 at 2022-01-05 12:00:00, 2 times"):
        counted(spark, given, engine).to_pandas()


@pytest.mark.parametrize("engine", ENGINES)
def test_dates_are_times_at_midnight(engine: str, spark: SparkSession) -> None:
    days = frame(spark, [1, 2], [NOON.date()] * 2, "customer_id long, time date")
    times = pd.DataFrame({"customer_id": [1, 2], "time": [day(5)] * 2})
    expected = matrix([count("sessions", "customers")], cutoff_time=times, engine="duckdb").to_pandas()

    found = counted(spark, days, engine).to_pandas().sort_index()
    pd.testing.assert_frame_equal(found, expected.sort_index())


def test_whole_numbers_are_times_where_times_are_numbers(spark: SparkSession) -> None:
    given = frame(spark, [1, 2], [3, 4], "machine int, time int")
    computed, _ = sf.dfs(
        entityset=sf.EntitySet.from_featuretools(steps()),
        target_dataframe_name="machines",
        agg_primitives=["count"],
        cutoff_time=given,
        engine="spark",
        spark=spark,
    )
    assert computed.to_pandas().sort_index()["COUNT(readings)"].tolist() == [2, 2]


def test_an_index_without_values_fits_all_ids() -> None:
    assert [kind_of(one) for one in (pa.null(), pa.dictionary(pa.int8(), pa.string()))] == ["", "text"]
