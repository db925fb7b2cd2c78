"""Holidays in SQL, a row each, under Featuretools' names.

The table of holidays is one literal text with a part for each year: the year finds the part in one step, and
only its few days are searched for each row.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sparkfeat.definitions.calls import Call
from sparkfeat.definitions.holidays import holidays_of
from sparkfeat.primitives.inputs import sql_literal
from sparkfeat.primitives.rows import Row, expression, in_both

_EPOCH = date(1970, 1, 1)
_FARTHEST = 365

# A day in the part of its year: "\n704 Independence Day\n1225 Christmas Day\n".
_KEY = {
    "duckdb": "concat(chr(10), CAST(month(x) * 100 + day(x) AS TEXT), ' ')",
    "spark": "concat(char(10), CAST(month(x) * 100 + day(x) AS STRING), ' ')",
}
_NUMBER = "date_diff('day', DATE '1970-01-01', CAST(x AS DATE))"
_NUMBER_SPARK = "datediff(CAST(x AS DATE), DATE '1970-01-01')"


def _part(texts: dict[int, str], dialect: str) -> str:
    """Return the text of a row's year as SQL; null for a year without one."""
    first = min(texts, default=0)
    parts = "\t".join(texts.get(year, "") for year in range(first, max(texts, default=0) + 1))
    literal = sql_literal(parts, dialect)
    if dialect == "spark":
        return f"get(split({literal}, char(9)), year(x) - {first})"
    return f"list_extract(string_split({literal}, chr(9)), greatest(year(x) - {first - 1}, 0))"


def _country(call: Call) -> str:
    return str(call.primitive.argument("country"))


def _listed(call: Call, dialect: str) -> str:
    """Return the part of a row's year with its days and their names."""
    texts: dict[int, str] = defaultdict(lambda: "\n")
    for day, name in holidays_of(_country(call)):
        texts[day.year] += f"{day.month * 100 + day.day} {name}\n"
    return _part(texts, dialect)


def _is_holiday(call: Call, dialect: str) -> str:
    found = f"contains({_listed(call, dialect)}, {_KEY[dialect]})"
    return f"CASE WHEN x IS NOT NULL THEN coalesce({found}, FALSE) END"


def _name(call: Call, dialect: str) -> str:
    newline = "char(10)" if dialect == "spark" else "chr(10)"
    after = f"split_part({_listed(call, dialect)}, {_KEY[dialect]}, 2)"
    return f"nullif(split_part({after}, {newline}, 1), '')"


def _near(call: Call, dialect: str) -> str:
    """Return the part of a row's year with the numbers of the days, a year before and after it too."""
    texts: dict[int, list[str]] = defaultdict(list)
    for day, name in holidays_of(_country(call)):
        if name == call.primitive.argument("holiday"):
            for year in range(day.year - 1, day.year + 2):
                texts[year].append(str((day - _EPOCH).days))
    return _part({year: " ".join(days) for year, days in texts.items()}, dialect)


# The least struct is the nearest day, and of two that are as near the earlier one.
def _distance(call: Call) -> str:
    part = _near(call, "duckdb")
    ahead = f"list_transform(string_split({part}, ' '), lambda w: try_cast(w AS BIGINT) - {_NUMBER})"
    near = f"list_filter({ahead}, lambda w: abs(w) <= {_FARTHEST})"
    nearest = f"list_min(list_transform({near}, lambda w: {{'far': abs(w), 'ahead': w}}))"
    return f"CAST(({nearest}).ahead AS DOUBLE)"


def _distance_spark(call: Call) -> str:
    part = _near(call, "spark")
    ahead = f"transform(split({part}, ' '), w -> try_cast(w AS BIGINT) - {_NUMBER_SPARK})"
    near = f"filter({ahead}, w -> abs(w) <= {_FARTHEST})"
    nearest = f"array_min(transform({near}, w -> named_struct('far', abs(w), 'ahead', w)))"
    return f"CAST(({nearest}).ahead AS DOUBLE)"


HOLIDAYS: tuple[Row, ...] = (
    in_both("is_federal_holiday", _is_holiday),
    in_both("date_to_holiday", _name),
    expression("distance_to_holiday", _distance, _distance_spark),
)
