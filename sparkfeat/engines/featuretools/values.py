"""Canonical column values as the pandas columns that Woodwork holds for each logical type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import woodwork as ww

from sparkfeat.entityset import Column, Table
from sparkfeat.errors import EngineError


def logical_type(column: Column) -> Any:
    """Return the Woodwork type of a column; an Ordinal carries its order."""
    kind = ww.type_system.str_to_logical_type(column.logical_type)
    if column.logical_type == "Ordinal":
        return kind(order=list(column.categories or ()))
    return kind()


def typed_frame(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table's columns with the dtypes Featuretools works on; the row order is kept.

    Raises:
        EngineError: values that are not canonical values of the column's logical type.
    """
    columns = {column.name: _typed(table, column, frame[column.name]) for column in table.columns}
    return pd.DataFrame(columns, columns=list(table.column_names)).reset_index(drop=True)


def _typed(table: Table, column: Column, values: pd.Series[Any]) -> pd.Series[Any]:
    try:
        return _as_dtype(column, values.reset_index(drop=True))
    except (TypeError, ValueError) as error:
        raise EngineError(
            f"The values do not fit the logical type {column.logical_type}",
            where=f"dataframe '{table.name}', column '{column.name}'",
            why=str(error),
        ) from error


def _as_dtype(column: Column, values: pd.Series[Any]) -> pd.Series[Any]:
    if column.logical_type == "LatLong":
        return pd.Series([_pair(value) for value in values], index=values.index, dtype="object")
    if column.logical_type == "Timedelta":
        return _timedeltas(values)
    dtype: Any = logical_type(column).primary_dtype
    if dtype == "category":
        return _categories(column, values)
    if dtype in ("Int64", "boolean") and values.dtype == "object":
        return pd.Series(pd.array(list(values), dtype=dtype), index=values.index)
    return pd.Series(values.astype(dtype), index=values.index)


def _timedeltas(values: pd.Series[Any]) -> pd.Series[Any]:
    """Microseconds as timedelta64; nullable integers become floats in pandas, timedeltas stay."""
    if values.dtype.kind == "m":
        return values.astype("timedelta64[ns]")
    micros = values.astype("Int64")
    raw = micros.fillna(0).to_numpy("int64").view("timedelta64[us]").astype("timedelta64[ns]")
    return pd.Series(raw, index=values.index).mask(micros.isna().to_numpy())


def _categories(column: Column, values: pd.Series[Any]) -> pd.Series[Any]:
    ordered = column.logical_type == "Ordinal"
    if column.categories is None:
        return values.astype("category")
    dtype = pd.CategoricalDtype(pd.Index(list(column.categories)), ordered=ordered)
    return pd.Series(pd.Categorical(values, dtype=dtype), index=values.index)


def _pair(value: Any) -> Any:
    """Return a struct, as Arrow or Spark hands it over, as the tuple Featuretools computes with."""
    if isinstance(value, Mapping):
        value = (value.get("latitude"), value.get("longitude"))
    if not isinstance(value, tuple | list | np.ndarray):
        return (np.nan, np.nan)
    return tuple(np.nan if part is None else float(part) for part in value)
