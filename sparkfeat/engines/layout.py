"""The matrix's columns: their names, types and order, and rows of values made into what users get."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
from woodwork.logical_types import (
    Age,
    AgeNullable,
    Boolean,
    BooleanNullable,
    Double,
    Integer,
    IntegerNullable,
)

from sparkfeat.definitions.calls import categories_of
from sparkfeat.engines.computation import Computation
from sparkfeat.entityset.canonical import to_series
from sparkfeat.entityset.twin import logical_type
from sparkfeat.entityset.types import CATEGORY_TYPES
from sparkfeat.plan.nodes import CUTOFF_TIME, INSTANCE

_NULLABLE = {Age: AgeNullable, Boolean: BooleanNullable, Integer: IntegerNullable}


@dataclass(frozen=True)
class OutputColumn:
    """One column of the matrix.

    `alias` is what engines call it, `logical_type` Woodwork's type, `origin` Woodwork's word for whether
    it was there before ("base") or was made ("engineered"). `categories` is the category list of a pandas
    column, where it is known.
    """

    name: str
    alias: str
    logical_type: Any
    semantic_tags: frozenset[str]
    origin: str
    categories: tuple[Hashable, ...] | None = None

    @property
    def type_name(self) -> str | None:
        """Name of the logical type; None where the values decide."""
        return type(self.logical_type).__name__ if self.logical_type is not None else None


@dataclass(frozen=True)
class Layout:
    """The columns of a matrix in order, and what its index is called and typed.

    `ids_given`: instances were named beside one time for all; text in the index then is plain objects.
    """

    index: str
    index_type: str
    ids_given: bool
    columns: tuple[OutputColumn, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)


def layout_of(computation: Computation) -> Layout:
    """Return the layout of a computation's matrix: features as given, then pass-through columns.

    A pass-through column takes the place of a feature of its name, as in Featuretools.
    """
    passed = [
        OutputColumn(column.name, f"p{n}", logical_type(column), column.semantic_tags, "base")
        for n, column in enumerate(computation.cutoffs.pass_through)
    ]
    taken = {column.name for column in passed}
    features = [column for column in _features(computation) if column.name not in taken]
    target = computation.target
    index_type = target.column(target.index).logical_type
    ids_given = computation.cutoffs.source is not None and computation.cutoffs.time is not None
    return Layout(target.index, index_type, ids_given, (*features, *passed))


def _features(computation: Computation) -> list[OutputColumn]:
    native = {name: n for n, name in enumerate(computation.native_names)}
    found: list[OutputColumn] = []
    for asked in computation.asked:
        made = any(base.primitive is not None for base in asked.original.get_dependencies(deep=True))
        for n, name in enumerate(asked.names):
            alias = f"f{native[name]}" if name in native else f"t{len(found)}_{n}"
            kind, tags = _typed(asked.original.column_schema)
            categories = categories_of(asked.feature, computation.entityset)
            found.append(OutputColumn(name, alias, kind, tags, "engineered" if made else "base", categories))
    return found


def _typed(schema: Any) -> tuple[Any, frozenset[str]]:
    """Return the type and tags Featuretools gives a column: numbers of no type are doubles."""
    kind = schema.logical_type
    if kind is None and "numeric" in schema.semantic_tags:
        kind = Double()
    return kind, frozenset(schema.semantic_tags - {"index", "time_index"})


def renamed(rows: pa.Table, layout: Layout, *, time: bool) -> pa.Table:
    """Return the matrix as Arrow: the index column, `time` if asked for, then the columns by name."""
    names = [layout.index, *([CUTOFF_TIME] if time else []), *layout.names]
    aliases = [INSTANCE, *([CUTOFF_TIME] if time else []), *(column.alias for column in layout.columns)]
    return pa.table([rows.column(alias) for alias in aliases], names=names)


def to_frame(rows: pa.Table, layout: Layout, *, time: bool) -> pd.DataFrame:
    """Return the matrix as Featuretools gives it: index, dtypes, and Woodwork types initialised."""
    data = {n: _values(rows, column) for n, column in enumerate(layout.columns)}
    frame = pd.DataFrame(data, copy=False)
    frame.columns = pd.Index(layout.names)
    frame.index = _index(rows, layout, time=time)
    frame.ww.init(
        logical_types={
            column.name: _fitting(frame[column.name], column.logical_type) for column in layout.columns
        },
        semantic_tags={column.name: set(column.semantic_tags) for column in layout.columns},
        column_origins={column.name: column.origin for column in layout.columns},
    )
    return frame


def _values(rows: pa.Table, column: OutputColumn) -> pd.Series:
    values = to_series(rows.column(column.alias), column.type_name)
    if column.categories is None or column.type_name not in CATEGORY_TYPES:
        return values
    dtype = pd.CategoricalDtype(pd.Index(list(column.categories)), ordered=column.type_name == "Ordinal")
    return values.astype(dtype)


def _fitting(values: pd.Series, kind: Any) -> Any:
    """Return the nullable form of a type where there are nulls."""
    nullable = _NULLABLE.get(type(kind))
    return nullable() if nullable is not None and values.isna().any() else kind


def _index(rows: pa.Table, layout: Layout, *, time: bool) -> pd.Index[Any]:
    ids: Any = to_series(rows.column(INSTANCE), layout.index_type)
    if layout.index_type in CATEGORY_TYPES:
        ids = ids.astype("category")
    elif layout.ids_given and ids.dtype == "string":
        ids = ids.astype("object")
    if not time:
        index: pd.Index[Any] = pd.Index(ids, name=layout.index)
        return index
    times = rows.column(CUTOFF_TIME)
    kind = "Datetime" if pa.types.is_timestamp(times.type) else "Double"
    return pd.MultiIndex.from_arrays([ids, to_series(times, kind)], names=[layout.index, CUTOFF_TIME])
