"""Rows that stand once for all cutoff times, on DuckDB: every primitive and any schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from sparkfeat.engines import cutoffs
from tests.integration.test_primitives_on_spark import OF_EACH, compare, in_groups, without_any
from tests.parity.cases.native import CASES, features_of
from tests.parity.cases.options import KINDS, MANY
from tests.parity.cases.test_native import ROW_LOCAL
from tests.parity.test_property import check_seed, drawn, seeds

WINDOW: dict[str, Any] = {"cutoff_time": MANY, "training_window": "4 days", "include_cutoff_time": False}

grouped = pytest.mark.parametrize(
    "cases", in_groups([name for name in CASES if name not in ROW_LOCAL], 20), ids=",".join
)


@pytest.fixture(scope="module", autouse=True)
def lasting() -> Iterator[None]:
    """Let rows stand once whatever the number of cutoff times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutoffs, "REPEATED", 0)
        yield


@grouped
def test_native(cases: tuple[str, ...]) -> None:
    compare(cases, features_of, None, "duckdb", **KINDS["many"])


@grouped
def test_native_in_a_window(cases: tuple[str, ...]) -> None:
    """Featuretools itself fails on some cases in a window."""
    left_out = without_any(cases, features_of, None, OF_EACH, "duckdb", **WINDOW)
    assert set(left_out) < set(cases)


@settings(drawn, max_examples=20)
@seeds
def test_any_schema(seed: int) -> None:
    check_seed(seed, "duckdb")
