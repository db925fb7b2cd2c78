"""Instances with many cutoff times, whose rows stand once for all of them, against Featuretools."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import featuretools as ft
import numpy as np
import pandas as pd
import pytest
from featuretools import primitives as p

import sparkfeat as sf
from sparkfeat.engines import cutoffs
from tests.parity.cases.case import needs_time
from tests.parity.cases.options import KINDS, MANY, OPEN_WINDOW
from tests.parity.conftest import quietly
from tests.parity.data import traps
from tests.parity.harness import computable
from tests.parity.kinds import of_customers

OPTIONS: dict[str, dict[str, Any]] = {
    **KINDS,
    "open window": OPEN_WINDOW,
    "many in a window": {"cutoff_time": MANY, "training_window": "3 days"},
    "many not included": {"cutoff_time": MANY, "include_cutoff_time": False},
}
LONG: dict[str, dict[str, Any]] = {
    "all before": {},
    "not included": {"include_cutoff_time": False},
    "a window": {"training_window": "20 days"},
    "a window of months, not included": {"training_window": "1 month", "include_cutoff_time": False},
}


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rows stand once whatever the number of cutoff times."""
    monkeypatch.setattr(cutoffs, "REPEATED", 0)


@pytest.mark.usefixtures("lasting")
@pytest.mark.parametrize("kind", OPTIONS)
def test_traps(kind: str) -> None:
    chosen = [one for one in of_customers() if kind != "none" or not needs_time(one)]
    features, expected = computable(traps(), chosen, **OPTIONS[kind])
    quietly("duckdb", None, traps(), features, expected=expected, vacuous=True, **OPTIONS[kind])


@cache
def bank() -> ft.EntitySet:
    """Customers with accounts that last, so that values change at many times; devices have no time."""
    rng = np.random.default_rng(3)
    start = pd.Timestamp("2024-01-01")

    def some(count: int) -> pd.Series:
        return pd.Series(start + pd.to_timedelta(rng.integers(0, 150 * 24, count), unit="h"))

    opened = pd.Series(start + pd.to_timedelta([0, 5, 40, 1, 90, 149], unit="D"))
    payments = pd.DataFrame(
        {
            "payment_id": range(240),
            "account_id": rng.choice([10, 11, 12, 13, 14], 240),
            "paid": some(240),
            "amount": np.where(rng.random(240) < 0.1, np.nan, rng.gamma(2, 50, 240).round(1)),
            "kind": rng.choice(["card", "cash", None], 240),
        }
    )
    tables: dict[str, tuple[Any, ...]] = {
        "customers": (pd.DataFrame({"customer_id": [1, 2, 3]}), "customer_id", None),
        "devices": (
            pd.DataFrame(
                {"device_id": range(8), "customer_id": [1, 1, 2, 2, 2, 3, 1, 2], "weight": range(8)}
            ),
            "device_id",
            None,
        ),
        "accounts": (
            pd.DataFrame({"account_id": range(10, 16), "customer_id": [1, 1, 1, 2, 2, 2], "opened": opened}),
            "account_id",
            "opened",
        ),
        "payments": (payments, "payment_id", "paid"),
        "letters": (
            pd.DataFrame(
                {"letter_id": range(60), "account_id": rng.choice(range(10, 16), 60), "sent": some(60)}
            ),
            "letter_id",
            "sent",
        ),
    }
    es = ft.EntitySet("bank")
    for name, (rows, index, time) in tables.items():
        es.add_dataframe(rows, name, index=index, time_index=time)
    es.add_relationship("customers", "customer_id", "devices", "customer_id")
    es.add_relationship("customers", "customer_id", "accounts", "customer_id")
    es.add_relationship("accounts", "account_id", "payments", "account_id")
    es.add_relationship("accounts", "account_id", "letters", "account_id")
    es.add_interesting_values(dataframe_name="payments", values={"kind": ["card"]})
    es.add_last_time_indexes()
    return es


@cache
def of_bank() -> list[ft.Feature]:
    """Return features of every depth, with a condition, in order, and at the cutoff time."""
    found: list[ft.Feature] = ft.dfs(
        entityset=bank(),
        target_dataframe_name="customers",
        agg_primitives=[
            p.Sum, p.Std, p.Skew, p.Mode, p.NumUnique, p.Count, p.Last, p.Median, p.Trend, p.TimeSinceLast,
            p.Entropy,
        ],
        trans_primitives=[p.Weekday, p.AddNumericScalar(1)],
        where_primitives=[p.Count],
        features_only=True,
        max_depth=2,
    )  # fmt: skip
    return found


def daily() -> pd.DataFrame:
    """Return every third day of five months for two customers, one day for the other, in no order."""
    days = pd.date_range("2024-01-02", "2024-06-03", freq="3D")
    rows = [(customer, day) for customer in (2, 1) for day in days]
    rows += [(3, days[7])]
    found = pd.DataFrame(rows, columns=["customer_id", "time"])
    return found.sample(frac=1, random_state=1).reset_index(drop=True)


@pytest.mark.parametrize("options", LONG.values(), ids=LONG)
def test_long_timelines(options: dict[str, Any]) -> None:
    features, expected = computable(bank(), of_bank(), cutoff_time=daily(), **options)
    assert len(features) > 60
    quietly("duckdb", None, bank(), features, expected=expected, cutoff_time=daily(), **options)


def test_no_row_stands_for_each_time_that_sees_it() -> None:
    """Payments are numbered once; only what depends on the time itself is read at every time."""
    lasting = [one for one in of_bank() if "TIME_SINCE" not in one.get_name()]

    sql = sf.calculate_feature_matrix(lasting, bank(), cutoff_time=daily()).sql("duckdb")

    assert "customers_accounts_payments_lasting_rows" in sql
    assert "customers_accounts_payments_rows" not in sql
    assert re.search(r"ASOF JOIN", sql)


def test_few_times_of_an_instance_are_not_numbered() -> None:
    once = daily().drop_duplicates("customer_id")

    sql = sf.calculate_feature_matrix(of_bank(), bank(), cutoff_time=once).sql("duckdb")

    assert "ASOF" not in sql


def test_a_gap_moves_both_ends() -> None:
    asked = [one for one in of_bank() if "TIME_SINCE" not in one.get_name()][:30]
    shifted = daily().assign(time=lambda rows: rows["time"] - pd.Timedelta(days=2))

    found = sf.calculate_feature_matrix(
        asked, bank(), cutoff_time=daily(), gap="2 days", training_window="9 days"
    )
    expected = sf.calculate_feature_matrix(asked, bank(), cutoff_time=shifted, training_window="9 days")

    pd.testing.assert_frame_equal(found.to_pandas(), expected.to_pandas())
