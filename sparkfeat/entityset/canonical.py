"""pandas and Arrow columns as canonical Arrow values (see `types`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sparkfeat.entityset.types import (
    BOOLEAN_TYPES,
    CATEGORY_TYPES,
    DOUBLE_TYPES,
    INTEGER_TYPES,
    LATLONG,
    arrow_type,
    value_type,
)
from sparkfeat.errors import DataError, SchemaError

Values: TypeAlias = "pa.ChunkedArray | pa.Array"
Series: TypeAlias = "pd.Series[Any]"


def from_series(series: Series, logical_type: str | None, where: str) -> pa.Array:
    """Return the canonical values of a Woodwork-typed pandas column; None where the values decide.

    Raises:
        DataError: datetimes finer than a microsecond, which no SQL engine here can hold.
        SchemaError: values that do not fit the logical type.
    """
    try:
        return _from_series(series, logical_type, where)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise SchemaError(
            f"The values do not fit the logical type {logical_type}",
            where=where,
            why=str(error),
            hint="Give another type in logical_types, or clean the column",
        ) from error


def _from_series(series: Series, logical_type: str | None, where: str) -> pa.Array:
    if logical_type == "LatLong":
        return _latlong(series)
    if logical_type == "Datetime":
        return _datetimes(series, where)
    if logical_type == "Timedelta":
        return pa.array(series, pa.duration("ns"), from_pandas=True).cast(pa.duration("us")).cast(pa.int64())
    if logical_type in CATEGORY_TYPES or logical_type is None:
        return _category_values(series)
    return pa.array(series, type=arrow_type(logical_type), from_pandas=True)


def _latlong(series: Series) -> pa.Array:
    pairs = [_pair(value) for value in series]
    return pa.array(pairs, type=LATLONG)


def _pair(value: object) -> dict[str, float | None] | None:
    """Turn a (latitude, longitude) pair into a struct; a missing coordinate is null."""
    if not isinstance(value, tuple | list | np.ndarray) or len(value) != len(LATLONG):
        return None
    return {
        name: None if pd.isna(part) else float(part) for name, part in zip(LATLONG.names, value, strict=True)
    }


def _datetimes(series: Series, where: str) -> pa.Array:
    return _microseconds(pa.array(series, type=pa.timestamp("ns"), from_pandas=True), where)


def _microseconds(values: Values, where: str) -> Values:
    try:
        return values.cast(pa.timestamp("us"))
    except pa.ArrowInvalid as error:
        raise DataError(
            "Datetimes finer than a microsecond",
            where=where,
            why="DuckDB and Spark store microseconds",
            hint="Round the column: series.dt.round('us')",
        ) from error


def _category_values(series: Series) -> pa.Array:
    values = pa.array(series, from_pandas=True)
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    return pc.cast(values, value_type(values.type))


def from_arrow(column: pa.ChunkedArray, logical_type: str, where: str) -> pa.ChunkedArray:
    """Return the canonical values of an Arrow column that is given `logical_type`.

    Raises:
        DataError: datetimes finer than a microsecond.
        SchemaError: the values cannot be cast.
    """
    if logical_type == "LatLong":
        return _places(column, where)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        # Featuretools keeps the wall clock and drops the zone.
        column = pc.local_timestamp(column)
    if pa.types.is_timestamp(column.type) and logical_type == "Datetime":
        column = _microseconds(column, where)
    if pa.types.is_duration(column.type):
        column = column.cast(pa.duration("us"))
    try:
        cast = column.cast(arrow_type(logical_type, column.type))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SchemaError(
            f"The values do not fit the logical type {logical_type}",
            where=where,
            why=str(error),
            hint="Give another type in logical_types, or clean the column",
        ) from error
    return _nan_to_null(cast) if pa.types.is_floating(cast.type) else cast


def _places(column: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    """Return structs of latitude and longitude, from such structs or from lists of the two."""
    pairs = [_place(value) for value in column.to_pylist()]
    wrong = next((value for value, pair in zip(column.to_pylist(), pairs, strict=True) if pair is None), None)
    if wrong is not None:
        raise SchemaError("Not a pair of latitude and longitude", where=where, why=repr(wrong))
    return pa.chunked_array([pa.array(pairs, type=LATLONG)])


def _place(value: Any) -> dict[str, float | None] | None:
    """Return a stored place; a missing one is a pair of nulls, as Woodwork makes it."""
    if value is None:
        return dict.fromkeys(LATLONG.names)
    return _pair(tuple(value[name] for name in LATLONG.names) if isinstance(value, dict) else value)


def _nan_to_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Make NaN null: pandas knows one missing value only."""
    return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)


def to_series(values: Values, logical_type: str | None) -> Series:
    """Return canonical values as the pandas column that Featuretools would hold for `logical_type`."""
    if logical_type in INTEGER_TYPES:
        return _nullable(values, "Int64" if values.null_count else "int64")
    if logical_type in BOOLEAN_TYPES:
        return _nullable(values, "boolean" if values.null_count else "bool")
    if logical_type in CATEGORY_TYPES:
        return _category_series(values)
    if logical_type is None:
        return _open_series(values)
    convert = _TO_SERIES.get(logical_type, _strings)
    return convert(values)


def _doubles(values: Values) -> Series:
    return pd.Series(values.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype="float64")


def _strings(values: Values) -> Series:
    return pd.Series(values.cast(pa.string()).to_pandas().astype("string"))


def _spans(values: Values) -> Series:
    return pd.Series(values.cast(pa.duration("us")).cast(pa.duration("ns")).to_pandas())


def _pairs(values: Values) -> Series:
    return pd.Series([_tuple(pair) for pair in values.to_pylist()], dtype="object")


def _times(values: Values) -> Series:
    return pd.Series(values.cast(pa.timestamp("ns")).to_pandas())


_TO_SERIES: dict[str, Callable[[Values], Series]] = dict.fromkeys(DOUBLE_TYPES, _doubles) | {
    "Datetime": _times,
    "LatLong": _pairs,
    "Timedelta": _spans,
}


def _nullable(values: Values, dtype: str) -> Series:
    if dtype == "Int64":
        # What lies below a null shows: Featuretools' Percentile ranks it. pandas puts a 1 there.
        filled = pc.fill_null(values, 1).to_numpy(zero_copy_only=False)
        missing = pc.is_null(values).to_numpy(zero_copy_only=False)
        return pd.Series(pd.arrays.IntegerArray(filled.astype("int64"), missing.astype("bool")))
    masked = values.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}.get)
    return pd.Series(masked.astype(dtype))


def _category_series(values: Values) -> Series:
    if pa.types.is_integer(values.type):
        return _nullable(values, "Int64" if values.null_count else "int64")
    return pd.Series(values.to_pandas())


def _open_series(values: Values) -> Series:
    """Return values whose own type decides: of users' primitives that declare none."""
    if pa.types.is_timestamp(values.type):
        return _times(values)
    if pa.types.is_boolean(values.type):
        return _nullable(values, "boolean" if values.null_count else "bool")
    return _doubles(values) if pa.types.is_floating(values.type) else _category_series(values)


def _tuple(pair: dict[str, float | None] | None) -> tuple[float, float] | float:
    """Return a place; one without a value is a pair of NaN, where there is no row at all it is NaN."""
    if pair is None:
        return np.nan
    latitude, longitude = pair["latitude"], pair["longitude"]
    return (np.nan if latitude is None else latitude, np.nan if longitude is None else longitude)
