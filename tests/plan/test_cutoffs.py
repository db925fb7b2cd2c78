"""Time rules as data: which rows are visible at a cutoff time."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import sparkfeat as sf
from sparkfeat.definitions import read_duration
from sparkfeat.entityset import Table
from sparkfeat.plan import TimeRule
from sparkfeat.plan.cutoffs import Bound, Visibility, visibility
from tests.entityset.shop import day, shop

WINDOW = read_duration("3 days", "training_window")
GAP = read_duration("1 day", "gap")


def table(**options: Any) -> Table:
    rows = pd.DataFrame({"id": [1], "at": [day(1)], "left": [day(2)], "reason": ["x"]})
    return sf.EntitySet("one").add_dataframe(rows, "t", index="id", **options)["t"]


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("window", [None, WINDOW], ids=["no window", "window"])
@pytest.mark.parametrize("gap", [None, GAP], ids=["no gap", "gap"])
def test_bounds(include: bool, window: Any, gap: Any) -> None:
    found = visibility(shop()["sessions"], TimeRule(include, window, gap))
    shift = () if gap is None else (gap,)

    assert found.time == "started"
    # The upper bound is closed when the cutoff itself counts, and then the lower one is open.
    assert found.upper == Bound(shift, closed=include)
    assert found.lower == (None if window is None else Bound((*shift, window), closed=not include))


@pytest.mark.parametrize("rule", [TimeRule(), TimeRule(False, WINDOW, GAP)], ids=["plain", "everything"])
def test_a_table_without_time_is_always_visible(rule: TimeRule) -> None:
    found = visibility(table(), rule)

    assert found.always
    assert (found.time, found.lower) == (None, None)


def test_a_table_with_time_is_not() -> None:
    assert not visibility(table(time_index="at"), TimeRule()).always


def test_secondary_times_mask_their_columns_and_themselves() -> None:
    found = visibility(table(time_index="at", secondary_time_index={"left": ["reason"]}), TimeRule())

    assert found.masks == (("left", "reason"), ("left", "left"))


@pytest.mark.parametrize(("window", "columns"), [(None, {"at"}), (WINDOW, {"at", "last"})])
def test_the_last_time_counts_only_in_a_window(window: Any, columns: set[str]) -> None:
    bound = Bound((), closed=True)
    found = Visibility("at", bound, None if window is None else bound, last_time="last")

    assert found.columns == columns


def test_the_columns_read_are_the_times() -> None:
    found = visibility(table(time_index="at", secondary_time_index={"left": ["reason"]}), TimeRule())

    assert found.columns == {"at", "left"}


def test_gaps_of_numeric_times_are_numbers() -> None:
    rows = pd.DataFrame({"id": [1], "step": [1.0]})
    given = sf.EntitySet("steps").add_dataframe(rows, "t", index="id", time_index="step")

    assert visibility(given["t"], TimeRule(gap=2.0)).upper == Bound((2.0,), closed=True)
