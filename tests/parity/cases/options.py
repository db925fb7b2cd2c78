"""The kinds of cutoff times that every case goes through."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.parity.data import day, days

# In no order, several times for one instance, exactly at events' times and beside them, an unknown instance;
# few distinct times, because Featuretools takes long for each.
MANY = pd.DataFrame(
    {
        "customer_id": [4, 1, 8, 1, 2, 77, 6, 10, 1, 3, 5, 7, 9, 8, 1],
        "time": days(6, 5, 3, 31, 6, 5, 21, 6, 3, 6, 5, 21, 5, 6.5, 6.5),
        "label": [True, False] * 7 + [True],
        "note": [f"n{number}" for number in range(15)],
    }
)
EACH = pd.DataFrame({"instance_id": [8, 1, 2, 4, 9, 10], "time": days(6.5, 5, 5, 6, 6, 6)})
WITHOUT_TIME = pd.DataFrame({"instance_id": [1, 2, 8], "time": days(5, None, 7)})

KINDS: dict[str, dict[str, Any]] = {
    "none": {},
    "instances": {"cutoff_time": day(6), "instance_ids": [8, 1, 77, 3, 10], "include_cutoff_time": False},
    "many": {"cutoff_time": MANY, "cutoff_time_in_index": True},
    "window": {"cutoff_time": EACH, "training_window": "4 days"},
}
OPEN_WINDOW = {"cutoff_time": EACH, "training_window": "4 days", "include_cutoff_time": False}


def kinds_for(number: int) -> tuple[str, ...]:
    """Return the kinds of cutoff for a case by its number: the fullest, and the others in turns."""
    others = tuple(kind for kind in KINDS if kind != "many")
    return ("many", others[number % len(others)])
