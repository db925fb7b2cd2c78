"""Events whose values are never equally frequent: Featuretools leaves open which of those comes first.

Customers are those of `traps`.
"""

from __future__ import annotations

from functools import cache

import featuretools as ft
import pandas as pd

from tests.parity.data import day

# For each customer how often each value occurs, in no order; 3 has nulls only, 5 no events.
_TIMES: dict[int, dict[str | None, int]] = {
    1: {"b": 2, "a": 5, "c": 3, None: 4, "d": 1},
    2: {"c": 1},
    3: {None: 2},
    4: {"a": 1, "z": 3},
    6: {"d": 4, "b": 1, "a": 2},
    8: {"z": 2, None: 9, "b": 6, "a": 4, "c": 3},
}
_NUMBERS = {"a": 10, "b": 2, "c": 7, "d": -1, "z": 0}


@cache
def counts() -> ft.EntitySet:
    """Return customers <- events; it is shared, so leave it as it is."""
    entityset = ft.EntitySet("counts")
    customers = pd.DataFrame({"customer_id": range(1, 11), "joined": [day(1)] * 10})
    entityset.add_dataframe(customers, "customers", index="customer_id", time_index="joined")
    entityset.add_dataframe(
        _events(),
        "events",
        index="event_id",
        time_index="at",
        logical_types={"color": "Categorical", "digit": "Categorical", "code": "PostalCode"},
    )
    entityset.add_relationship("customers", "customer_id", "events", "customer_id")
    entityset.add_interesting_values(dataframe_name="events", values={"side": ["left"]})
    return entityset


def _events() -> pd.DataFrame:
    rows = [
        (customer, value)
        for customer, times in _TIMES.items()
        for value, count in times.items()
        for _ in range(count)
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "color"])
    frame.insert(0, "event_id", range(len(frame)))
    # All at one time: at any cutoff a customer has all of them, or none.
    frame["at"] = day(2)
    frame["digit"] = frame["color"].map(_NUMBERS).astype("Int64")
    frame["code"] = frame["color"].map({"a": "10115", "b": "02115", "c": "00001", "z": "99"})
    frame["side"] = pd.Categorical(["left"] * len(frame), categories=["left", "right"])
    return frame
