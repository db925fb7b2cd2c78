"""A shop in which one customer owns most rows."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import featuretools as ft
import numpy as np
import pandas as pd
from featuretools import primitives as p

START = pd.Timestamp("2024-01-01")
HOT = "the hot one"
CUSTOMERS = [HOT, "b", "c", "d", "nobody's"]
SESSIONS = {"session_id": "IntegerNullable", "customer_id": "Unknown", "device": "Categorical"}
ORDERED = [p.Last, p.First, p.Trend, p.TimeSinceLast, p.MaxConsecutiveTrue, p.Median, p.NMostCommon(n=2)]
SIMPLE = [p.Count, p.Sum, p.Mean, p.Std, p.Skew, p.Mode, p.NumUnique, p.PercentTrue, p.Max]


def hour(number: float | None) -> pd.Timestamp:
    """Return an hour after the start; null for None."""
    return pd.NaT if number is None else START + pd.Timedelta(minutes=round(60 * number))


@cache
def skewed() -> ft.EntitySet:
    """Return customers <- sessions <- sales -> products; keys are null here and there."""
    made = ft.EntitySet("skewed")
    made.add_dataframe(
        pd.DataFrame(
            {"customer_id": CUSTOMERS, "joined": [hour(0)] * 5, "age": [30.0, np.nan, 7.0, 50.0, 1.0]}
        ),
        "customers",
        index="customer_id",
        time_index="joined",
        logical_types={"customer_id": "Unknown"},
    )
    made.add_dataframe(_sessions(), "sessions", index="session_id", time_index="at", logical_types=SESSIONS)
    made.add_dataframe(
        _sales(), "sales", index="sale_id", time_index="sold", logical_types={"session_id": "IntegerNullable"}
    )
    made.add_dataframe(
        pd.DataFrame({"product_id": range(5), "price": [1.0, 2.5, np.nan, 4.0, 9.0]}),
        "products",
        index="product_id",
    )
    made.add_relationship("customers", "customer_id", "sessions", "customer_id")
    made.add_relationship("sessions", "session_id", "sales", "session_id")
    made.add_relationship("products", "product_id", "sales", "product_id")
    return made


def _sessions(count: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    owners = rng.choice(np.array([*CUSTOMERS[:4], None], dtype=object), count, p=[0.7, 0.1, 0.1, 0.05, 0.05])
    return pd.DataFrame(
        {
            "session_id": range(count),
            "customer_id": owners,
            "at": [hour(5 + number // 2) for number in range(count)],
            "device": pd.Categorical(rng.choice(["phone", "desk"], count)),
        }
    )


def _sales(count: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    sessions = pd.array(rng.integers(0, 60, count), dtype="Int64")
    sessions[::29] = pd.NA
    return pd.DataFrame(
        {
            "sale_id": range(count),
            "session_id": sessions,
            "product_id": rng.integers(0, 5, count),
            "sold": [hour(5 + number / 10) for number in range(count)],
            "amount": rng.normal(10, 20, count).round(1),
            "gift": rng.random(count) < 0.3,
        }
    )


@cache
def skewed_features() -> list[ft.Feature]:
    """Return simple and ordered aggregations of two levels."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = ft.dfs(
            entityset=skewed(),
            target_dataframe_name="customers",
            agg_primitives=[*SIMPLE, *ORDERED],
            trans_primitives=["hour"],
            max_depth=2,
            features_only=True,
        )
    ordered = sorted(made, key=lambda one: str(one.get_name()))
    stacked = [one for one in ordered if one.get_depth() > 1]
    return [one for one in ordered if one.get_depth() == 1] + stacked[::8]


def several(*rows: tuple[str, float]) -> pd.DataFrame:
    """Return cutoff rows of customers and hours."""
    ids, hours = zip(*rows, strict=True)
    return pd.DataFrame({"customer_id": ids, "time": [hour(one) for one in hours], "label": range(len(ids))})


MANY = several(
    (HOT, 20), ("b", 20), (HOT, 9), ("unknown", 20), (HOT, 30), ("nobody's", 30), ("b", 31), (HOT, 2)
)
OPTIONS: dict[str, dict[str, Any]] = {
    "all": {"cutoff_time": hour(33)},
    "many": {"cutoff_time": MANY, "cutoff_time_in_index": True},
    "window": {"cutoff_time": MANY, "training_window": "8 hours", "include_cutoff_time": False},
    "some": {"cutoff_time": hour(25), "instance_ids": ["c", HOT, "unknown"]},
    "hidden": {"cutoff_time": several((HOT, 3), ("b", 30))},
}
