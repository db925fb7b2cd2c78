"""The partitioned engine against Featuretools: every kind of feature, every kind of cutoff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import featuretools as ft
import pandas as pd
import pyarrow as pa
import pytest
from featuretools import primitives as p

import sparkfeat as sf
from sparkfeat.engines.partitioned import runner
from sparkfeat.engines.partitioned.worker import Work
from tests.entityset.shop import column, day, matrix, reference
from tests.parity.cases.case import needs_time
from tests.parity.cases.options import KINDS, OPEN_WINDOW
from tests.parity.conftest import quietly
from tests.parity.data import traps
from tests.parity.harness import computable
from tests.parity.kinds import of_customers
from tests.parity.test_mock_customer import SOME, features_of, mock
from tests.plan.features import aggregated

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark
OPTIONS: dict[str, dict[str, Any]] = {**KINDS, "open window": OPEN_WINDOW}


@pytest.fixture(autouse=True)
def several_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut few rows too."""
    monkeypatch.setattr(runner, "ROWS_WORTH_A_TASK", 20)


@pytest.mark.parametrize("kind", OPTIONS)
def test_customers(kind: str, spark: SparkSession) -> None:
    chosen = [one for one in of_customers() if kind != "none" or not needs_time(one)]
    features, expected = computable(traps(), chosen, **OPTIONS[kind])
    quietly("partitioned", spark, traps(), features, expected=expected, vacuous=True, **OPTIONS[kind])


def test_several_windows_at_once(spark: SparkSession) -> None:
    options: dict[str, Any] = {"cutoff_time": SOME, "training_window": ["2 hours", None]}
    asked = [one for one in features_of("customers") if "WEEKDAY" not in one.get_name()][:40]

    found, expected = (
        sf.calculate_feature_matrix(asked, mock(), engine=engine, spark=on, **options).to_pandas()
        for engine, on in (("partitioned", spark), ("duckdb", None))
    )

    assert len(found.columns) > len(asked)
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize("inside", [True, False], ids=["beside others", "alone"])
def test_what_needs_all_rows_at_many_times(inside: bool, spark: SparkSession) -> None:
    """Spark's own plan does not let rows stand once for all times of an instance, as DuckDB's does."""
    total = aggregated(column("sales", "amount"), "customers", p.Sum)
    asked = [ft.Feature(total, primitive=p.CumSum), *([total] if inside else [])]
    times = pd.DataFrame([(n % 2 + 1, day(n)) for n in range(2, 10)], columns=["customer_id", "time"])
    options: dict[str, Any] = {"cutoff_time": times, "training_window": "3 days"}
    assert "ASOF" in matrix([total], **options).sql("duckdb")

    quietly("partitioned", spark, reference(), asked, **options)


def test_no_more_than_asked_for_is_moved(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only columns that the plan reads, and the keys on the way."""
    moved: list[Work] = []
    monkeypatch.setattr(runner, "_worker", lambda work: [moved.append(work), _nothing][1])
    total = aggregated(column("sales", "amount"), "customers", p.Sum)

    matrix([total], engine="partitioned", spark=spark, cutoff_time=day(6)).to_spark()

    (work,) = moved
    assert {name: [one for one, _ in fields] for name, fields in work.layout.tables.items()} == {
        "customers": ["customer_id", "joined"],
        "sessions": ["customer_id", "session_id", "started"],
        "sales": ["amount", "session_id", "sold"],
    }


def _nothing(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    return iter(())
