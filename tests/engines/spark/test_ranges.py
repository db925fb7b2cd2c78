"""Windows over a whole table in ranges: the values are those of one task."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import featuretools as ft
import featuretools.primitives as p
import pandas as pd
import pytest

import sparkfeat as sf
from sparkfeat.engines.spark import runner
from sparkfeat.engines.spark.engine import Views
from tests.parity.data import day
from tests.parity.data_sequences import EVENTS, sequences

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def features() -> list[ft.Feature]:
    """Return what is carried over, what reaches rows back, and what goes by another order."""
    events = sequences()["events"].ww
    return [
        ft.Feature(ft.Feature(events["level"]), primitive=p.CumSum),
        ft.Feature(
            [ft.Feature(events["at"]), ft.Feature(events["level"])], primitive=p.RollingMean(3, gap=1)
        ),
        ft.Feature(ft.Feature(events["level"]), primitive=p.Percentile),
    ]


def on_spark(spark: SparkSession) -> sf.FeatureMatrix:
    return sf.calculate_feature_matrix(
        features(), sequences(), cutoff_time=day(50), engine="spark", spark=spark
    )


@pytest.mark.spark
def test_values(interpreted: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A DataFrame has the same when the rows that `to_pandas` kept are gone: bounds tell the ranges."""
    monkeypatch.setattr(runner, "ROWS_OF_RANGE", 10)
    matrix = on_spark(interpreted)
    frame = matrix.to_spark()

    expected = ft.calculate_feature_matrix(features(), sequences(), cutoff_time=day(50))
    pd.testing.assert_frame_equal(matrix.to_pandas(), expected)
    found = frame.toPandas().set_index("event_id").sort_index()
    pd.testing.assert_frame_equal(found, expected.sort_index(), check_dtype=False)


@pytest.mark.spark
def test_small_tables_are_one_task(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    def collected(*_: object) -> NoReturn:
        raise AssertionError("there are ranges")

    monkeypatch.setattr(runner, "ROWS_OF_RANGE", EVENTS // runner.RANGES_THAT_PAY)
    monkeypatch.setattr(Views, "_collected", collected)
    assert len(on_spark(spark).to_pandas()) == EVENTS
