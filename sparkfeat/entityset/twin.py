"""The way to Featuretools and back: an empty twin of a schema, and a full EntitySet taken over."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Collection, Mapping
from typing import Any

import featuretools
import pandas as pd
import pyarrow as pa
import woodwork as ww

from sparkfeat.entityset import canonical
from sparkfeat.entityset.options import TableOptions, check_names
from sparkfeat.entityset.schema import POSITION, Column, Relationship, Table
from sparkfeat.entityset.sources import ArrowSource
from sparkfeat.entityset.types import standard_tags
from sparkfeat.errors import SchemaError

_KEPT_BY_FEATURETOOLS = frozenset({"index", "time_index", "foreign_key", "last_time_index"})


def schema_twin(
    name: str, tables: Mapping[str, Table], relationships: Collection[Relationship]
) -> featuretools.EntitySet:
    """Return a Featuretools EntitySet with these tables, empty, every type and tag given."""
    entityset = featuretools.EntitySet(_twin_id(name, tables, relationships))
    with warnings.catch_warnings():
        # Woodwork warns that the types of empty columns cannot be told; here all are given.
        warnings.simplefilter("ignore")
        for table in tables.values():
            _add_empty(entityset, table)
        for link in relationships:
            entityset.add_relationship(link.parent, link.parent_column, link.child, link.child_column)
    return entityset


def _twin_id(name: str, tables: Mapping[str, Table], relationships: Collection[Relationship]) -> str:
    """Return an id that only a twin of the same schema has.

    Featuretools finds the EntitySet of a column by id, in one registry of the process: a second twin of
    the same id takes the place of the first. The id does not change from run to run, since saved
    features hold it.
    """
    parts: list[object] = [sorted(str(link) for link in relationships)]
    for table in tables.values():
        parts += [table.name, table.index, table.time_index, sorted(table.secondary_time_index.items())]
        parts += [
            (c.name, c.logical_type, sorted(c.semantic_tags), c.interesting_values, c.categories)
            for c in table.columns
        ]
    return f"{name} (schema {hashlib.sha256(repr(parts).encode()).hexdigest()[:12]})"


def _add_empty(entityset: featuretools.EntitySet, table: Table) -> None:
    columns = [column for column in table.columns if column.name != table.last_time_index]
    entityset.add_dataframe(
        dataframe=pd.DataFrame({column.name: pd.Series(dtype=_dtype(column)) for column in columns}),
        dataframe_name=table.name,
        index=table.index,
        time_index=table.time_index,
        logical_types={column.name: logical_type(column) for column in columns},
        semantic_tags={column.name: additional_tags(column) for column in columns},
        secondary_time_index={key: list(names) for key, names in table.secondary_time_index.items()} or None,
        already_sorted=True,
    )
    for column in columns:
        if column.interesting_values:
            metadata = entityset[table.name].ww.columns[column.name].metadata
            metadata["interesting_values"] = list(column.interesting_values)


def _dtype(column: Column) -> str:
    return (
        "object"
        if column.logical_type == "LatLong"
        else getattr(ww.logical_types, column.logical_type).primary_dtype
    )


def logical_type(column: Column) -> Any:
    """Return Woodwork's logical type of a column, an Ordinal with its order."""
    if column.logical_type == "Ordinal":
        return ww.logical_types.Ordinal(order=list(column.categories or ()))
    return getattr(ww.logical_types, column.logical_type)()


def additional_tags(column: Column) -> set[str]:
    """Return the tags that neither Woodwork nor Featuretools sets by itself."""
    return set(column.semantic_tags - _KEPT_BY_FEATURETOOLS - standard_tags(column.logical_type))


def read(entityset: featuretools.EntitySet) -> tuple[dict[str, Table], list[Relationship]]:
    """Return the tables, rows included and in their order, and the relationships of an EntitySet.

    Raises:
        SchemaError: column names that SQL cannot tell apart.
        DataError: datetimes finer than a microsecond.
    """
    tables = {frame.ww.name: _read_table(frame) for frame in entityset.dataframes}
    return tables, [read_relationship(link) for link in entityset.relationships]


def read_relationship(link: featuretools.Relationship) -> Relationship:
    """Return a relationship of Featuretools as plain data.

    Its parent_name and child_name are display names: they change where tables are related twice.
    """
    return Relationship(
        link.parent_dataframe.ww.name,
        link._parent_column_name,
        link.child_dataframe.ww.name,
        link._child_column_name,
    )


def _read_table(frame: pd.DataFrame) -> Table:
    schema = frame.ww.schema
    if schema.index is None:
        raise SchemaError("A dataframe needs an index", where=f"dataframe '{frame.ww.name}'")
    name = str(frame.ww.name)
    options = TableOptions(name, schema.index, schema.time_index)
    check_names(frame.columns, options)
    columns = tuple(_read_column(frame, name) for name in frame.columns)
    arrays = [
        canonical.from_series(frame[c.name], c.logical_type, f"{options.where}, column '{c.name}'")
        for c in columns
    ]
    rows = pa.table([*arrays, pa.array(range(len(frame)), pa.int64())], names=[*frame.columns, POSITION])
    secondary = schema.metadata.get("secondary_time_index") or {}
    return Table(
        name,
        ArrowSource(rows),
        columns,
        schema.index,
        schema.time_index,
        {key: tuple(names) for key, names in secondary.items()},
        (POSITION,),
        schema.metadata.get("last_time_index"),
        rows_by_time=_rows_by_time(frame, schema.time_index),
    )


def _rows_by_time(frame: pd.DataFrame, time_index: str | None) -> bool:
    """Tell whether the rows come in ascending time (null times, which are never visible, aside)."""
    return time_index is None or bool(frame[time_index].dropna().is_monotonic_increasing)


def _read_column(frame: pd.DataFrame, name: str) -> Column:
    schema = frame.ww.columns[name]
    values = schema.metadata.get("interesting_values")
    series = frame[name]
    return Column(
        name,
        type(schema.logical_type).__name__,
        frozenset(schema.semantic_tags),
        tuple(values) if values is not None else (),
        tuple(series.cat.categories) if isinstance(series.dtype, pd.CategoricalDtype) else None,
    )
