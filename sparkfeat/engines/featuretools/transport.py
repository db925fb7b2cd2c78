"""Rows of several tables in one Spark DataFrame, so that a group of `applyInPandas` can hold them all.

Every table fills the same few slots, columns of five primitive types, so the frame is as wide as the widest
table. Nulls of integers and booleans travel as flags: pandas would make integers with nulls floats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sparkfeat.errors import EngineError

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType

_SLOT_TYPES = {
    "long": "bigint",
    "double": "double",
    "flag": "tinyint",
    "time": "timestamp_ntz",
    "text": "string",
}
_NULL_FLAG = 2
_FORMS = {
    "bigint": "long",
    "int": "long",
    "smallint": "long",
    "tinyint": "long",
    "double": "double",
    "float": "double",
    "boolean": "boolean",
    "timestamp_ntz": "time",
    "string": "text",
    "struct<latitude:double,longitude:double>": "latlong",
}
_SLOTS_OF = {
    "long": ("long", "flag"),
    "double": ("double",),
    "boolean": ("flag",),
    "time": ("time",),
    "text": ("text",),
    "latlong": ("double", "double"),
}


@dataclass(frozen=True)
class Field:
    """One column of one table, and the slots that carry it."""

    name: str
    form: str
    slots: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """The slots of all tables; a table's number is its place in `tables`."""

    tables: tuple[tuple[str, tuple[Field, ...]], ...]

    @property
    def slots(self) -> dict[str, str]:
        """Slot name -> Spark type, in order."""
        names = {slot for _, fields in self.tables for field in fields for slot in field.slots}
        return {name: _SLOT_TYPES[name.rstrip("0123456789")] for name in sorted(names)}

    def fields(self, table: str) -> tuple[Field, ...]:
        """Return the fields of a table."""
        return dict(self.tables)[table]


@dataclass(frozen=True)
class Output:
    """One column of the result: its name, its form, and the columns that carry it out of Python."""

    name: str
    form: str
    carriers: tuple[str, ...]


def form_of(data_type: DataType, where: str) -> str:
    """Return how values of a Spark type travel.

    Raises:
        EngineError: not a type of canonical values.
    """
    text = data_type.simpleString()
    if text not in _FORMS:
        raise EngineError(
            f"Values of type {text} cannot be handed to Featuretools",
            where=where,
            hint=f"Cast the column to one of: {', '.join(sorted(set(_FORMS)))}",
        )
    return _FORMS[text]


def layout_of(columns: Mapping[str, Sequence[tuple[str, str]]]) -> Layout:
    """Assign slots; `columns` gives (name, form) of each table's columns."""
    tables = ((table, tuple(_assigned(fields))) for table, fields in columns.items())
    return Layout(tuple(tables))


def _assigned(fields: Sequence[tuple[str, str]]) -> Iterator[Field]:
    used: Counter[str] = Counter()
    for name, form in fields:
        slots = []
        for kind in _SLOTS_OF[form]:
            slots.append(f"{kind}{used[kind]}")
            used[kind] += 1
        yield Field(name, form, tuple(slots))


def packed(frame: DataFrame, layout: Layout, table: str, columns: Sequence[str]) -> DataFrame:
    """Return `frame` as (partition, table number, slots); `columns` are its columns in field order."""
    from pyspark.sql import functions as fn

    number = [name for name, _ in layout.tables].index(table)
    filled: dict[str, Column] = {}
    for column, field in zip(columns, layout.fields(table), strict=True):
        filled.update(zip(field.slots, _carried(fn.col(column), field.form), strict=True))
    slots = [filled.get(name, _filler(kind)).alias(name) for name, kind in layout.slots.items()]
    return frame.select("partition", fn.lit(number).cast("tinyint").alias("table"), *slots)


