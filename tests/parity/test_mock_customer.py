"""Featuretools' own demonstration data."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import featuretools as ft
import pandas as pd
import pytest

from tests.parity.conftest import Parity
from tests.parity.harness import computable

FIRST = pd.Timestamp("2014-01-01")
SOME = pd.DataFrame(
    {
        "customer_id": [5, 1, 2, 1, 4, 3, 99, 1],
        "time": FIRST + pd.to_timedelta([60, 300, 480, 15, 0, 200, 300, 900], unit="min"),
        "label": [1, 0, 0, 1, 0, 1, 0, 1],
    }
)
OPTIONS: dict[str, dict[str, Any]] = {
    "all times": {},
    "one time": {"cutoff_time": FIRST + pd.Timedelta(hours=4), "include_cutoff_time": False},
    "some customers": {"cutoff_time": FIRST + pd.Timedelta(hours=4), "instance_ids": [3, 1, 42]},
    "many times": {"cutoff_time": SOME, "cutoff_time_in_index": True},
    "windows": {"cutoff_time": SOME, "training_window": "2 hours"},
}


@cache
def mock() -> ft.EntitySet:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        entityset = ft.demo.load_mock_customer(return_entityset=True)
    entityset.add_interesting_values(max_values=2)
    return entityset


@cache
def features_of(target: str) -> list[ft.Feature]:
    made = ft.dfs(
        entityset=mock(),
        target_dataframe_name=target,
        where_primitives=["count", "mean"] if target == "customers" else [],
        groupby_trans_primitives=["cum_sum", "cum_count"] if target == "sessions" else [],
        trans_primitives=["month", "weekday", "is_null"],
        max_depth=2,
        features_only=True,
    )
    return list(made)


@pytest.mark.parametrize("kind", OPTIONS)
def test_customers(kind: str, parity: Parity, engine: str) -> None:
    if engine == "spark" and kind in ("all times", "one time"):
        pytest.skip("the same plan as for some customers")

    parity(mock(), features_of("customers"), **OPTIONS[kind])


@pytest.mark.parametrize("target", ["sessions", "transactions", "products"])
def test_other_targets(target: str, parity: Parity) -> None:
    parity(mock(), features_of(target), cutoff_time=FIRST + pd.Timedelta(hours=5))


def test_depth_three(parity: Parity) -> None:
    made = ft.dfs(
        entityset=mock(),
        target_dataframe_name="customers",
        agg_primitives=["mean", "std", "mode", "last"],
        trans_primitives=["day"],
        max_depth=3,
        features_only=True,
    )

    features, expected = computable(mock(), made[::3], cutoff_time=SOME)

    parity(mock(), features, expected=expected, cutoff_time=SOME)


def test_last_time_indexes_let_old_customers_through_a_window(parity: Parity) -> None:
    entityset = mock()
    assert "_ft_last_time" in entityset["sessions"].columns

    parity(entityset, features_of("customers")[:20], cutoff_time=SOME, training_window="30 minutes")
