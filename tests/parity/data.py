"""EntitySets whose rows hit the traps: nulls of every kind, ties, empty groups, hidden and missing parents.

`traps`: regions <- customers <- events <- items, products <- events. The customers:

1  many events with ties in time and value      6  joins after its events, so is hidden from them
2  a single event                                7  events without a time, never visible
3  events of nulls only                          8  zeros and negative numbers
4  events that are all alike                     9  no region, nulls everywhere
5  no events                                    10  infinities; its region is not in the table
"""

from __future__ import annotations

from functools import cache
from typing import Any

import featuretools as ft
import numpy as np
import pandas as pd
from woodwork.logical_types import Ordinal

BEYOND_DOUBLE = 2**53 + 1
"""An integer that no float can hold."""

NULL: Any = None


def day(number: float | None) -> pd.Timestamp:
    """Return midnight of a day of March 2021, or later that day for a fraction; null for None."""
    return pd.NaT if number is None else pd.Timestamp("2021-03-01") + pd.Timedelta(days=number - 1)


def days(*numbers: float | None) -> list[pd.Timestamp]:
    """Return several days of March 2021."""
    return [day(number) for number in numbers]


@cache
def traps() -> ft.EntitySet:
    """Return the EntitySet described above; it is shared, so leave it as it is."""
    entityset = ft.EntitySet("traps")
    entityset.add_dataframe(_regions(), "regions", index="region_id", logical_types={"name": "Categorical"})
    entityset.add_dataframe(
        _products(),
        "products",
        index="product_id",
        time_index="launched",
        logical_types={
            "price": "Double",
            "stock": "IntegerNullable",
            "label": "Categorical",
            "fair": "Boolean",
        },
    )
    entityset.add_dataframe(
        _customers(),
        "customers",
        index="customer_id",
        time_index="joined",
        logical_types=CUSTOMER_TYPES,
        secondary_time_index={"left": ["refund", "reason"]},
    )
    entityset.add_dataframe(_events(), "events", index="event_id", time_index="at", logical_types=EVENT_TYPES)
    entityset.add_dataframe(_items(), "items", index="item_id", logical_types={"kind": "Categorical"})
    entityset.add_relationship("regions", "region_id", "customers", "region_id")
    entityset.add_relationship("customers", "customer_id", "events", "customer_id")
    entityset.add_relationship("products", "product_id", "events", "product_id")
    entityset.add_relationship("events", "event_id", "items", "event_id")
    entityset.add_interesting_values(
        dataframe_name="events", values={"color": ["red", "blue"], "flag": [True]}
    )
    return entityset


def _regions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "region_id": ["north", "Süd", 'it\'s "west"', "empty"],
            "name": ["N", "S", "N", None],
            "area": [10.0, -0.0, np.nan, 3.5],
            "cities": [4, 0, -7, 4],
        }
    )


def _products() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "product_id": ["p1", "p2", "p3", "p4"],
            "launched": days(1, 1, 9, None),
            "price": [9.5, np.nan, 0.0, 1.0],
            "stock": [3, None, 0, 5],
            "label": ["b", "a", "b", None],
            "fair": [True, False, True, True],
        }
    )


# Ends and beginnings of months, quarters, years and days; weeks that belong to another year.
SEEN = [
    "2020-02-29 23:59:59.900000",
    "2021-01-01",
    "2021-12-31 12:00:01",
    None,
    "2000-06-30 18:59:59",
    "1900-02-28 04:30:00",
    "2021-10-01 08:00:00.000001",
    "2023-01-01 22:15:30",
    None,
    "2024-12-30 17:00:00",
]

CUSTOMER_TYPES: dict[str, Any] = {
    "region_id": "Unknown",
    "tier": Ordinal(order=["low", "mid", "high"]),
    "wish": Ordinal(order=["low", "mid", "high"]),
    "age": "IntegerNullable",
    "points": "Integer",
    "score": "Double",
    "active": "BooleanNullable",
    "home": "LatLong",
    "work": "LatLong",
    "about": "NaturalLanguage",
    "seen": "Datetime",
    "left": "Datetime",
    "refund": "Double",
    "reason": "Categorical",
}


