"""The partitioned engine on every primitive and any schema; too long for `make test`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from sparkfeat.engines.partitioned import runner
from tests.conftest import interpreting
from tests.integration.test_primitives_on_spark import compare, in_groups
from tests.parity.cases.native import CASES, features_of
from tests.parity.cases.options import KINDS
from tests.parity.cases.test_native import ROW_LOCAL
from tests.parity.test_property import check_seed, drawn, seeds

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.spark
@pytest.mark.parametrize(
    "cases", in_groups([name for name in CASES if name not in ROW_LOCAL], 25), ids=",".join
)
def test_native_on_partitioned(
    cases: tuple[str, ...], interpreted: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "ROWS_WORTH_A_TASK", 20)
    compare(cases, features_of, interpreted, "partitioned", **KINDS["many"])


@pytest.fixture(scope="module")
def tiny_tasks(spark: SparkSession) -> Iterator[SparkSession]:
    """Let a task take three rows."""
    with interpreting(spark) as session, pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "ROWS_WORTH_A_TASK", 3)
        yield session


@pytest.mark.spark
@settings(drawn, max_examples=5)
@seeds
def test_any_schema(tiny_tasks: SparkSession, seed: int) -> None:
    check_seed(seed, "partitioned", tiny_tasks)
