"""Windows over whole tables in ranges of a few rows, on Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sparkfeat.engines.spark import runner
from tests.integration.test_primitives_on_spark import compare, in_groups, interpreted
from tests.parity.cases.native import FAMILIES, features_of, features_of_events
from tests.parity.cases.options import KINDS
from tests.parity.data import day

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["interpreted"]

ALONG_ROWS = [name for family in ("order", "rolling") for name in FAMILIES[family]]
GROUPS = pytest.mark.parametrize("cases", in_groups(ALONG_ROWS, size=8), ids=",".join)


@pytest.fixture
def ranges(interpreted: SparkSession, monkeypatch: pytest.MonkeyPatch) -> SparkSession:
    """Let a task take seven rows of a window."""
    monkeypatch.setattr(runner, "ROWS_OF_A_TASK", 7)
    return interpreted


@pytest.mark.spark
@GROUPS
def test_rows_of_events(cases: tuple[str, ...], ranges: SparkSession) -> None:
    compare(cases, features_of_events, ranges, cutoff_time=day(10))


@pytest.mark.spark
@GROUPS
def test_many_times(cases: tuple[str, ...], ranges: SparkSession) -> None:
    compare(cases, features_of, ranges, **KINDS["many"])
