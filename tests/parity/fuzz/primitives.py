"""Every primitive that has SQL, with random arguments; new ones are tried as soon as they have a row."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from functools import cache
from random import Random
from typing import Any

import featuretools as ft
import featuretools.primitives as p

from sparkfeat.primitives.families import ROWS

VALUES = (0, 1, -3, 2.5, 5)
UNITS = ("seconds", "minutes", "hours", "days", "months", "years")
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "value": VALUES,
    "threshold": VALUES,
    "lower": (-7, 0, 0.5),
    "upper": (1, 2.5, 5),
    "unit": UNITS,
    "periods": (0, 1, 1, 2, 5, -1),
    "n": (1, 2, 3),
    "window_length": (1, 2, 3, 5),
    "gap": (0, 1, 2),
    "min_periods": (0, 1, 2),
    "lunch_hour": (0, 12, 23),
    "start_hour": (0, 8),
    "end_hour": (17, 23),
}
OF_ONE: dict[tuple[str, str], tuple[Any, ...]] = {
    ("haversine", "unit"): ("miles", "kilometers"),
    ("equal_scalar", "value"): (*VALUES, "a", "B", True, None),
    ("not_equal_scalar", "value"): (*VALUES, "a", "B", True, None),
}
# Without SQL: they show that columns of both ways stand side by side, multi-output ones among them.
OTHERS = (p.NMostCommon(n=2), p.Entropy(), p.Percentile(), p.AbsoluteDiff())


def aggregations(dice: Random, only: Collection[str], most: int) -> list[Any]:
    """Choose some aggregations; `only` of these names, where any are given."""
    return _some(dice, _classes("aggregation"), only, most)


def transforms(dice: Random, only: Collection[str], most: int) -> list[Any]:
    """Choose some transforms."""
    return _some(dice, _classes("transform"), only, most)


def _some(dice: Random, classes: dict[str, type], only: Collection[str], most: int) -> list[Any]:
    names = [name for name in classes if not only or name in only]
    chosen = [
        _made(classes[name], dice) for name in dice.sample(names, min(len(names), dice.randint(0, most)))
    ]
    if not only and dice.random() < 0.25:
        kind = p.AggregationPrimitive if "sum" in classes else p.TransformPrimitive
        chosen.append(dice.choice([one for one in OTHERS if isinstance(one, kind)]))
    return chosen


@cache
def _classes(kind: str) -> dict[str, type]:
    found = (
        ft.primitives.get_aggregation_primitives()
        if kind == "aggregation"
        else ft.primitives.get_transform_primitives()
    )
    return {name: found[name] for name in sorted(ROWS) if name in found}


def _made(primitive: Any, dice: Random) -> Any:
    """Return an instance with some arguments set; the default one where they do not fit together."""
    arguments = {}
    for name, parameter in inspect.signature(primitive).parameters.items():
        known = OF_ONE.get((primitive.name, name), ARGUMENTS.get(name))
        if known is None and isinstance(parameter.default, bool):
            known = (True, False)
        if known is not None and dice.random() < 0.7:
            arguments[name] = dice.choice(known)
    try:
        return primitive(**arguments)
    except (ValueError, TypeError):
        return primitive()
