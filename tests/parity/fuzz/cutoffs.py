"""Random cutoff arguments of calculate_feature_matrix."""

from __future__ import annotations

from random import Random
from typing import Any

import pandas as pd

from tests.parity.fuzz.recipe import Recipe
from tests.parity.fuzz.tables import TEXT_KEYS, moment

WINDOWS = ("14 hours", "1 day", "1 mo", "90 minutes")


def options(dice: Random, recipe: Recipe, target: str) -> dict[str, Any]:
    """Choose cutoff times, instances and what is visible at them."""
    table = next(one for one in recipe.tables if one.name == target)
    numeric = any(one.time_index and one.types["time"] == '"Double"' for one in recipe.tables)
    ids = table.columns["id"]
    times = [float(number) if numeric else moment(number) for number in (3, 5, 7, 4.5, 1, 20)]
    kind = dice.choice(("shared", "frame", "frame", "frame", "none", "instances"))
    if kind == "none":
        return {}
    found: dict[str, Any] = {"cutoff_time": dice.choice(times)}
    # Of categories the index of Featuretools' matrix is an object or a category, by what rows there are.
    if kind == "instances" and ids and table.types["id"] != '"Categorical"':
        found["instance_ids"] = dice.sample(ids, min(len(ids), dice.randint(1, 5)))
    if kind == "frame":
        unknown = "nobody" if table.types["id"] in TEXT_KEYS else 999
        found["cutoff_time"] = _frame(dice, [*ids, unknown], times, numeric=numeric)
    found["cutoff_time_in_index"] = dice.random() < 0.5
    found["include_cutoff_time"] = dice.random() < 0.5
    if not numeric and dice.random() < 0.4:
        found["training_window"] = dice.choice(WINDOWS)
    return found


def _frame(dice: Random, ids: list[Any], times: list[Any], *, numeric: bool) -> pd.DataFrame:
    # No null time: Featuretools fails on it, or leaves the columns without types (see test_cutoffs).
    pairs = {(dice.choice(ids), dice.choice(times)): None for _ in range(dice.randint(1, 10))}
    moments = [time for _, time in pairs]
    column = pd.Series(moments, dtype="float64") if numeric else pd.Series(pd.to_datetime(moments))
    frame = pd.DataFrame({"instance_id": [instance for instance, _ in pairs], "time": column})
    if dice.random() < 0.3:
        frame["label"] = [dice.choice((True, False)) for _ in pairs]
    return frame
