"""The place of a row in the order that it is split by: a moment in time, or a hash."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sparkfeat.entityset.sources import spark_name
from sparkfeat.errors import CutoffError
from sparkfeat.models.roles import Roles

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType

MICROSECONDS = {"day": 86_400_000_000, "hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000}


def column(table: DataFrame, name: str) -> Column:
    """Return the column of that very name."""
    return table[spark_name(name)]


def moment(times: Column, kind: DataType) -> Column:
    """Return times as numbers: microseconds since 1970, or numbers as they are.

    Times without a zone are counted by the calendar, whatever the zone of the session.
    """
    from pyspark.sql import functions, types

    if isinstance(kind, types.NumericType):
        return times.cast("double")
    if isinstance(kind, types.TimestampType):
        return functions.unix_micros(times)
    days = functions.unix_date(times.cast("date")).cast("long") * MICROSECONDS["day"]
    if isinstance(kind, types.DateType):
        return days
    # As long: an int has no room for the microseconds of 36 minutes.
    hours, minutes = functions.hour(times).cast("long"), functions.minute(times).cast("long")
    whole = hours * MICROSECONDS["hour"] + minutes * MICROSECONDS["minute"]
    seconds = functions.date_part(functions.lit("SECOND"), times) * MICROSECONDS["second"]
    return days + whole + seconds.cast("long")


def moment_of(table: DataFrame, name: str) -> Column:
    """Return a column of times as numbers.

    Raises:
        CutoffError: the column holds neither times nor numbers.
    """
    from pyspark.sql import types

    kind = table.schema[name].dataType
    known = types.NumericType | types.TimestampType | types.TimestampNTZType | types.DateType
    if not isinstance(kind, known):
        raise CutoffError(
            f"'{name}' holds no times",
            where="the split",
            why=f"Its values are of type {kind.simpleString()}",
            hint="Cast the column to timestamp or date before training",
        )
    return moment(column(table, name), kind)


def given_moment(given: datetime | float, kind: DataType, where: str) -> Column:
    """Return a time of the configuration as a number, in the terms of a column of that type.

    Raises:
        CutoffError: a number for times, or a time for numbers.
    """
    from pyspark.sql import functions, types

    if isinstance(kind, types.NumericType) != (not isinstance(given, datetime)):
        what = "numbers" if isinstance(kind, types.NumericType) else "times"
        raise CutoffError(
            f"{given} is of another kind than the cutoff times", where=where, why=f"Those are {what}"
        )
    if not isinstance(given, datetime):
        return functions.lit(float(given))
    return moment(functions.lit(given.isoformat(sep=" ")).cast(kind), kind)


def row_key(table: DataFrame, roles: Roles) -> tuple[Column, ...]:
    """Return what tells rows apart: instance id and cutoff time, else everything that is learned from."""
    if roles.instance_id is not None:
        times = [moment_of(table, roles.cutoff_time)] if roles.cutoff_time else []
        return (column(table, roles.instance_id).cast("string"), *times)
    names = roles.features + ((roles.label,) if roles.label else ())
    return tuple(column(table, name) for name in names)


def bucket(key: Sequence[Column], seed: int, salt: str, count: int) -> Column:
    """Return a number below `count` for each key, always the same one, spread evenly."""
    from pyspark.sql import functions

    return functions.pmod(
        functions.xxhash64(functions.lit(f"{salt} {seed}"), *key), functions.lit(count)
    ).cast("int")
