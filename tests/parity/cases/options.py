"""The kinds of cutoff times that every case goes through."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.parity.data import days

EACH = pd.DataFrame(
    {"instance_id": [8, 1, 2, 3, 4, 5, 6, 7, 9, 10], "time": days(7, 5, 9, 9, 9, 9, 9, 9, 9, 6)}
)
# In no order, several times for one instance, exactly at events' times and beside them, an unknown instance.
MANY = pd.DataFrame(
    {
        "customer_id": [4, 1, 8, 1, 2, 77, 6, 10, 1, 3, 5, 7, 9, 8, 1],
        "time": days(6, 5, 3, 2, 4, 9, 21, 5, 4.99, 6, 9, 9, 9, 31, 31),
        "label": [True, False] * 7 + [True],
        "note": [f"n{number}" for number in range(15)],
    }
)
WITHOUT_TIME = pd.DataFrame({"instance_id": [1, 2, 8], "time": days(5, None, 7)})

KINDS: dict[str, dict[str, Any]] = {
    "none": {},
    "shared": {"cutoff_time": days(7)[0]},
    "instances": {"cutoff_time": days(7)[0], "instance_ids": [8, 1, 77, 3, 10]},
    "each": {"cutoff_time": EACH},
    "many": {"cutoff_time": MANY, "cutoff_time_in_index": True},
    "before": {"cutoff_time": MANY, "include_cutoff_time": False},
    "window": {"cutoff_time": MANY, "training_window": "4 days"},
    "window before": {"cutoff_time": EACH, "training_window": "4 days", "include_cutoff_time": False},
}
FEW = ("many", "window before")
"""The kinds that hold what the others hold, for engines that take seconds to start a computation."""


def kinds_for(engine: str) -> tuple[str, ...]:
    """Return the kinds of cutoff that an engine is tested with."""
    return tuple(KINDS) if engine == "duckdb" else FEW