def _carried(value: Column, form: str) -> tuple[Column, ...]:
    from pyspark.sql import functions as fn

    if form == "long":
        # What lies below a null shows: Featuretools' Percentile ranks it. pandas puts a 1 there.
        number = fn.coalesce(value.cast("bigint"), fn.lit(1).cast("bigint"))
        return number, fn.when(value.isNull(), _NULL_FLAG).otherwise(0).cast("tinyint")
    if form == "boolean":
        return (fn.coalesce(value.cast("tinyint"), fn.lit(_NULL_FLAG).cast("tinyint")),)
    if form == "latlong":
        return value.getField("latitude"), value.getField("longitude")
    return (value.cast("double"),) if form == "double" else (value,)


def _filler(kind: str) -> Column:
    """Return what a slot holds in rows of a table that does not use it: no null where pandas has none."""
    from pyspark.sql import functions as fn

    empty = None if kind in ("string", "timestamp_ntz") else 0
    return fn.lit(empty).cast(kind)


def unpacked(rows: pd.DataFrame, layout: Layout) -> dict[str, pd.DataFrame]:
    """Return the tables of a group as canonical frames."""
    frames = {}
    for number, (table, fields) in enumerate(layout.tables):
        own = rows[rows["table"] == number]
        columns = {field.name: _restored(own, field) for field in fields}
        frames[table] = pd.DataFrame(columns).reset_index(drop=True)
    return frames


def _restored(rows: pd.DataFrame, field: Field) -> pd.Series[Any]:
    first = rows[field.slots[0]]
    if field.form == "long":
        missing = rows[field.slots[1]].to_numpy() == _NULL_FLAG
        array = pd.arrays.IntegerArray(first.to_numpy("int64"), missing)
        return pd.Series(array, index=rows.index)
    if field.form == "boolean":
        flags = first.to_numpy()
        return pd.Series(pd.arrays.BooleanArray(flags == 1, flags == _NULL_FLAG), index=rows.index)
    if field.form == "latlong":
        pairs = list(zip(first, rows[field.slots[1]], strict=True))
        return pd.Series(pairs, index=rows.index, dtype="object")
    return first


def carried_out(values: pd.Series[Any], form: str) -> list[Any]:
    """Return the arrays that carry a result column out of Python, one for each of its carriers."""
    plain = values.astype("object") if values.dtype == "category" else values
    return _CARRIERS[form](plain)


def _long_out(values: pd.Series[Any]) -> list[Any]:
    if values.dtype == "object":
        return [pd.array([None if pd.isna(value) else int(value) for value in values], dtype="Int64")]
    return [values.astype("Int64").array]


def _double_out(values: pd.Series[Any]) -> list[Any]:
    return [pd.to_numeric(values).astype("Float64").to_numpy("float64", na_value=np.nan)]


def _boolean_out(values: pd.Series[Any]) -> list[Any]:
    return [pd.array([None if pd.isna(value) else bool(value) for value in values], dtype="boolean")]


def _time_out(values: pd.Series[Any]) -> list[Any]:
    """Spark keeps microseconds."""
    return [pd.to_datetime(values).dt.floor("us")]


def _timedelta_out(values: pd.Series[Any]) -> list[Any]:
    micros = pd.to_timedelta(values).dt.floor("us") // pd.Timedelta(1, "us")
    return [micros.astype("Int64").array]


def _text_out(values: pd.Series[Any]) -> list[Any]:
    return [[None if pd.isna(value) else str(value) for value in values]]


def _latlong_out(values: pd.Series[Any]) -> list[Any]:
    """Return latitude, longitude and whether there is a pair at all: a pair of two nulls is not null."""
    present = np.array([isinstance(value, tuple) for value in values], dtype="bool")
    pairs = [value if isinstance(value, tuple) else (np.nan, np.nan) for value in values]
    return [*(np.array([pair[at] for pair in pairs], dtype="float64") for at in (0, 1)), present]


_CARRIERS: dict[str, Callable[[pd.Series[Any]], list[Any]]] = {
    "long": _long_out,
    "double": _double_out,
    "boolean": _boolean_out,
    "time": _time_out,
    "timedelta": _timedelta_out,
    "text": _text_out,
    "latlong": _latlong_out,
}
