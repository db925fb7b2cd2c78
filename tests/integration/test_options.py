"""All options of cutoffs, crossed with each other and with every kind of feature."""

from __future__ import annotations

import warnings
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import featuretools as ft
import pandas as pd
import pytest

from tests.parity.cases.case import needs_time, parts
from tests.parity.cases.options import EACH, MANY
from tests.parity.conftest import quietly
from tests.parity.data import day, days, traps
from tests.parity.harness import computable
from tests.parity.kinds import of_customers, of_events

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EVENTS = pd.DataFrame(
    {
        "event_id": ["e12", "e00", "e05", "e16", "e00", "e22", "nobody", "e18", "e03", "e15"],
        "time": days(9, 6, 11, 6, 3, 6, 6, 9, 11, 6),
        "note": range(10),
    }
)
TARGETS: dict[str, tuple[pd.DataFrame, pd.DataFrame, list[Any]]] = {
    "customers": (MANY, EACH, [8, 1, 77, 3, 10]),
    "events": (EVENTS, EVENTS[["event_id", "time"]].drop_duplicates("event_id"), ["e18", "e00", "e05"]),
}


def times(target: str) -> dict[str, dict[str, Any]]:
    """Return the ways to say which rows at what time."""
    many, each, some = TARGETS[target]
    return {
        "now": {},
        "one": {"cutoff_time": day(6)},
        "some": {"cutoff_time": day(6), "instance_ids": some},
        "each": {"cutoff_time": each},
        "many": {"cutoff_time": many, "cutoff_time_in_index": True},
    }


WINDOWS: dict[str, dict[str, Any]] = {
    "": {},
    "window": {"training_window": "4 days"},
    "last time": {"training_window": "30 h"},
}
BINS: dict[str, dict[str, Any]] = {"": {}, "bins": {"approximate": "2 days"}}
FEATURES = {"customers": of_customers, "events": of_events}
CROSSED = [
    f"{target}, {time}, {window}, {bins}, {'at' if included else 'before'}"
    for target, time, window, bins, included in product(
        TARGETS, times("customers"), WINDOWS, BINS, (True, False)
    )
    # Bins are of the times of rows; nothing happened in the days before today.
    if (not bins or time in ("each", "many")) and (time != "now" or not window)
]


@cache
def with_last_times() -> ft.EntitySet:
    """Return the rows with the time of each one's last child."""
    entityset = traps.__wrapped__()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        entityset.add_last_time_indexes()
    return entityset


def compare(crossed: str, engine: str, spark: SparkSession | None) -> None:
    """Compare all features that Featuretools can compute with these options."""
    target, time, window, bins, at = crossed.split(", ")
    options = {**times(target)[time], **WINDOWS[window], **BINS[bins], "include_cutoff_time": at == "at"}
    entityset = with_last_times() if window == "last time" else traps()
    features = FEATURES[target]()
    if time == "now":
        features = [one for one in features if not _measures_from_now(one)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kept, expected = computable(entityset, features, **options)
    assert len(kept) > len(features) - 3, {one.get_name() for one in features} - {
        one.get_name() for one in kept
    }
    quietly(engine, spark, entityset, kept, expected=expected, **options)


def _measures_from_now(feature: ft.Feature) -> bool:
    return needs_time(feature) or any(getattr(part, "use_previous", None) for part in parts(feature))


@pytest.mark.parametrize("crossed", CROSSED)
def test_duckdb(crossed: str) -> None:
    compare(crossed, "duckdb", None)


@pytest.mark.spark
@pytest.mark.parametrize("crossed", CROSSED[::10])
def test_spark(crossed: str, interpreted: SparkSession) -> None:
    compare(crossed, "spark", interpreted)
