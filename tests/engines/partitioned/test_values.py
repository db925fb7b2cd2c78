"""The partitioned engine against Featuretools: every kind of feature, every kind of cutoff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sparkfeat.engines.partitioned import runner
from tests.parity.cases.case import needs_time
from tests.parity.cases.options import KINDS, OPEN_WINDOW
from tests.parity.conftest import quietly
from tests.parity.data import traps
from tests.parity.harness import computable
from tests.parity.kinds import of_customers

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
