"""Numbers that lie at the edge of a statistic: at the mean but for rounding, one deviation away, all alike.

The customers and the days of events are those of `traps`: 5 has no events, 77 is unknown.
"""

from __future__ import annotations

from functools import cache

import featuretools as ft
import numpy as np
import pandas as pd

from tests.parity.data import days

# Sums of these are rounded: numpy adds eight sums side by side where there are eight numbers or more.
_ALIKE: dict[int, list[float]] = {
    1: [0.1] * 3,
    2: [9.99] * 7,
    3: [0.5, 3.25, 0.5, 3.25, 7.0],
    4: [19.49] * 20,
    6: [1.5, 2.5, 3.5],
    8: [0.1, 0.7],
    9: [36.5, 1.0, np.nan] * 9,
    10: [5.3] * 30,
}
# Whether the value in the middle is above or below the mean depends on the order of the additions.
_TIES: dict[int, list[float]] = {
    1: [0.1] * 3 + [0.3, 0.2, 0.1],
    2: [0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.2],
    3: [0.1, 3.3, 0.1, 3.3],
    4: [19.49] * 10 + [np.nan] + [19.49] * 9,
    6: [1.1, 1.2, 1.3],
    8: [0.1, 0.7, 0.4, 0.4, 0.4],
    9: [36.6, 1.1, 18.3] * 9,
    10: [5.3] * 120 + [5.4, 5.2],
}


@cache
def spread() -> ft.EntitySet:
    """Return customers with numbers that are alike; the EntitySet is shared, so leave it as it is."""
    return _customers_with(_events(_ALIKE))


# Far from zero against their spread, all alike, symmetric, infinite, or with cubes beyond a float's range.
_FAR: dict[int, list[float]] = {
    1: [1e9 + 1, 1e9 + 2, 1e9 + 4, 1e9 + 4],
    2: [0.1] * 3,
    3: [10.1, 20.2, 30.3],
    4: [1.0, np.inf, 3.0, 4.0],
    6: [1e120, 2e120, 5e120, 1e119],
    7: [123456.78, 123456.79, 123456.81, np.nan, 123456.9],
    8: [-1e-7, 2e-7, 5e-7, 4e-7],
    9: [1000.25, 1000.5, 1000.5, 999.75, 1003.0] * 40,
    10: [3.0, 5.0, 9.0, -2.0] * 9,
}


@cache
def far() -> ft.EntitySet:
    """Return customers with numbers whose sums of powers lose their digits, and others."""
    return _customers_with(_events(_FAR))


@cache
def ties() -> ft.EntitySet:
    """Return customers with numbers that are their mean but for rounding."""
    return _customers_with(_events(_TIES))


def _customers_with(events: pd.DataFrame) -> ft.EntitySet:
    customers = pd.DataFrame(
        {
            "customer_id": [4, 1, 2, 3, 5, 6, 7, 8, 9, 10],
            "joined": days(1, 1, 2, 1, 3, 20, 1, 1, 1, 1),
        }
    )
    entityset = ft.EntitySet("spread")
    entityset.add_dataframe(customers, "customers", index="customer_id", time_index="joined")
    entityset.add_dataframe(
        events,
        "events",
        index="event_id",
        time_index="at",
        logical_types={"price": "Double", "wild": "Double", "whole": "Integer", "pieces": "IntegerNullable"},
    )
    entityset.add_relationship("customers", "customer_id", "events", "customer_id")
    entityset.add_interesting_values(dataframe_name="events", values={"sold": [True]})
    return entityset


def _events(of_customers: dict[int, list[float]]) -> pd.DataFrame:
    rows = [(owner, price) for owner, prices in of_customers.items() for price in prices]
    numbers = np.arange(len(rows))
    frame = pd.DataFrame(
        {
            "event_id": [f"e{number:03}" for number in numbers],
            "customer_id": [owner for owner, _ in rows],
            "at": days(*(2.0 + number % 9 / 2 for number in numbers)),
            "price": [price for _, price in rows],
            "wild": np.array([0.0, np.nan, -0.0, np.inf, 2.5, -np.inf, -1.0, 1e300, 2.5])[
                numbers * 5 // 7 % 9
            ],
            "sold": numbers % 8 != 5,
            "whole": numbers % 4 * 3 - 2,
            "pieces": pd.array(
                [None if number % 7 == 3 else number % 3 for number in numbers], dtype="Int64"
            ),
        }
    )
    # As stored somewhere: in no order.
    return frame.iloc[np.random.default_rng(7).permutation(len(frame))].reset_index(drop=True)
