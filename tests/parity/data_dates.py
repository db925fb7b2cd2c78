"""Dates at every edge of the calendar: of seasons, months, weeks, years, and of the tables of holidays.

The customers and the days of events are those of `traps`: 5 has no events, 6 joins after its events, 7 has
events without a time only, 77 is unknown.
"""

from __future__ import annotations

from functools import cache

import featuretools as ft
import numpy as np
import pandas as pd

from tests.parity.data import days

_SEASONS = ("03-20", "03-21", "06-20", "06-21", "09-22", "09-23", "12-20", "12-21", "02-29", "01-01", "12-31")
# Months that begin on a Sunday, a Monday and a Saturday; the first has four whole weeks.
_MONTHS = ("2015-02", "2021-03", "2022-01")
_DAYS = ("01", "02", "06", "07", "08", "09", "14", "15", "21", "22", "28")
_HOLIDAYS = (
    *("2021-07-04", "2021-07-05", "2021-12-24", "2021-12-31", "2021-11-25", "2021-11-26", "2020-02-29"),
    # Halfway between two New Year's Days, one of them as near as the other.
    *("2020-07-01", "2020-07-02", "2020-07-03", "2021-07-02", "2021-07-03"),
    # The first and the last years that have holidays, and a year before and after.
    *("1948-12-31", "1949-01-01", "1949-12-31", "1950-01-01", "1950-01-02", "1900-07-04", "1700-12-25"),
    *("2074-01-01", "2074-12-25", "2075-01-01", "2075-01-02", "2076-07-04", "2200-12-25"),
)


@cache
def dates() -> ft.EntitySet:
    """Return customers, and an event for each date; the EntitySet is shared, so leave it as it is."""
    entityset = ft.EntitySet("dates")
    entityset.add_dataframe(
        _customers(),
        "customers",
        index="customer_id",
        time_index="joined",
        logical_types={"born": "Datetime"},
        semantic_tags={"born": "date_of_birth"},
    )
    entityset.add_dataframe(
        _events(),
        "events",
        index="event_id",
        time_index="at",
        logical_types={"due": "Datetime"},
        semantic_tags={"due": "date_of_birth"},
    )
    entityset.add_relationship("customers", "customer_id", "events", "customer_id")
    entityset.add_interesting_values(dataframe_name="events", values={"late": [True]})
    return entityset


def _customers() -> pd.DataFrame:
    born = [
        *("1980-02-29 00:00:00", "2021-03-06", "2021-03-06 00:00:00.000001", "2021-03-05 23:59:59.999999"),
        *(None, "2030-01-01 12:00", "1700-01-01", "1999-12-31 23:59:59.999999", None, "2021-03-01"),
    ]
    return pd.DataFrame(
        {
            "customer_id": [4, 1, 2, 3, 5, 6, 7, 8, 9, 10],
            "joined": days(1, 1, 2, 1, 3, 20, 1, 1, 1, 1),
            "born": pd.to_datetime(born, format="ISO8601"),
        }
    )


def _due() -> list[str | None]:
    edges = [f"{year}-{day}" for year in (2000, 2020) for day in _SEASONS]
    edges += [f"{month}-{day}" for month in _MONTHS for day in _DAYS]
    times = ("", " 23:59:59.999999", " 12:30", " 00:00:00.000001")
    due = [f"{day}{times[number % 4]}" for number, day in enumerate([*edges, *_HOLIDAYS])]
    return [*due, None, None, "2021-07-04", "2021-07-04 18:00"]


def _events() -> pd.DataFrame:
    due = _due()
    numbers = np.arange(len(due))
    owners = np.array([1, 2, 3, 4, 6, 8, 9, 10])[numbers % 8]
    at = [2.0 + number % 14 / 2 for number in numbers]
    frame = pd.DataFrame(
        {
            "event_id": [f"e{number:03}" for number in numbers],
            "customer_id": np.where(numbers % 29 == 28, 7, owners),
            "at": days(*(None if number % 29 == 28 else value for number, value in enumerate(at))),
            "due": pd.to_datetime(due, format="ISO8601"),
            "late": numbers % 5 > 1,
        }
    )
    # As stored somewhere: in no order.
    return frame.iloc[np.random.default_rng(5).permutation(len(frame))].reset_index(drop=True)
