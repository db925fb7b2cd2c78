"""The holidays that Featuretools knows: those of the installed `holidays` package, 1950 to 2074."""

from __future__ import annotations

import warnings
from datetime import date
from functools import lru_cache

from featuretools.primitives.standard.transform.datetime.utils import HolidayUtil


@lru_cache(maxsize=64)
def holidays_of(country: str) -> tuple[tuple[date, str], ...]:
    """Return the dates of a country's holidays and their names, in order."""
    with warnings.catch_warnings():
        # That a country's holidays are known for some years only was told when the primitive was made.
        warnings.simplefilter("ignore")
        known = HolidayUtil(country).federal_holidays
    return tuple(sorted(known.items()))
