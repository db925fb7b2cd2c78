"""Every case of every family: all primitives of Featuretools."""

from __future__ import annotations

from functools import cache

import featuretools as ft

from tests.parity.cases import (
    aggregation,
    booleans,
    calendar,
    comparison,
    contacts,
    counts,
    holidays,
    numeric,
    order,
    own_decay,
    own_encoding,
    own_interactions,
    own_spread,
    own_times,
    own_values,
    places,
    rolling,
    sequences,
    smoothing,
    spread,
    texts,
    times,
)
from tests.parity.cases.case import Case, for_customers, for_events

FAMILIES: dict[str, dict[str, Case]] = {
    "aggregation": aggregation.CASES,
    "booleans": booleans.CASES,
    "calendar": calendar.CASES,
    "comparison": comparison.CASES,
    "contacts": contacts.CASES,
    "counts": counts.CASES,
    "holidays": holidays.CASES,
    "numeric": numeric.CASES,
    "order": order.CASES,
    "own_decay": own_decay.CASES,
    "own_encoding": own_encoding.CASES,
    "own_interactions": own_interactions.CASES,
    "own_spread": own_spread.CASES,
    "own_times": own_times.CASES,
    "own_values": own_values.CASES,
    "places": places.CASES,
    "rolling": rolling.CASES,
    "sequences": sequences.CASES,
    "smoothing": smoothing.CASES,
    "spread": spread.CASES,
    "texts": texts.CASES,
    "times": times.CASES,
}
CASES: dict[str, Case] = {name: case for cases in FAMILIES.values() for name, case in cases.items()}
TRANSFORMS = tuple(name for name, case in CASES.items() if case.kind != "aggregation")


@cache
def features_of(case: str) -> list[ft.Feature]:
    """Return the features of a case for customers."""
    return for_customers(CASES[case])


@cache
def features_of_events(case: str) -> list[ft.Feature]:
    """Return the features of a case for events."""
    return for_events(CASES[case])
