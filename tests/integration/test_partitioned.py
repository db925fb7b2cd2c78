"""Every primitive on the partitioned engine, on rows full of traps; too long for `make test`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sparkfeat.engines.partitioned import runner
from tests.integration.test_primitives_on_spark import compare, in_groups
from tests.parity.cases.native import CASES, features_of
from tests.parity.cases.options import KINDS
from tests.parity.cases.test_native import ROW_LOCAL

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
