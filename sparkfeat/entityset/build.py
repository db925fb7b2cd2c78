"""Tables from pandas, Arrow, Spark and Parquet: types inferred, values made canonical, keys checked."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import woodwork as ww

from sparkfeat.entityset import canonical
from sparkfeat.entityset.inference import infer_columns, make_column, ordinal_order
from sparkfeat.entityset.options import TableOptions, check_names
from sparkfeat.entityset.schema import POSITION, Column, Table
from sparkfeat.entityset.sources import ArrowSource, ParquetSource, Source, SparkSource, parquet_source
from sparkfeat.entityset.types import CATEGORY_TYPES, TEXT_TYPES, logical_type_of
from sparkfeat.errors import DataError, SchemaError


def build_table(dataframe: Any, options: TableOptions) -> Table:
    """Make a table of whatever holds its rows.

    Raises:
        SchemaError: a named column is missing, a type is unknown or does not fit.
        DataError: null or duplicate index values in memory.
        StorageError: a Parquet URI that cannot be read.
    """
    if isinstance(dataframe, pd.DataFrame):
        table = _in_memory(*_typed_pandas(dataframe, options), options)
    elif isinstance(dataframe, pa.Table | pa.RecordBatch):
        table = _in_memory(*_typed_arrow(dataframe, options), options)
    elif isinstance(dataframe, str | Path):
        table = _stored(parquet_source(dataframe), options)
    elif hasattr(dataframe, "sparkSession"):
        table = _stored(SparkSource(dataframe), options)
    else:
        raise SchemaError(
            f"Cannot make a table of a {type(dataframe).__name__}",
            where=options.where,
            hint="Give a pandas or Spark DataFrame, an Arrow table, or the path of Parquet data",
        )
    return table


def _typed_pandas(frame: pd.DataFrame, options: TableOptions) -> tuple[pa.Table, tuple[Column, ...]]:
    frame = _with_made_index(frame, options)
    check_names(frame.columns, options)
    columns, arrays = [], []
    for name in frame.columns:
        given = options.logical_types.get(name)
        ordinal_order(given, name, options)
        series = _woodwork(frame[name], given, options)
        logical_type = type(series.ww.logical_type).__name__
        categories = tuple(series.cat.categories) if series.dtype == "category" else None
        columns.append(make_column(name, logical_type, options, categories))
        arrays.append(canonical.from_series(series, logical_type, f"{options.where}, column '{name}'"))
    return pa.table(arrays, names=list(frame.columns)), tuple(columns)


def _with_made_index(frame: pd.DataFrame, options: TableOptions) -> pd.DataFrame:
    if not options.make_index:
        return frame
    _check_new_index(frame.columns, options)
    made = frame.copy(deep=False)
    made.insert(0, options.index, range(len(frame)))
    return made


def _check_new_index(names: Iterable[str], options: TableOptions) -> None:
    if options.index in set(names):
        raise SchemaError(
            f"Cannot make the index: there is a column '{options.index}' already",
            where=options.where,
            hint="Choose another name, or set make_index=False",
        )


def _woodwork(series: pd.Series[Any], logical_type: Any, options: TableOptions) -> pd.Series[Any]:
    if logical_type is None and series.empty:
        # Without values Woodwork would take every column for text of no known kind.
        logical_type = logical_type_of(pa.Array.from_pandas(series).type, nullable=_is_masked(series))
    try:
        with warnings.catch_warnings():
            # Told for each text column that is tried as dates; the type found is what counts.
            warnings.filterwarnings("ignore", "Could not infer format", UserWarning)
            typed: pd.Series[Any] = ww.init_series(series, logical_type=logical_type)
        return typed
    except Exception as error:
        raise SchemaError(
            f"The values do not fit the logical type {logical_type}",
            where=f"{options.where}, column '{series.name}'",
            why=str(error),
            hint="Give another type in logical_types, or clean the column",
        ) from error


def _is_masked(series: pd.Series[Any]) -> bool:
    return isinstance(series.dtype, pd.api.extensions.ExtensionDtype)


def _typed_arrow(
    rows: pa.Table | pa.RecordBatch, options: TableOptions
) -> tuple[pa.Table, tuple[Column, ...]]:
    table = pa.table(rows) if isinstance(rows, pa.RecordBatch) else rows
    if options.make_index:
        _check_new_index(table.column_names, options)
        table = table.add_column(0, options.index, pa.array(range(table.num_rows), pa.int64()))
    check_names(table.column_names, options)
    full = frozenset(name for name in table.column_names if table.column(name).null_count == 0)
    columns = infer_columns(ArrowSource(table), options, full)
    arrays = [_canonical(table.column(column.name), column, options) for column in columns]
    return pa.table(arrays, names=table.column_names), columns


def _canonical(values: pa.ChunkedArray, column: Column, options: TableOptions) -> pa.ChunkedArray:
    where = f"{options.where}, column '{column.name}'"
    if _is_text(values.type) and column.logical_type not in TEXT_TYPES | CATEGORY_TYPES:
        # Woodwork knows more spellings than Arrow: "yes", "n", dates of many forms.
        series = _woodwork(values.to_pandas().rename(column.name), column.logical_type, options)
        return pa.chunked_array([canonical.from_series(series, column.logical_type, where)])
    return canonical.from_arrow(values, column.logical_type, where)


def _is_text(stored: pa.DataType) -> bool:
    return any(check(stored) for check in (pa.types.is_string, pa.types.is_large_string))


def _in_memory(rows: pa.Table, columns: tuple[Column, ...], options: TableOptions) -> Table:
    _check_index_values(rows.column(options.index), options)
    by_time = options.time_index is not None and not options.already_sorted
    if not by_time:
        rows = rows.append_column(POSITION, pa.array(range(rows.num_rows), pa.int64()))
    order = _by_time(options) if by_time else (POSITION,)
    return _table(ArrowSource(rows), columns, options, order)


def _by_time(options: TableOptions) -> tuple[str, ...]:
    return (options.time_index, options.index) if options.time_index else (options.index,)


def _check_index_values(values: pa.ChunkedArray, options: TableOptions) -> None:
    where = f"{options.where}, column '{options.index}'"
    if values.null_count:
        raise DataError(
            f"The index has {values.null_count:,} null values", where=where, hint="Drop those rows"
        )
    if pc.count_distinct(values).as_py() == len(values):
        return
    counts = values.value_counts()
    twice = [row["values"].as_py() for row in counts if row["counts"].as_py() > 1][:3]
    raise DataError(
        "The index has duplicate values",
        where=where,
        why=f"For example {', '.join(repr(value) for value in twice)}",
        hint="Drop duplicates, choose another index, or set make_index=True",
    )


def _stored(source: ParquetSource | SparkSource, options: TableOptions) -> Table:
    if options.make_index:
        raise SchemaError(
            "make_index needs rows in an order",
            where=options.where,
            why="Rows of Parquet files and Spark DataFrames have none",
            hint="Add an index column to the data",
        )
    check_names(source.schema.names, options)
    full = source.columns_without_nulls() if isinstance(source, ParquetSource) else frozenset()
    columns = infer_columns(source, options, full)
    return _table(source, columns, options, _by_time(options))


def _table(
    source: Source, columns: tuple[Column, ...], options: TableOptions, order: tuple[str, ...]
) -> Table:
    secondary = {key: tuple(dict.fromkeys([*names, key])) for key, names in options.secondary_columns.items()}
    table = Table(options.name, source, columns, options.index, options.time_index, secondary, order)
    times = [table.column(name) for name in (options.time_index, *secondary) if name is not None]
    for column in times:
        _check_time(column, options)
    for column in times[1:]:
        _check_one_kind(times[0], column, options)
    return table


def _check_one_kind(first: Column, second: Column, options: TableOptions) -> None:
    if (first.logical_type == "Datetime") != (second.logical_type == "Datetime"):
        raise SchemaError(
            f"Secondary time index '{second.name}' differs in kind from time index '{first.name}'",
            where=options.where,
            why=f"One is {second.logical_type}, the other {first.logical_type}",
            hint="Both are datetimes, or both are numbers",
        )


def _check_time(column: Column, options: TableOptions) -> None:
    if column.logical_type != "Datetime" and "numeric" not in column.semantic_tags:
        raise SchemaError(
            f"Time index '{column.name}' is {column.logical_type}",
            where=options.where,
            why="A time index is a datetime or a number",
            hint=f"Convert the column, or give logical_types={{'{column.name}': 'Datetime'}}",
        )
