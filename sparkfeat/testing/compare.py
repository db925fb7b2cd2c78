"""When two feature matrices count as equal. This is the one place that says so.

Compared are: column names and their order; the index (names, values, order, dtype of every level); the dtype
of every column; every value. In particular

* null equals null, NaN equals NaN, infinities equal themselves; -0.0 equals 0.0;
* floats may differ by RELATIVE of their size, or by the column's floor (see `Floors`) where cancellation
  leaves little of the inputs;
* a category column must be one on both sides, ordered on both or on neither. Ordered ones must have the same
  categories. Of unordered ones the values are compared, not the unused categories: which of these are listed
  depends, in Featuretools, on what else was computed in the same call.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from sparkfeat.definitions import Feature, IdentityFeature, walk
from sparkfeat.entityset import ArrowSource, EntitySet, ParquetSource, Table
from sparkfeat.entityset.sources import SparkSource, spark_name
from sparkfeat.entityset.types import DOUBLE_TYPES, INTEGER_TYPES

RELATIVE = 1e-9
CANCELLATION = 1e-12
SHOWN_ROWS = 3

Series: TypeAlias = "pd.Series[Any]"
Floors = Mapping[str, float]
"""Column -> absolute difference that is no difference: CANCELLATION times the largest input of the column.

A sum or a third moment of values around 1e6 that comes out as 1e-9 carries no digit that means anything: the
order of additions decides them. The floor is far below any difference that a wrong rule makes.
"""


def floors(entityset: EntitySet, features: Sequence[Feature]) -> dict[str, float]:
    """Return the floor of every column: from the largest finite number in the columns it is made of."""
    found = {}
    for feature in features:
        sources = [part for part in walk(feature) if isinstance(part, IdentityFeature)]
        largest = max((_largest(entityset[part.table], part.column) for part in sources), default=0.0)
        found.update(dict.fromkeys(feature.names, CANCELLATION * largest))
    return found


def _largest(table: Table, name: str) -> float:
    if table.column(name).logical_type not in INTEGER_TYPES | DOUBLE_TYPES:
        return 0.0
    values = np.asarray(_stored(table, name).cast(pa.float64(), safe=False).to_numpy())
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max(initial=0.0))


def _stored(table: Table, name: str) -> pa.ChunkedArray:
    match table.source:
        case ArrowSource(table=rows):
            return rows.column(name)
        case ParquetSource(dataset=dataset):
            return dataset.to_table(columns=[name]).column(name)
        case SparkSource(frame=frame):
            rows = frame.select(spark_name(name)).collect()
            return pa.chunked_array([pa.array([row[0] for row in rows])])
    raise AssertionError(table.source)


def differences(expected: pd.DataFrame, actual: pd.DataFrame, floor: Floors) -> dict[str, str]:
    """Return what differs, by column; under "" what concerns the whole matrix. Empty: the two are equal."""
    found = _shape(expected, actual)
    if found:
        return {"": "\n".join(found)}
    columns = {}
    for position, name in enumerate(expected.columns):
        told = column_difference(expected.iloc[:, position], actual.iloc[:, position], floor.get(name, 0.0))
        if told:
            columns[str(name)] = told
    return columns


def _shape(expected: pd.DataFrame, actual: pd.DataFrame) -> list[str]:
    found = []
    if list(expected.columns) != list(actual.columns):
        found.append(f"columns: expected {list(expected.columns)}\n         got      {list(actual.columns)}")
    if list(expected.index.names) != list(actual.index.names):
        found.append(f"index names: expected {expected.index.names}, got {actual.index.names}")
    elif _level_types(expected) != _level_types(actual):
        found.append(f"index dtypes: expected {_level_types(expected)}, got {_level_types(actual)}")
    elif not _same_labels(list(expected.index), list(actual.index)):
        found.append(f"rows: expected {list(expected.index)[:10]}, got {list(actual.index)[:10]}")
    return found


def _level_types(frame: pd.DataFrame) -> list[str]:
    return [_type_name(frame.index.get_level_values(level)) for level in range(frame.index.nlevels)]


def _same_labels(expected: list[Any], actual: list[Any]) -> bool:
    return len(expected) == len(actual) and all(map(_same_label, expected, actual))


def _same_label(expected: Any, actual: Any) -> bool:
    if isinstance(expected, tuple):
        return isinstance(actual, tuple) and all(map(_same_label, expected, actual))
    return (_is_null(expected) and _is_null(actual)) or bool(expected == actual)


def column_difference(expected: Series, actual: Series, floor: float = 0.0) -> str:
    """Return how two columns differ: their types, or the first rows with both values. Empty: not at all."""
    if _type_name(expected) != _type_name(actual):
        return f"dtype: expected {_type_name(expected)}, got {_type_name(actual)}"
    equal = _equality(floor)
    pairs = zip(expected.index, expected, actual, strict=True)
    rows = [(label, left, right) for label, left, right in pairs if not equal(left, right)]
    shown = [f"row {label}: expected {left!r}, got {right!r}" for label, left, right in rows[:SHOWN_ROWS]]
    rest = [f"({len(rows)} of {len(expected)} rows differ)"] if len(rows) > SHOWN_ROWS else []
    return "\n".join([*shown, *rest])


def _type_name(values: Series | pd.Index[Any]) -> str:
    """Return the dtype as compared: of a category whether it is ordered and, if so, its categories."""
    if not isinstance(values.dtype, pd.CategoricalDtype):
        return str(values.dtype)
    return f"ordered category {list(values.dtype.categories)}" if values.dtype.ordered else "category"


def _equality(floor: float) -> Callable[[Any, Any], bool]:
    def equal(left: Any, right: Any) -> bool:
        if _is_null(left) or _is_null(right):
            return _is_null(left) and _is_null(right)
        if isinstance(left, tuple) and isinstance(right, tuple):
            return len(left) == len(right) and all(map(equal, left, right))
        if isinstance(left, float) and isinstance(right, float):
            return math.isclose(left, right, rel_tol=RELATIVE, abs_tol=floor)
        return bool(left == right)

    return equal


def _is_null(value: Any) -> bool:
    return bool(pd.isna(value)) if pd.api.types.is_scalar(value) else False


def is_vacuous(matrix: pd.DataFrame) -> bool:
    """Whether comparing with `matrix` proves nothing: it has no rows, or nothing but nulls."""
    return matrix.empty or bool(matrix.isna().to_numpy().all())