def _customers() -> pd.DataFrame:
    # The rows are not in the order of time, nor times in the order of the index.
    segment = pd.Categorical(
        ["z", "b", "a", "b", None, "z", "b", "a", None, "z"], categories=["z", "b", "unused", "a"]
    )
    return pd.DataFrame(
        {
            "customer_id": [4, 1, 2, 3, 5, 6, 7, 8, 9, 10],
            "joined": days(1, 1, 2, 1, 3, 20, 1, 1, 1, 1),
            "region_id": [
                "north",
                "north",
                "Süd",
                'it\'s "west"',
                "Süd",
                "north",
                "Süd",
                "north",
                None,
                "atlantis",
            ],
            "segment": segment,
            "tier": ["low", "high", None, "mid", "high", "low", "mid", "high", None, "low"],
            "wish": ["mid", "high", "low", None, "low", "low", "mid", "mid", None, "high"],
            "age": [30, 40, None, 0, -5, 18, 99, 7, None, 40],
            "points": [5, -3, 0, 7, 7, 2, 1, 0, 0, BEYOND_DOUBLE],
            "score": [0.5, -1.25, np.nan, 0.0, 7.0, 7.0, 1e6, -0.0, np.nan, np.inf],
            "active": [True, False, None, True, True, None, False, True, None, False],
            "home": [
                (52.5, 13.4),
                (48.1, 11.6),
                (0.0, 0.0),
                None,
                (-33.9, 151.2),
                (52.5, 13.4),
                (90.0, 0.0),
                (1, 2),
                None,
                (51.5, 0),
            ],
            "work": [
                (52.5, 13.4),
                (-48.1, -168.4),
                (0.0, 180.0),
                (1.0, 1.0),
                None,
                (52.6, 13.4),
                (-90.0, 0.0),
                (1, 2),
                None,
                (51.5, 0),
            ],
            "about": [
                "one two",
                "",
                None,
                "  spaced   out ",
                "Grüße, Welt!",
                "a\tb\nc",
                "...",
                "日本 語",
                None,
                "x-y z's 😀",
            ],
            "seen": pd.to_datetime(SEEN, format="ISO8601"),
            "left": days(10, 4, None, 6, 8, 25, None, 5, None, 12),
            "refund": [1.0, 2.0, 3.0, np.nan, 5.0, 6.0, 7.0, 8.0, np.nan, 10.0],
            "reason": ["x", "y", "x", None, "y", "x", "y", "x", None, "y"],
        }
    )


EVENT_TYPES: dict[str, Any] = {
    "product_id": "Unknown",
    "amount": "Double",
    "other": "Double",
    "whole": "Integer",
    "count": "IntegerNullable",
    "flag": "Boolean",
    "check": "BooleanNullable",
    "size": Ordinal(order=["L", "M", "S"]),
    "digit": "Categorical",
    "note": "NaturalLanguage",
    "due": "Datetime",
    "from": "LatLong",
    "to": "LatLong",
}

