"""Customers that own too many rows for one task: the same values, computed elsewhere."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

import featuretools as ft
import pytest

import sparkfeat as sf
from sparkfeat.engines.partitioned import hot, runner
from tests.engines.partitioned.skewed import HOT, OPTIONS, several, skewed, skewed_features
from tests.parity.cases.options import KINDS
from tests.parity.conftest import quietly
from tests.parity.data import traps
from tests.parity.harness import computable, matrix_of
from tests.parity.kinds import of_customers
from tests.primitives.own import Spread

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ONE, ALL = 100, 0
"""Limits above which one customer is hot, and every one that has a row."""


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> list[hot.Hot | None]:
    """Cut few rows, call customers with more than ONE row hot, and return what is found."""
    found: list[hot.Hot | None] = []
    find = hot.find

    def told(*given: Any) -> hot.Hot | None:
        found.append(find(*given))
        return found[-1]

    monkeypatch.setattr(runner, "ROWS_WORTH_A_TASK", 20)
    monkeypatch.setattr(hot, "SHARES", 0)
    monkeypatch.setattr(hot, "ROWS", ONE)
    monkeypatch.setattr(hot, "find", told)
    return found


def hot_ones(found: list[hot.Hot | None]) -> list[Any]:
    assert found
    return [] if found[-1] is None else [*found[-1].rows]


@pytest.mark.spark
@pytest.mark.parametrize("kind", OPTIONS)
def test_one_customer_owns_most_rows(
    kind: str, interpreted: SparkSession, limited: list[hot.Hot | None]
) -> None:
    features, expected = computable(skewed(), skewed_features(), **OPTIONS[kind])

    quietly("partitioned", interpreted, skewed(), features, expected=expected, vacuous=True, **OPTIONS[kind])

    assert hot_ones(limited) == [HOT]


@pytest.mark.spark
def test_every_customer_is_hot(
    interpreted: SparkSession, limited: list[hot.Hot | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot, "ROWS", ALL)

    quietly("partitioned", interpreted, skewed(), skewed_features()[:20], **OPTIONS["all"])

    assert len(hot_ones(limited)) == 4


@pytest.mark.spark
@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["many", "window"])
def test_rows_full_of_traps(
    kind: str, interpreted: SparkSession, limited: list[hot.Hot | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot, "ROWS", 5)
    features, expected = computable(traps(), of_customers(), **KINDS[kind])

    quietly("partitioned", interpreted, traps(), features, expected=expected, vacuous=True, **KINDS[kind])

    assert {1, 8} <= {*hot_ones(limited)}


@pytest.mark.spark
def test_hot_customers_not_asked_for_are_not_sought(
    spark: SparkSession, limited: list[hot.Hot | None]
) -> None:
    options = {"cutoff_time": several(("b", 30), ("c", 20))}

    quietly("partitioned", spark, skewed(), skewed_features()[:10], **options)

    assert hot_ones(limited) == []


@pytest.mark.spark
def test_large_tables_are_sampled(
    spark: SparkSession, limited: list[hot.Hot | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot, "SAMPLE_ROWS", 100)

    quietly("partitioned", spark, skewed(), skewed_features()[:10], **OPTIONS["all"])

    assert hot_ones(limited) == [HOT]
    (found,) = limited
    assert found is not None
    assert 110 < found.rows[HOT] < 360  # 225 really


@pytest.mark.spark
def test_hot_customers_are_told(
    spark: SparkSession, limited: list[hot.Hot | None], caplog: pytest.LogCaptureFixture
) -> None:
    matrix = matrix_of(skewed(), skewed_features()[:10], "partitioned", spark, **OPTIONS["all"])
    assert "hot" not in matrix.explain()

    with caplog.at_level(logging.INFO, "sparkfeat"), matrix.profiled() as profile:
        rows = matrix.to_arrow()

    text = f"hot customers: '{HOT}' (about 225 rows), the limit is 100; computed by Spark's own plan"
    assert text in caplog.text
    assert text in matrix.explain()
    steps = {step.name: step for step in profile.steps}
    assert steps["hot rows"].rows == 1
    assert steps["matrix"].rows == rows.num_rows == 5
    assert steps["hot"].seconds > 0


class OnDuckDB(Spread):
    """A primitive with SQL for one engine alone."""

    name = "on_duckdb"


@pytest.mark.spark
def test_features_without_sql_of_sparks_keep_their_customers(
    spark: SparkSession, limited: list[hot.Hot | None]
) -> None:
    sf.register_primitive(OnDuckDB, duckdb="max(x) - min(x)")
    try:
        spread = ft.Feature(
            ft.IdentityFeature(skewed()["sales"].ww["amount"]),
            parent_dataframe_name="customers",
            primitive=OnDuckDB,
        )
        matrix = matrix_of(skewed(), [spread], "partitioned", spark, **OPTIONS["all"])
        found = matrix.to_pandas()
    finally:
        sf.unregister_primitive(OnDuckDB)

    assert hot_ones(limited) == [HOT]
    assert "one task each, since 'ON_DUCKDB(sales.amount)' has no SQL of Spark's" in matrix.explain()
    assert found.loc[HOT].notna().all()


LIMITS = {
    "few rows": (1_000, 100, hot.ROWS),
    "fair shares": (10**9, 100, 2 * 10**7),
    "two tasks": (10**8, 2, 10**8),
}


@pytest.mark.parametrize("case", LIMITS)
def test_limit(case: str) -> None:
    rows, tasks, expected = LIMITS[case]

    assert hot.limit_of(rows, tasks) == expected


@pytest.mark.parametrize(("rows", "tasks"), [(10**9, 2), (10**9, 1), (7 * 10**6, 1_000)])
def test_nothing_is_counted_where_nobody_can_be_hot(rows: int, tasks: int) -> None:
    path = cast(Any, (Edge(),))

    assert hot.find(cast(Any, None), cast(Any, Tables(path)), {"sales": rows}, tasks) is None


class Edge:
    forward = False
    target = "sales"


class Tables:
    """Knows its paths only: to read rows would fail."""

    def __init__(self, *paths: Any) -> None:
        self.paths = paths
