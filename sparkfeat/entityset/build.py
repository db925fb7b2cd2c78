"""Tables from pandas, Arrow, Spark and Parquet: types inferred, values made canonical, keys checked."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import woodwork as ww

from sparkfeat.entityset import canonical
from sparkfeat.entityset.schema import POSITION, Column, Table
from sparkfeat.entityset.sources import ArrowSource, ParquetSource, Source, SparkSource, parquet_source
from sparkfeat.entityset.types import LOGICAL_TYPES, logical_type_of, standard_tags
from sparkfeat.errors import DataError, SchemaError, did_you_mean


@dataclass(frozen=True)
class TableOptions:
    """What `EntitySet.add_dataframe` was told about a table."""

    name: str
    index: str
    time_index: str | None = None
    logical_types: Mapping[str, Any] = field(default_factory=dict)
    semantic_tags: Mapping[str, Any] = field(default_factory=dict)
    make_index: bool = False
    secondary_time_index: Mapping[str, Iterable[str]] = field(default_factory=dict)
    already_sorted: bool = False

    @property
    def where(self) -> str:
        """The table, for messages."""
        return f"dataframe '{self.name}'"


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


def check_names(names: Iterable[Any], options: TableOptions) -> None:
    """Check that every column an option names is there, and that names are usable in SQL.

    Raises:
        SchemaError: a column is missing, not called by a string, or called twice but for case.
    """
    names = list(names)
    _check_strings(names, options)
    known = set(names)
    asked = {"index": [options.index], "time_index": [options.time_index] if options.time_index else []}
    asked["logical_types"] = list(options.logical_types)
    asked["semantic_tags"] = list(options.semantic_tags)
    asked["secondary_time_index"] = [
        name for key, columns in options.secondary_time_index.items() for name in (key, *columns)
    ]
    for argument, columns in asked.items():
        for column in columns:
            if column not in known:
                raise SchemaError(
                    f"No column '{column}'",
                    where=f"{options.where}, {argument}",
                    hint=did_you_mean(str(column), known),
                )
    if options.secondary_time_index and not options.time_index:
        raise SchemaError("secondary_time_index needs a time_index", where=options.where)


def _check_strings(names: list[Any], options: TableOptions) -> None:
    if any(not isinstance(name, str) for name in names):
        raise SchemaError("Column names must be strings", where=options.where, why=f"They are {names[:10]}")
    folded: dict[str, str] = {}
    for name in names:
        twin = folded.setdefault(name.casefold(), name)
        if twin is not name or name == POSITION:
            raise SchemaError(
                f"Columns '{twin}' and '{name}' cannot be told apart",
                where=options.where,
                why="SQL names do not depend on case",
                hint="Rename one of them",
            )


def _typed_pandas(frame: pd.DataFrame, options: TableOptions) -> tuple[pa.Table, tuple[Column, ...]]:
    frame = _with_made_index(frame, options)
    check_names(frame.columns, options)
    columns, arrays = [], []
    for name in frame.columns:
        series = _woodwork(frame[name], options.logical_types.get(name), options)
        logical_type = type(series.ww.logical_type).__name__
        categories = tuple(series.cat.categories) if series.dtype == "category" else None
        columns.append(_column(name, logical_type, options, categories))
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
    try:
        typed: pd.Series[Any] = ww.init_series(series, logical_type=logical_type)
        return typed
    except Exception as error:
        raise SchemaError(
            f"The values do not fit the logical type {logical_type}",
            where=f"{options.where}, column '{series.name}'",
            why=str(error),
            hint="Give another type in logical_types, or clean the column",
        ) from error


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
    arrays = [
        canonical.from_arrow(table.column(c.name), c.logical_type, f"{options.where}, column '{c.name}'")
        for c in columns
    ]
    return pa.table(arrays, names=table.column_names), columns


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
    secondary = {
        key: tuple(dict.fromkeys([*([names] if isinstance(names, str) else names), key]))
        for key, names in options.secondary_time_index.items()
    }
    table = Table(options.name, source, columns, options.index, options.time_index, secondary, order)
    for name in filter(None, [options.time_index, *secondary]):
        _check_time(table.column(name), options)
    return table


def _check_time(column: Column, options: TableOptions) -> None:
    if column.logical_type != "Datetime" and "numeric" not in column.semantic_tags:
        raise SchemaError(
            f"Time index '{column.name}' is {column.logical_type}",
            where=options.where,
            why="A time index is a datetime or a number",
            hint=f"Convert the column, or give logical_types={{'{column.name}': 'Datetime'}}",
        )


def infer_columns(source: Source, options: TableOptions, full: frozenset[str]) -> tuple[Column, ...]:
    """Type the columns of a stored table: as told, else by the schema, else (text) by a sample.

    `full` names the columns known to hold no null.
    """
    types: dict[str, str | None] = {
        field.name: logical_type_of(field.type, nullable=field.name not in full) for field in source.schema
    }
    types |= {
        name: type_name(given, f"{options.where}, '{name}'") for name, given in options.logical_types.items()
    }
    open_ones = [name for name, logical_type in types.items() if logical_type is None]
    if open_ones:
        sample = source.sample(open_ones).to_pandas()
        types |= {name: type(ww.type_system.infer_logical_type(sample[name])).__name__ for name in open_ones}
    return tuple(
        _column(name, str(logical_type), options, _ordinal_order(options.logical_types.get(name)))
        for name, logical_type in types.items()
    )


def type_name(given: Any, where: str) -> str:
    """Return Woodwork's class name of a logical type given as a name, a class or an instance.

    Raises:
        SchemaError: no such type.
    """
    if isinstance(given, str):
        names = {name.casefold(): name for name in LOGICAL_TYPES}
        found = names.get(given.replace("_", "").casefold())
    else:
        found = (given if isinstance(given, type) else type(given)).__name__
    if found not in LOGICAL_TYPES:
        raise SchemaError(
            f"No logical type '{given}'", where=where, hint=did_you_mean(str(given), LOGICAL_TYPES)
        )
    return found


def _ordinal_order(given: Any) -> tuple[Hashable, ...] | None:
    order = getattr(given, "order", None)
    return tuple(order) if order is not None else None


def _column(
    name: str, logical_type: str, options: TableOptions, categories: tuple[Hashable, ...] | None
) -> Column:
    given = options.semantic_tags.get(name, ())
    tags = frozenset({given} if isinstance(given, str) else given)
    if name == options.index:
        # Woodwork takes the standard tags off an index: it is neither numeric nor a category.
        return Column(name, logical_type, tags | {"index"}, (), categories)
    if name == options.time_index:
        tags |= {"time_index"}
    return Column(name, logical_type, tags | standard_tags(logical_type), (), categories)
