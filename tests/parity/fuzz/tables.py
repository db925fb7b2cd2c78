"""Random tables: keys and columns of every kind, few distinct values so that there are ties, and nulls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pandas as pd

from tests.parity.fuzz.recipe import Recipe, Table

START = pd.Timestamp("2020-02-27 22:00")
NAMES = ("shops", "Kunden", "order lines", "größe.x")
WORDS = (
    "a",
    "B",
    "ä",
    "日本",
    "it's",
    "",
    "two words",
    "10",
    "9",
    "\\d%_",
    'q"',
    "a\nb\tc",
    "😀!",
    "A. B? c,",
)
ADDRESSES = ("a@b.de", "Ä.b@x.co.uk", "no address", "x@gmail.com", "@", "", "UPPER@HOTMAIL.COM")
PAGES = ("http://www.a.de/b?c=1", "https://x.org", "ftp://y.com:80/z", "no page", "", "WWW.B.COM")
NUMBERS = ("+49 30 1234", "555-0100", "", "(02) 99", "x")
POSTCODES = ("01234", "9", "AB1 2CD", "", "12")
SMALL = (-7, -1, 0, 0, 1, 2, 2, 5)
TEXT_KEYS = ('"Unknown"', '"Categorical"')

Value = Callable[[Random], Any]


def moment(number: float) -> pd.Timestamp:
    """Return one of few times, over the end of a leap February; whole numbers are seven hours."""
    return START + pd.Timedelta(hours=7 * number)


def _far(dice: Random) -> pd.Timestamp:
    """Return a time of another century, down to the microsecond."""
    return pd.Timestamp(dice.choice(("1900-02-28 23:59:59.999999", "2000-12-31", "2099-07-04 04:00"))) + (
        pd.Timedelta(dice.choice((0, 1, 86_399_999_999)), "us")
    )


KINDS: dict[str, tuple[str, Value]] = {
    "Integer": ('"Integer"', lambda dice: dice.choice((*SMALL, 2**53 - 1))),
    "whole": ('"Integer"', lambda dice: dice.choice(SMALL)),
    "IntegerNullable": ('"IntegerNullable"', lambda dice: dice.choice((*SMALL, None, None))),
    "Double": ('"Double"', lambda dice: dice.choice((None, -0.0, 0.5, 0.5, -2.25, 1e6, 3.0, 0.1))),
    "Wild": ('"Double"', lambda dice: dice.choice((None, 0.0, float("inf"), float("-inf"), 1e15, 1.0))),
    "Constant": ('"Double"', lambda dice: 0.1),
    "Missing": ('"Double"', lambda dice: None),
    "Age": ('"AgeNullable"', lambda dice: dice.choice((None, 0, 18, 18, 99))),
    "Boolean": ('"Boolean"', lambda dice: dice.random() < 0.4),
    "BooleanNullable": ('"BooleanNullable"', lambda dice: dice.choice((True, False, None))),
    "Categorical": ('"Categorical"', lambda dice: dice.choice((*WORDS, None, "a", "B"))),
    "number as category": ('"Categorical"', lambda dice: dice.choice((1, 2, 10, None))),
    "Ordinal": ("Ordinal(order=['m', 'a', 'z'])", lambda dice: dice.choice(("a", "m", "z", None))),
    "NaturalLanguage": ('"NaturalLanguage"', lambda dice: dice.choice((*WORDS, None, "x, y. z! @b #c"))),
    "EmailAddress": ('"EmailAddress"', lambda dice: dice.choice((*ADDRESSES, None))),
    "URL": ('"URL"', lambda dice: dice.choice((*PAGES, None))),
    "PhoneNumber": ('"PhoneNumber"', lambda dice: dice.choice((*NUMBERS, None))),
    "PostalCode": ('"PostalCode"', lambda dice: dice.choice((*POSTCODES, None))),
    "Datetime": ('"Datetime"', lambda dice: dice.choice((None, *(moment(number) for number in range(6))))),
    "far": ('"Datetime"', lambda dice: dice.choice((None, _far(dice)))),
    "LatLong": ('"LatLong"', lambda dice: dice.choice((None, (dice.randint(-90, 90), 1.5), (0.0, 0.0)))),
}


def tables(dice: Random) -> Recipe:
    """Choose one to four tables; each but the first refers to one or two of all that there are so far."""
    numeric = dice.random() < 0.15
    made: list[Table] = []
    links: list[tuple[str, str, str]] = []
    for name in NAMES[: dice.choice((1, 2, 2, 3, 3, 4))]:
        table = _table(name, dice, numeric=numeric)
        parents = [dice.choice(made) for _ in range(dice.choice((1, 1, 2)))] if made else []
        if dice.random() < 0.15:
            parents.append(table)
        for number, parent in enumerate(parents):
            key = f"{parent.name} {number}"
            links.append((parent.name, name, key))
            table = _referring(table, key, parent, dice)
        made.append(table)
    cyclic = any(parent == child for parent, child, _ in links)
    return Recipe(tuple(made), tuple(links), last_times=not cyclic and dice.random() < 0.3)


def _table(name: str, dice: Random, *, numeric: bool) -> Table:
    rows = dice.choice((0, 3, 6, 6, 12, 12, 25))
    key = dice.choice(('"Integer"', '"Integer"', *TEXT_KEYS, '"Unknown"'))
    columns, types = {"id": _keys(rows, dice, text=key in TEXT_KEYS)}, {"id": key}
    for kind in dice.sample(sorted(KINDS), dice.randint(1, 5)):
        types[kind], value = KINDS[kind]
        columns[kind] = [value(dice) for _ in range(rows)]
    table = Table(name, columns, types)
    return _timed(table, dice, numeric=numeric) if dice.random() < 0.7 else table


def _timed(table: Table, dice: Random, *, numeric: bool) -> Table:
    """Add a time index, and sometimes a time from which on some columns are known."""
    columns, types = dict(table.columns), dict(table.types)
    columns["time"] = [_time(dice, numeric=numeric) for _ in range(table.rows)]
    types["time"] = '"Double"' if numeric else '"Datetime"'
    hidden = [name for name in table.columns if name != "id"]
    if numeric or dice.random() > 0.2:
        return Table(table.name, columns, types, "time")
    columns["later"] = [_time(dice, numeric=False) for _ in range(table.rows)]
    types["later"] = '"Datetime"'
    some = dice.sample(hidden, dice.randint(1, len(hidden)))
    return Table(table.name, columns, types, "time", {"later": some})


def _referring(table: Table, key: str, parent: Table, dice: Random) -> Table:
    known = parent.columns["id"]
    text = parent.types["id"] in TEXT_KEYS
    values = [_foreign(known, dice, text=text) for _ in range(table.rows)]
    return replace(
        table, columns=table.columns | {key: values}, types=table.types | {key: parent.types["id"]}
    )


def _keys(rows: int, dice: Random, *, text: bool) -> list[Any]:
    numbers = dice.sample(range(-3, 3 * rows + 1), rows)
    return [f"{dice.choice(WORDS)}{number}" for number in numbers] if text else list(numbers)


def _foreign(keys: list[Any], dice: Random, *, text: bool) -> Any:
    """Refer to a parent; sometimes to none that exists or, where the type allows it, to nothing."""
    if keys and dice.random() < 0.85:
        return dice.choice(keys)
    return dice.choice(("nobody", None)) if text else 1_000_000


def _time(dice: Random, *, numeric: bool) -> Any:
    """Choose of few times, so that there are ties; sometimes none."""
    if dice.random() < 0.1:
        return None
    number = dice.randrange(8)
    return float(number) if numeric else moment(number)
