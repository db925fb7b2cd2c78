"""Small EntitySets, each for one trait: two relationships between the same tables, numeric time, no time."""

from __future__ import annotations

from functools import cache

import featuretools as ft
import numpy as np
import pandas as pd

from tests.parity.data import days


@cache
def flights() -> ft.EntitySet:
    """Return airports with flights that refer to them twice: from and to."""
    airports = pd.DataFrame({"code": ["AAA", "BBB", "CCC", "DDD"], "height": [10.0, -2.0, np.nan, 5.0]})
    flown = pd.DataFrame(
        {
            "number": range(9),
            "at": days(1, 2, 2, 3, 4, 5, 5, 6, None),
            "origin": ["AAA", "AAA", "BBB", "CCC", "BBB", None, "AAA", "XXX", "AAA"],
            "goal": ["BBB", "CCC", "AAA", "CCC", "DDD", "AAA", None, "BBB", "BBB"],
            "delay": [3.0, np.nan, 0.0, -1.5, 12.0, 7.0, 1.0, 2.0, 50.0],
            "full": [True, False, True, True, False, True, False, True, True],
        }
    )
    entityset = ft.EntitySet("flights")
    types = {"origin": "Unknown", "goal": "Unknown", "delay": "Double"}
    entityset.add_dataframe(airports, "airports", index="code")
    entityset.add_dataframe(flown, "flights", index="number", time_index="at", logical_types=types)
    entityset.add_relationship("airports", "code", "flights", "origin")
    entityset.add_relationship("airports", "code", "flights", "goal")
    return entityset


@cache
def steps() -> ft.EntitySet:
    """Return machines with readings at numbered steps: a numeric time index."""
    machines = pd.DataFrame({"machine": ["m2", "m1", "m3"], "built": [0.0, 2.5, 9.0], "power": [5, 7, 7]})
    readings = pd.DataFrame(
        {
            "reading": range(8),
            "machine": ["m1", "m2", "m1", "m1", "m2", "m3", "m2", "m1"],
            "step": [1.0, 1.0, 3.0, 3.0, 4.0, 2.0, np.nan, 7.5],
            "value": [0.5, np.nan, 2.0, -2.0, 8.0, 1.0, 3.0, 4.0],
        }
    )
    entityset = ft.EntitySet("steps")
    machine_types = {"machine": "Unknown", "built": "Double"}
    reading_types = {"machine": "Unknown", "step": "Double", "value": "Double"}
    entityset.add_dataframe(
        machines, "machines", index="machine", time_index="built", logical_types=machine_types
    )
    entityset.add_dataframe(
        readings, "readings", index="reading", time_index="step", logical_types=reading_types
    )
    entityset.add_relationship("machines", "machine", "readings", "machine")
    return entityset


@cache
def timeless() -> ft.EntitySet:
    """Return parents and children that have no time at all: every row is always visible."""
    entityset = ft.EntitySet("timeless")
    children = pd.DataFrame({"id": range(5), "parent": [1, 1, 2, 2, 1], "x": [1, None, 3, 5, 2]})
    types = {"x": "IntegerNullable", "parent": "Integer"}
    entityset.add_dataframe(pd.DataFrame({"id": [2, 1, 3]}), "parents", index="id")
    entityset.add_dataframe(children, "children", index="id", logical_types=types)
    return entityset.add_relationship("parents", "id", "children", "parent")
