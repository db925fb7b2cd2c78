"""Spans of time, read as Featuretools reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from featuretools.entityset.timedelta import Timedelta
from featuretools.utils.wrangle import _check_timedelta

from sparkfeat.errors import CutoffError

_MONTHS = {"mo": 1, "Y": 12}
_NANOSECONDS_A_MICROSECOND = 1_000


@dataclass(frozen=True)
class Duration:
    """A calendar part in months and an exact part in microseconds; `text` is how it was given."""

    months: int
    microseconds: int
    text: str

    def __str__(self) -> str:
        return self.text


def read_duration(given: Any, argument: str) -> Duration:
    """Read a window or gap as Featuretools does: "30 days", "1 mo", Timedelta, DateOffset.

    Raises:
        CutoffError: not a span of time; counts of observations included.
    """
    try:
        delta: Timedelta = _check_timedelta(given)
        if not delta.has_no_observations():
            raise ValueError("it counts observations")
        span = from_timedelta(delta, str(given))
        if span.months < 0 or span.microseconds < 0:
            raise ValueError("it is negative")
        return span
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        # Featuretools does not say that its pattern fits nothing; Python does.
        why = "It is no number and unit" if isinstance(error, AttributeError) else str(error)
        raise CutoffError(
            f"Cannot read {argument}={given!r} as a span of time",
            why=why,
            hint="Write a whole number and a unit: '30 days', '12 hours', '1 mo', '2 Y'",
        ) from error


def from_timedelta(delta: Timedelta, text: str | None = None) -> Duration:
    """Convert a Featuretools Timedelta of time units."""
    months = sum(_whole(value) * _MONTHS[unit] for unit, value in delta.times.items() if unit in _MONTHS)
    exact = sum(
        (
            pd.Timedelta(value, "min" if unit == "m" else unit)
            for unit, value in delta.times.items()
            if unit not in _MONTHS
        ),
        pd.Timedelta(0),
    )
    return Duration(months, exact.value // _NANOSECONDS_A_MICROSECOND, text or delta.get_name())


def _whole(value: float) -> int:
    if value != int(value):
        raise ValueError("months and years are whole numbers")
    return int(value)