# customer, day, product, amount, other, whole, count, flag, check, color, size, digit, due
_EVENT_ROWS: list[tuple[Any, ...]] = [
    (1, 2.0, "p1", 1.5, 2.0, 3, 4, True, True, "red", "S", 3, 5.0),
    (1, 2.0, "p2", 1.5, 0.0, -3, 0, False, False, "blue", "M", 1, None),
    (1, 3.5, "p3", -2.25, 0.5, 3, None, True, None, "red", "M", 3, 3.0),
    (1, 5.0, "p1", np.nan, 4.0, 0, 4, False, True, "green", None, 1, 31.0),
    (1, 5.0, None, 8.0, -2.0, 7, -4, True, True, "blue", "S", None, 28.5),
    (1, 11.0, "p9", 0.1, 0.3, 1, 1, False, None, None, "L", 2, 12.0),
    (2, 4.0, "p1", 42.0, 7.0, 42, 42, True, True, "red", "L", 2, 4.0),
    (3, 3.0, "p3", np.nan, np.nan, 0, None, False, None, None, None, None, None),
    (3, 6.0, None, np.nan, np.nan, 0, None, False, None, None, None, None, None),
    (4, 2.0, "p2", 5.0, 5.0, 5, 5, True, True, "green", "M", 5, 2.0),
    (4, 4.0, "p2", 5.0, 5.0, 5, 5, True, True, "green", "M", 5, 2.0),
    (4, 6.0, "p2", 5.0, 5.0, 5, 5, True, True, "green", "M", 5, 2.0),
    (4, 9.0, "p2", 5.0, 5.0, 5, 5, True, True, "green", "M", 5, 2.0),
    (6, 4.0, "p1", 3.0, 1.0, 9, 2, False, False, "blue", "L", 9, 6.0),
    (6, 7.0, "p3", 4.0, 1.0, 9, 3, True, True, "red", "S", 9, 6.0),
    (7, None, "p1", 6.0, 6.0, 6, 6, True, True, "red", "S", 6, 6.0),
    (8, 3.0, "p4", 0.0, -0.0, 0, 0, False, False, "blue", "S", 0, 1.0),
    (8, 3.0, "p4", -7.5, 2.0, -7, -7, False, False, "blue", "L", 7, 1.0),
    (8, 6.5, "p1", 7.5, -2.0, 7, 2, True, None, "red", "M", 7, 9.0),
    (8, 8.0, "p1", -0.0, 3.0, -1, -2, False, True, None, "M", 0, None),
    (10, 5.0, "p1", np.inf, 1.0, 2, 1, True, False, "red", "M", 1, 5.0),
    (10, 6.0, "p2", -np.inf, 0.0, 3, 2, True, True, "blue", "M", 1, 7.0),
    (99, 4.0, "p1", 100.0, 1.0, 1, 1, True, True, "red", "S", 1, 1.0),
]
_NOTES = ["good", None, "", "very good indeed", "Ünï cödé", "  ", "a,b;c", "l1\nl2"]


def _events() -> pd.DataFrame:
    names = ["customer_id", "at", "product_id", "amount", "other", "whole", "count", "flag", "check"]
    frame = pd.DataFrame(_EVENT_ROWS, columns=[*names, "color", "size", "digit", "due"])
    frame.insert(0, "event_id", [f"e{number:02}" for number in range(len(frame))])
    frame["at"], frame["due"] = days(*_numbers(frame["at"])), days(*_numbers(frame["due"]))
    frame["color"] = pd.Categorical(frame["color"], categories=["red", "green", "never", "blue"])
    frame["digit"] = pd.Categorical([None if pd.isna(value) else int(value) for value in frame["digit"]])
    frame["note"] = [_NOTES[number % len(_NOTES)] for number in range(len(frame))]
    frame["from"] = [None if number % 5 == 0 else (number * 3.0, -number) for number in range(len(frame))]
    frame["to"] = [None if number % 4 == 0 else (-number * 2.5, number * 7.0) for number in range(len(frame))]
    # As stored somewhere: in no order.
    return frame.iloc[np.random.default_rng(3).permutation(len(frame))].reset_index(drop=True)


def _numbers(values: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) for value in values]


def _items() -> pd.DataFrame:
    """Items have no time: they are visible when their event is."""
    events = [f"e{number:02}" for number in range(len(_EVENT_ROWS)) if number % 3]
    owners = [*events, *events[:6], events[0], None, "nowhere"]
    numbers = np.arange(len(owners))
    return pd.DataFrame(
        {
            "item_id": numbers[::-1] * 7 - 20,
            "event_id": owners,
            "weight": np.where(numbers % 6 == 5, np.nan, numbers * 1.25 - 9),
            "kind": np.where(numbers % 4 == 3, None, np.array(["k2", "k10", "k1"])[numbers % 3]),
        }
    )
