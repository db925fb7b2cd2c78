"""Cutoff times in a Spark DataFrame: types are checked when they are given, rows before they are used."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from sparkfeat.entityset import Table
from sparkfeat.entityset.sources import spark_name
from sparkfeat.errors import CutoffError
from sparkfeat.plan.nodes import CUTOFF_TIME, INSTANCE


def kind_of(data_type: pa.DataType) -> str:
    """Return what values of a type are called; empty where there are no values."""
    if pa.types.is_dictionary(data_type):
        return kind_of(data_type.value_type)
    if pa.types.is_null(data_type):
        return ""
    if pa.types.is_timestamp(data_type) or pa.types.is_date(data_type):
        return "datetimes"
    if pa.types.is_string(data_type) or pa.types.is_large_string(data_type):
        return "text"
    number = pa.types.is_integer(data_type) or pa.types.is_floating(data_type)
    return "numbers" if number or pa.types.is_decimal(data_type) else str(data_type)


def selected(given: str, name: str, schema: pa.Schema, target: Table, time_type: str | None) -> str:
    """Return the expression that makes a column of a DataFrame an id or a cutoff time.

    Args:
        given: the column.
        name: what it becomes, INSTANCE or CUTOFF_TIME; other columns stay as they are.
        schema: that of the DataFrame.
        target: the table whose rows are meant.
        time_type: "numeric" or "Datetime" as the time indexes are, None where there are none.

    Raises:
        CutoffError: ids that cannot be index values, times that are no times.
    """
    have, value = schema.field(given).type, spark_name(given)
    if name == INSTANCE:
        _check_ids(given, kind_of(have), target)
    elif name == CUTOFF_TIME:
        _check_times(given, kind_of(have), time_type)
        value = _as_time(value, have)
    return f"{value} AS {spark_name(name)}"


def _check_ids(given: str, kind: str, target: Table) -> None:
    index = target.column(target.index)
    stored = kind_of(target.source.schema.field(index.name).type)
    if kind and stored and kind != stored:
        raise CutoffError(
            f"The ids do not fit the index '{index.name}' ({index.logical_type})",
            where=f"instance ids of '{target.name}', column '{given}'",
            why=f"They are {kind}, the index has {stored}",
            hint="Cast the column, or join it with the right ids",
        )


def _check_times(given: str, kind: str, time_type: str | None) -> None:
    want = {"numeric": ("numbers",), "Datetime": ("datetimes",)}.get(str(time_type), ("datetimes", "numbers"))
    if kind not in want:
        raise CutoffError(
            f"The cutoff times are {kind}",
            where=f"column '{given}'",
            why=f"The time indexes are {want[0]}" if time_type else f"Times are {' or '.join(want)}",
            hint="Cast the column, for example by to_timestamp" if kind == "text" else "",
        )


def _as_time(value: str, have: pa.DataType) -> str:
    if pa.types.is_date(have):
        return f"CAST({value} AS TIMESTAMP_NTZ)"
    return value if pa.types.is_timestamp(have) else f"CAST({value} AS DOUBLE)"


def check_different(frame: Any) -> None:
    """Check that no instance has a cutoff time twice; a Spark job over the two columns.

    Raises:
        CutoffError: one of those that has.
    """
    counted = frame.groupBy(INSTANCE, CUTOFF_TIME).count()
    twice = counted.where("count > 1").limit(1).collect()
    if twice:
        row = twice[0]
        raise CutoffError(
            "Rows of the table of cutoff times occur twice",
            why=f"For example instance {row[INSTANCE]!r} at {row[CUTOFF_TIME]}, {row['count']:,} times",
            hint="Drop duplicates of the id and the time",
        )
