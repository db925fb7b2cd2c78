"""Cutoff times in every form, what is visible at them, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import featuretools as ft
import featuretools.primitives as p
import numpy as np
import pandas as pd
import pytest

from tests.parity.cases.case import search
from tests.parity.cases.made import aggregate, column, compare
from tests.parity.cases.options import EACH, MANY, OPEN_WINDOW, WITHOUT_TIME
from tests.parity.conftest import Parity
from tests.parity.data import day, days, traps


def test_rows_that_are_not_visible_or_not_there(parity: Parity, engine: str) -> None:
    """Identity is null, aggregations take their default, integers become nullable."""
    features = [
        column("customers", "age"),
        column("customers", "active"),
        column("customers", "tier"),
        column("customers", "about"),
        ft.Feature(column("customers", "score"), primitive=p.IsNull),
        *(aggregate(traps()["events"].ww["event_id"], "customers", p.Count),),
        *(aggregate(column("events", "amount"), "customers", each) for each in (p.Sum, p.Mean)),
        *(aggregate(column("events", "color"), "customers", each) for each in (p.NumUnique, p.Mode)),
        aggregate(column("events", "flag"), "customers", p.PercentTrue),
    ]

    compare(parity, features, cutoff_time=day(9), instance_ids=[6, 77, 1, 5])


def test_secondary_time_index(parity: Parity) -> None:
    """Masked while the secondary time is at or after the cutoff, whether the cutoff is included or not."""
    names = ("refund", "reason", "left")
    features = [
        *(column("customers", name) for name in names),
        *(ft.Feature(column("customers", name), primitive=p.IsNull) for name in names),
        ft.Feature(column("customers", "left"), primitive=p.Month),
        ft.Feature(
            ft.Feature(aggregate(column("customers", "refund"), "regions", p.Sum), "customers"),
            primitive=p.Negate,
        ),
        ft.Feature(aggregate(column("customers", "reason"), "regions", p.Mode), "customers"),
    ]
    for include in (True, False):
        compare(parity, features, cutoff_time=MANY, include_cutoff_time=include)


def test_window_with_open_end(parity: Parity) -> None:
    found = search("customers", agg_primitives=["count", "sum", "last"], trans_primitives=[], max_depth=2)

    compare(parity, found, **OPEN_WINDOW)


@pytest.mark.parametrize("window", ["1 mo", "36 h", pd.Timedelta(days=2), pd.DateOffset(months=1)], ids=str)
def test_kinds_of_window(window: Any, parity: Parity, engine: str) -> None:
    if engine == "spark" and window != "1 mo":
        pytest.skip("lengths are read before any engine sees them")
    found = search("customers", agg_primitives=["count", "sum"], trans_primitives=[], max_depth=1)

    compare(parity, found, cutoff_time=EACH, training_window=window)


def test_rows_without_a_cutoff_time_are_null(parity: Parity) -> None:
    features = [
        aggregate(traps()["events"].ww["event_id"], "customers", p.Count),
        aggregate(column("events", "amount"), "customers", p.Sum),
        column("customers", "score"),
        column("customers", "about"),
        column("customers", "tier"),
        column("customers", "active"),
    ]

    compare(parity, features, cutoff_time=WITHOUT_TIME)
    compare(parity, features, cutoff_time=WITHOUT_TIME, cutoff_time_in_index=True)


def test_cutoff_frame_with_other_column_orders_and_names(parity: Parity) -> None:
    features = [column("customers", "score"), aggregate(column("events", "amount"), "customers", p.Sum)]
    passed = pd.DataFrame(
        {
            "weight": [0.5, None, 2.0],
            "joined": days(5, 9, 4),
            "customer_id": [8, 2, 1],
            "class": pd.Categorical(["b", None, "a"]),
            "when": days(1, None, 3),
            "ok": [True, False, True],
            "n": [1, 2, 3],
        }
    )

    compare(parity, features, cutoff_time=passed)
    compare(parity, features, cutoff_time=passed, cutoff_time_in_index=True)


def test_text_and_date_cutoffs(parity: Parity, engine: str) -> None:
    features = [aggregate(column("events", "amount"), "customers", p.Sum)]
    times: list[Any] = ["2021-03-05", dt.datetime(2021, 3, 5), np.datetime64("2021-03-05")]
    for time in times if engine == "duckdb" else times[:1]:
        compare(parity, features, cutoff_time=time)
    texts = pd.DataFrame({"instance_id": [1, 8], "time": ["2021-03-05", "2021-03-09"]})
    compare(parity, features, cutoff_time=texts)


def test_time_zone_of_the_machine(parity: Parity, other_time_zone: str) -> None:
    """Times are what the clock on the wall showed: no zone, and no hour lost to daylight saving."""
    events = column("events", "at")
    features = [
        *(
            ft.Feature(aggregate(events, "customers", p.Last), primitive=each)
            for each in (p.Day, p.Weekday, p.Month)
        ),
        aggregate(events, "customers", p.TimeSinceLast),
        aggregate([column("events", "whole"), events], "customers", p.Trend),
        aggregate(events, "customers", p.AvgTimeBetween),
        column("customers", "left"),
    ]

    compare(parity, features, cutoff_time=MANY)


REFUSED: dict[str, dict[str, Any]] = {
    "same pair twice": {"cutoff_time": pd.DataFrame({"instance_id": [1, 1], "time": days(5, 5)})},
    "no instance column": {"cutoff_time": pd.DataFrame({"customer": [1], "time": days(5)})},
    "no time column": {"cutoff_time": pd.DataFrame({"instance_id": [1], "when": days(5)})},
    "two instance columns": {
        "cutoff_time": pd.DataFrame({"instance_id": [1], "customer_id": [1], "time": days(5)})
    },
    "empty frame": {"cutoff_time": pd.DataFrame({"instance_id": [1], "time": days(5)}).head(0)},
    "a number for a time": {"cutoff_time": 5.0},
    "a list": {"cutoff_time": days(5)},
    "not a time": {"cutoff_time": "yesterday at noon or so"},
    "with a zone": {"cutoff_time": pd.Timestamp("2021-03-05", tz="UTC")},
    "ids of another type": {"cutoff_time": pd.DataFrame({"instance_id": ["x"], "time": days(5)})},
    "same id twice": {"cutoff_time": day(5), "instance_ids": [1, 1]},
    "window in rows": {"cutoff_time": day(5), "training_window": "3 observations"},
    "window without a unit": {"cutoff_time": day(5), "training_window": "soon"},
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(kind: str, parity: Parity, engine: str) -> None:
    if engine == "spark":
        pytest.skip("arguments are checked before any engine sees them")

    parity(traps(), [aggregate(column("events", "amount"), "customers", p.Sum)], **REFUSED[kind])
