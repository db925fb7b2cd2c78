"""The table of holidays in SQL: every day of it and around it, and countries of every size."""

from __future__ import annotations

from datetime import date

import duckdb
import featuretools.primitives as p
import pytest
import sqlglot

from sparkfeat.definitions.calls import Call, Input
from sparkfeat.definitions.holidays import holidays_of
from sparkfeat.definitions.read import read_primitive
from sparkfeat.primitives.families import ROWS

# The Vatican has the most holidays of all, the Bouvet Island has none.
COUNTRIES = ("US", "VA", "BV", "Wales")
DAYS = "range(TIMESTAMP '1940-01-01', TIMESTAMP '2080-01-01', INTERVAL 1 DAY) days(x)"


def answers(text: str) -> dict[date, object]:
    rows = duckdb.sql(f"SELECT CAST(x AS DATE), {text} FROM {DAYS}").fetchall()
    return dict(rows)


def call_of(primitive: object) -> Call:
    return Call("out", read_primitive(primitive), (Input("a", "Datetime"),))


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_day_of_the_calendar(country: str) -> None:
    known = dict(holidays_of(country))

    names = answers(ROWS["date_to_holiday"].sql(call_of(p.DateToHoliday(country)), "duckdb"))
    found = answers(ROWS["is_federal_holiday"].sql(call_of(p.IsFederalHoliday(country)), "duckdb"))

    assert {day: name for day, name in names.items() if name is not None} == known
    assert {day for day, answer in found.items() if answer} == set(known)
    assert None not in found.values()


@pytest.mark.parametrize("country", COUNTRIES)
def test_the_table_is_one_literal(country: str) -> None:
    """A literal for each day would take seconds to parse."""
    text = ROWS["date_to_holiday"].sql(call_of(p.DateToHoliday(country)), "spark")

    assert len(list(sqlglot.parse_one(text, dialect="spark").find_all(sqlglot.exp.Literal))) < 20


def test_names_do_not_hold_what_separates_them() -> None:
    texts = [name for country in COUNTRIES for _, name in holidays_of(country)]

    assert texts
    assert not [name for name in texts if "\n" in name or "\t" in name]
