"""EntitySets of other forms than the shop: times that are numbers, two ways to one table."""

from __future__ import annotations

from functools import cache

import featuretools as ft
import pandas as pd

from tests.entityset.shop import day


@cache
def steps() -> ft.EntitySet:
    """Return machines with readings at numbered steps."""
    made = ft.EntitySet("other steps")
    machines = pd.DataFrame({"machine": [1, 2], "built": [0.0, 2.5]})
    readings = pd.DataFrame(
        {
            "reading": range(5),
            "machine": [1, 2, 1, 1, 2],
            "step": [1.0, 1.0, 3.0, 4.0, 2.0],
            "value": [0.5, 8.0, 2.0, -2.0, 1.0],
        }
    )
    made.add_dataframe(machines, "machines", index="machine", time_index="built")
    made.add_dataframe(readings, "readings", index="reading", time_index="step")
    made.add_relationship("machines", "machine", "readings", "machine")
    return made


@cache
def flights() -> ft.EntitySet:
    """Return airports with flights that point at them twice: from and to."""
    made = ft.EntitySet("other flights")
    airports = pd.DataFrame({"code": [1, 2, 3], "height": [10.0, -2.0, 5.0]})
    flown = pd.DataFrame(
        {
            "number": range(4),
            "at": [day(1), day(2), day(3), day(4)],
            "origin": [1, 1, 2, 3],
            "goal": [2, 3, 1, 1],
            "delay": [3.0, 0.0, -1.5, 12.0],
        }
    )
    made.add_dataframe(airports, "airports", index="code")
    made.add_dataframe(flown, "flights", index="number", time_index="at")
    made.add_relationship("airports", "code", "flights", "origin")
    made.add_relationship("airports", "code", "flights", "goal")
    return made
