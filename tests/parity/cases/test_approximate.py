"""Aggregations taken over from parents, computed at the start of the cutoff's bin."""

from __future__ import annotations

from functools import cache
from typing import Any

import featuretools as ft
import featuretools.primitives as p
import pandas as pd
import pytest

from sparkfeat.errors import CutoffError
from tests.parity.cases.case import search
from tests.parity.cases.made import aggregate, column
from tests.parity.conftest import Parity
from tests.parity.data import day, days, traps
from tests.parity.harness import computable, known_difference, matrix_of

pytestmark = [pytest.mark.heavy, pytest.mark.interpreted]

# Several times in a bin and bins apart, of one customer and of several, before and after events are seen.
TIMES = pd.DataFrame(
    {
        "event_id": ["e00", "e05", "e07", "e12", "e16", "e18", "e20", "e21", "e02", "e09"] * 2,
        "time": days(
            *(6, 11.25, 6.375, 9.75, 5.25, 6.875, 21, 30, 5.5, 5),
            *(12.125, 13, 9, 10.75, 9.25, 14, 22, 31, 13.5, 10),
        ),
    }
)
WINDOWS: dict[str, dict[str, Any]] = {
    "days": {"approximate": "2 days"},
    "weeks": {"approximate": "1 w", "include_cutoff_time": False},
    "hours": {"approximate": "36 h", "training_window": "5 days"},
}


MIXED = ("products.CUM_SUM(", "customers.CUM_SUM(", "customers.regions.CUM_SUM(")


@cache
def features() -> list[ft.Feature]:
    """Return features of events: of their own, of their items, and of their customers and products."""
    found = search(
        "events",
        agg_primitives=[p.Sum, p.Count, p.Last, p.Mode, p.MaxConsecutiveTrue],
        trans_primitives=[p.AddNumericScalar(1), p.IsNull, p.CumSum],
        max_depth=3,
    )
    # Featuretools computes a running sum of what it approximates from the values of the rows asked for alone.
    return [feature for feature in found if not feature.get_name().startswith(MIXED)][::12]


@pytest.mark.parametrize("case", WINDOWS)
def test_approximate(case: str, parity: Parity) -> None:
    options = {"cutoff_time": TIMES, **WINDOWS[case]}
    chosen, expected = computable(traps(), features(), **options)

    assert not matrix_of(traps(), chosen, "duckdb", **options).fallbacks
    parity(traps(), chosen, expected=expected, **options)


def total_of_customers() -> ft.Feature:
    total = aggregate(column("events", "whole"), "customers", p.Sum)
    return ft.Feature(total, "events")


def test_times_are_the_cutoffs_where_all_aggregations_are_approximated(parity: Parity) -> None:
    """Featuretools then computes the other features as of now."""
    told = known_difference(
        "what is not approximated belongs to its cutoff time",
        features=["whole", "customers.SUM*"],
        engines=["duckdb", "spark"],
    )
    early = pd.DataFrame({"event_id": ["e05", "e00"], "time": [day(10), day(10)]})

    parity(
        traps(),
        [total_of_customers(), column("events", "whole")],
        cutoff_time=early,
        approximate="1 day",
        known_differences=[told],
    )


@pytest.mark.parametrize("given", ["1 mo", "0 days", "soon"])
def test_bins_without_a_fixed_length_are_refused(given: str) -> None:
    with pytest.raises(CutoffError):
        matrix_of(traps(), [total_of_customers()], "duckdb", cutoff_time=TIMES, approximate=given)


def test_one_time_for_all_is_left_to_featuretools(parity: Parity) -> None:
    matrix = matrix_of(traps(), [total_of_customers()], "duckdb", cutoff_time=day(9), approximate="1 day")

    assert [reason for _, reason in matrix.fallbacks] == ["approximate with one time for all rows"]
