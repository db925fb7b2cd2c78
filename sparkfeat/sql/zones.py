"""The wall clock of a time zone as SQL, for engines that carry no list of zones or drop a column's zone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

import pandas as pd
from sqlglot import exp

_FIRST, _LAST = pd.Timestamp("1900-01-01", tz="UTC"), pd.Timestamp("2100-01-01", tz="UTC")
_MICROSECOND = pd.Timedelta(1, "us")

Change = tuple[int, int]
"""A point in UTC and the offset of local time from then on, both in microseconds."""


def wall_clock(micros: exp.Expr, zone: str) -> exp.Expr:
    """Return the wall clock in `zone`, as microseconds, of a point in time as microseconds since 1970 UTC.

    Changes of the zone's offset are those from 1900 to 2100; times before and after take the nearest.
    """
    changes = offset_changes(zone)
    return exp.Add(this=micros.copy(), expression=exp.paren(_offset(micros, changes)))


def _offset(micros: exp.Expr, changes: Sequence[Change]) -> exp.Expr:
    """Choose the offset by halving the list of changes, so that a row is compared a few times only."""
    if len(changes) == 1:
        return exp.convert(changes[0][1])
    middle = len(changes) // 2
    earlier = exp.LT(this=micros.copy(), expression=exp.convert(changes[middle][0]))
    before = exp.If(this=earlier, true=_offset(micros, changes[:middle]))
    return exp.Case(ifs=[before], default=_offset(micros, changes[middle:]))


@cache
def offset_changes(zone: str) -> tuple[Change, ...]:
    """Return where the offset of `zone` changes; the first change stands for all that is before it."""
    days = pd.date_range(_FIRST, _LAST, freq="D")
    local = days.tz_convert(zone)
    offsets = (local.tz_localize(None) - days.tz_localize(None)) // _MICROSECOND
    changes = [(_micros(_FIRST), int(offsets[0]))]
    for (day, before), (next_day, after) in pairwise(zip(days, offsets, strict=True)):
        if before != after:
            changes.append((_micros(_change(day, next_day, zone)), int(after)))
    return tuple(changes)


def _change(early: pd.Timestamp, late: pd.Timestamp, zone: str) -> pd.Timestamp:
    """Return the first second at which the offset is that of `late`."""
    second = pd.Timedelta(1, "s")
    while late - early > second:
        middle = (early + (late - early) / 2).floor("s")
        if middle.tz_convert(zone).utcoffset() == early.tz_convert(zone).utcoffset():
            early = middle
        else:
            late = middle
    return late


def _micros(time: pd.Timestamp) -> int:
    return int(time.value // 1000)
