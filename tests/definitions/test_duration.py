"""Spans of time, read as Featuretools reads them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from featuretools import Timedelta

from sparkfeat.definitions import read_duration
from sparkfeat.errors import CutoffError
from tests.ids import plain

SECOND = 1_000_000
DAY = 86_400 * SECOND


@pytest.mark.parametrize(
    ("given", "months", "microseconds"),
    [
        ("5 ms", 0, 5_000),
        ("5 s", 0, 5 * SECOND),
        ("5 seconds", 0, 5 * SECOND),
        ("5 m", 0, 300 * SECOND),
        ("1 minute", 0, 60 * SECOND),
        ("5 h", 0, 18_000 * SECOND),
        ("5 d", 0, 5 * DAY),
        ("1 Day", 0, DAY),
        ("2 w", 0, 14 * DAY),
        ("2 weeks", 0, 14 * DAY),
        ("1 mo", 1, 0),
        ("3 months", 3, 0),
        ("2 Y", 24, 0),
        ("1 year", 12, 0),
        ("0 days", 0, 0),
        (pd.Timedelta("1 day 2 hours"), 0, DAY + 7_200 * SECOND),
        (pd.Timedelta(microseconds=1), 0, 1),
        (pd.DateOffset(months=2, days=3), 2, 3 * DAY),
        (pd.DateOffset(years=1, hours=1), 12, 3_600 * SECOND),
        (Timedelta({"Y": 1, "mo": 2, "d": 3}), 14, 3 * DAY),
        (Timedelta(2, "d"), 0, 2 * DAY),
    ],
    ids=plain,
)
def test_a_span_is(given: Any, months: int, microseconds: int) -> None:
    found = read_duration(given, "gap")

    assert (found.months, found.microseconds) == (months, microseconds)


def test_a_span_shows_itself_as_it_was_given() -> None:
    assert str(read_duration("30 days", "training_window")) == "30 days"


@pytest.mark.parametrize(
    "given",
    [
        "",
        "days",
        "5",
        "1.5 days",
        "1 y",
        "2 M",
        "10 min",
        "5 fortnights",
        "3 o",
        "3 observations",
        "-3 days",
        Timedelta(3, "observations"),
        5,
        5.5,
        True,
        None,
        [],
        {},
    ],
    ids=plain,
)
def test_a_span_cannot_be(given: Any) -> None:
    with pytest.raises(CutoffError, match=r"Cannot read gap=.* as a span of time.*'30 days'"):
        read_duration(given, "gap")
