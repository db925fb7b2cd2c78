"""Every primitive on DuckDB where rows stand once for all cutoff times; too long for `make test`."""

from __future__ import annotations

from typing import Any

import pytest

from sparkfeat.engines import cutoffs
from tests.integration.test_primitives_on_spark import OF_EACH, compare, in_groups, without_any
from tests.parity.cases.native import CASES, features_of
from tests.parity.cases.options import KINDS, MANY
from tests.parity.cases.test_native import ROW_LOCAL

WINDOW: dict[str, Any] = {"cutoff_time": MANY, "training_window": "4 days", "include_cutoff_time": False}

grouped = pytest.mark.parametrize(
    "cases", in_groups([name for name in CASES if name not in ROW_LOCAL], 20), ids=",".join
)


@pytest.fixture(autouse=True)
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rows stand once whatever the number of cutoff times."""
    monkeypatch.setattr(cutoffs, "REPEATED", 0)


@grouped
def test_native(cases: tuple[str, ...]) -> None:
    compare(cases, features_of, None, "duckdb", **KINDS["many"])


@grouped
def test_native_in_a_window(cases: tuple[str, ...]) -> None:
    """Featuretools itself fails on some cases in a window."""
    left_out = without_any(cases, features_of, None, OF_EACH, "duckdb", **WINDOW)
    assert set(left_out) < set(cases)
