"""Windows over whole tables in ranges of a few rows, on Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sparkfeat.engines.spark import runner
from tests.integration.test_primitives_on_spark import compare, in_groups
from tests.parity.cases.native import FAMILIES, features_of, features_of_events
from tests.parity.cases.options import KINDS
from tests.parity.data import day

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ALONG_ROWS = [name for family in ("order", "rolling") for name in FAMILIES[family]]


@pytest.fixture
def ranges(interpreted: SparkSession, monkeypatch: pytest.MonkeyPatch) -> SparkSession:
    """Let a task take seven rows of a window."""
    monkeypatch.setattr(runner, "ROWS_OF_RANGE", 7)
    return interpreted


@pytest.mark.spark
@pytest.mark.parametrize("cases", in_groups(ALONG_ROWS, size=8), ids=",".join)
def test_rows_of_events(cases: tuple[str, ...], ranges: SparkSession) -> None:
    compare(cases, features_of_events, ranges, cutoff_time=day(10))


# Every third: a time is one more key of the ranges.
@pytest.mark.spark
@pytest.mark.parametrize("cases", in_groups(ALONG_ROWS[::3], size=8), ids=",".join)
def test_many_times(cases: tuple[str, ...], ranges: SparkSession) -> None:
    compare(cases, features_of, ranges, **KINDS["many"])
