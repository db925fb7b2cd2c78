"""Lists that a value is in or not: what equals what depends on the column's dtype and on the whole list."""

from __future__ import annotations

from datetime import date
from typing import Any

import featuretools as ft
import featuretools.primitives as p
import numpy as np
import pandas as pd
import pytest

from tests.parity.cases.made import aggregate, column, compare
from tests.parity.conftest import Parity
from tests.parity.data import BEYOND_DOUBLE, day

pytestmark = [pytest.mark.heavy, pytest.mark.interpreted]

NAN = float("nan")

LISTS: dict[str, list[Any]] = {
    "numbers": [40, 7.0, 0, -1.25, float("inf"), -5, True],
    "numbers of numpy": [np.int64(7), np.float64(0.5), np.float64("nan")],
    "an integer that no float can hold": [BEYOND_DOUBLE, 1],
    "many numbers": [*range(20), 0.5, 1e6],
    "texts": ["z", "mid", "x", "one two", "", "40", "True", "日本 語"],
    "quotes": ["it's", "a\\b", 'it\'s "west"', "red"],
    "none": [None],
    "none and values": [None, 7, "b", True],
    "nan": [NAN, 0.0, "a"],
    "missing": [pd.NA, 18],
    "no time": [pd.NaT, pd.Timestamp("2021-03-06")],
    "times": [pd.Timestamp("2021-03-05"), date(2021, 1, 1), np.datetime64("2021-03-06T00:00")],
    "times as texts": ["2021-03-05", "2023-01-01 22:15:30"],
    "a time too fine": [pd.Timestamp("2021-01-01 00:00:00.000000001"), pd.Timestamp("2021-03-05", tz="UTC")],
    "places": [(1, 2), (NAN, NAN), (48.1, 11.6), (1, NAN), (1, 2, 3)],
    "truth": [True],
    "untruth": [0],
    "spans": [pd.Timedelta("1 day"), pd.Timedelta("5 days")],
}
OWN = (
    *("age", "points", "score", "active", "home", "seen", "left", "refund", "reason", "tier", "segment"),
    *("about", "customer_id", "region_id"),
)


def columns() -> list[ft.Feature]:
    """Return columns of every type, some of them masked by a secondary time, and made ones."""
    below = [
        aggregate(column("events", name), "customers", p.Last)
        for name in ("digit", "flag", "check", "due", "count", "whole", "from", "color")
    ]
    made = [
        ft.Feature(column("customers", "seen"), primitive=p.Month),
        ft.Feature(column("customers", "seen"), primitive=p.Season),
        ft.Feature(column("customers", "seen"), primitive=p.IsFederalHoliday),
        ft.Feature(column("customers", "seen"), primitive=p.DiffDatetime),
        ft.Feature(column("customers", "age"), primitive=p.GreaterThanScalar(7)),
        ft.Feature(column("customers", "score"), primitive=p.AddNumericScalar(0.5)),
    ]
    return [*(column("customers", name) for name in OWN), *below, *made]


@pytest.mark.filterwarnings("ignore:The behavior of 'isin':FutureWarning")
def test_every_type_in_every_list(parity: Parity) -> None:
    features = [
        ft.Feature(base, primitive=p.IsIn(listed)).rename(f"{base.get_name()} in {name}")
        for base in columns()
        for name, listed in LISTS.items()
    ]

    compare(parity, features, cutoff_time=day(9))
