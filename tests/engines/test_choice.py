"""Which engine on Spark takes a computation, and why."""

from __future__ import annotations

from collections.abc import Callable

import featuretools as ft
import pandas as pd
import pytest
from featuretools import primitives as p

from sparkfeat.engines import choice
from tests.entityset.shop import column, day, found, matrix
from tests.plan.features import aggregated

Features = Callable[[], list[ft.Feature]]


def few() -> list[ft.Feature]:
    return [aggregated(column("sessions", "length"), "customers", p.Sum)]


def many() -> list[ft.Feature]:
    return found(agg_primitives=["count", "sum", "mean", "max", "min", "std", "mode"])


def over_the_table() -> list[ft.Feature]:
    return [ft.Feature(few()[0], primitive=p.CumSum)]


CASES: dict[str, tuple[Features, str, str]] = {
    "few aggregations": (few, "spark", "few aggregations (1)"),
    "many aggregations": (many, "partitioned", "many aggregations"),
    "other instances": (
        over_the_table,
        "spark",
        "CUM_SUM(SUM(sessions.length)) needs all rows of 'customers'",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_plan_decides(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make, engine, reason = CASES[case]
    monkeypatch.setattr(choice, "FEW_ROWS", 0)

    taken, why = choice.choose_on_spark(matrix(make()).computation)

    assert taken == engine
    assert reason in why


def test_many_times_of_an_instance_need_duckdb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark's SQL has rows stand once for each time that sees them."""
    monkeypatch.setattr(choice, "FEW_ROWS", 0)
    times = pd.DataFrame({"customer_id": [1] * 5 + [2], "time": [day(number) for number in range(1, 7)]})

    taken, why = choice.choose_on_spark(matrix(few(), cutoff_time=times).computation)

    assert (taken, why) == ("partitioned", "instances have many cutoff times each")


def test_few_rows_stay_with_spark() -> None:
    taken, why = choice.choose_on_spark(matrix(many()).computation)

    assert taken == "spark"
    assert "few rows" in why


def test_what_needs_other_customers_is_explained() -> None:
    made = matrix([*many(), *over_the_table()], engine="partitioned")

    explained = made.explain()

    assert "engine partitioned" in explained
    assert "CUM_SUM(SUM(sessions.length))  [spark: CUM_SUM(SUM(sessions.length)) needs all rows" in explained
    assert "COUNT(sessions)  [partitioned]" in explained
