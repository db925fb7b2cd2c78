"""Long runs of events whose order matters: plateaus, runs broken by nulls, signs that change, ties in time.

Customers are those of `traps`. Events are numbered from 0 in the order of time: pandas' expanding count looks
rows up by their index.
"""

from __future__ import annotations

from functools import cache

import featuretools as ft
import numpy as np
import pandas as pd

from tests.parity.data import day

EVENTS = 120


@cache
def sequences() -> ft.EntitySet:
    """Return customers <- events; it is shared, so leave it as it is."""
    entityset = ft.EntitySet("sequences")
    customers = pd.DataFrame({"customer_id": range(1, 11), "joined": [day(1)] * 9 + [day(4)]})
    entityset.add_dataframe(customers, "customers", index="customer_id", time_index="joined")
    entityset.add_dataframe(
        _events(),
        "events",
        index="event_id",
        time_index="at",
        logical_types={
            "step": "Double",
            "level": "Integer",
            "grade": "IntegerNullable",
            "on": "Boolean",
            "due": "Datetime",
            "label": "Categorical",
        },
    )
    entityset.add_relationship("customers", "customer_id", "events", "customer_id")
    entityset.add_interesting_values(dataframe_name="events", values={"label": ["a", "b"]})
    return entityset


def _events() -> pd.DataFrame:
    random = np.random.default_rng(11)
    numbers = np.arange(EVENTS)
    # Customer 5 has no events, 3 has nulls only, 2 a single one, 4 constant values.
    customers = random.choice([1, 3, 4, 6, 8, 9, 10], EVENTS)
    customers[7] = 2
    step = random.choice([-2.5, -1.0, -0.0, 0.0, 0.0, 1.0, 1.0, 3.5, np.nan], EVENTS)
    step[random.choice(EVENTS, 3)] = [np.inf, -np.inf, np.inf]
    step[customers == 3], step[customers == 4] = np.nan, 0.5
    grade = pd.array(random.choice([-1, 0, 1, 1, 2], EVENTS), "Int64")
    grade[random.random(EVENTS) < 0.2] = pd.NA
    due = pd.Series([day(float(value)) for value in random.integers(1, 40, EVENTS)])
    due[random.random(EVENTS) < 0.2] = pd.NaT
    return pd.DataFrame(
        {
            "event_id": numbers,
            # Three at each time, some of them of one customer.
            "at": [day(1 + (number // 3) * 0.5) for number in numbers],
            "customer_id": customers,
            "step": step,
            "level": random.choice([-3, 0, 0, 1, 2, 2], EVENTS),
            "grade": grade,
            "on": random.random(EVENTS) < 0.6,
            "due": due,
            "label": random.choice(["a", "b", "c"], EVENTS),
        }
    )
