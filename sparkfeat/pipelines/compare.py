"""Compares two feature matrices column by column, without holding more than one column of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

TOLERANCE = 1e-9
SMALLEST = 1e-3  # nearer to 0 a difference counts relative to this: sums that cancel out leave noise


@dataclass(frozen=True)
class Agreement:
    """How far two matrices are apart; infinitely where one has a value and the other another or none."""

    rows: int
    columns: int
    largest: float
    largest_in: str
    differing: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether no column differs by more than the tolerance."""
        return not self.differing


def compare(left: Any, right: Any, key: str | Sequence[str], tolerance: float = TOLERANCE) -> Agreement:
    """Compare two matrices in Parquet, rows matched by a key, columns by name.

    Args:
        left: the first matrix: a pyarrow Dataset or Table, or the path of its folder or file.
        right: the second matrix.
        key: a column whose values are unique, or several that are so together.
        tolerance: the largest relative difference of two numbers that counts as none.
    """
    keys = [key] if isinstance(key, str) else list(key)
    first, second = _Sorted(left, keys), _Sorted(right, keys)
    names = sorted({*first.names, *second.names})
    apart = {name: _difference(first.column(name), second.column(name)) for name in names}
    worst = max(apart, key=lambda name: apart[name])
    differing = tuple(name for name in names if not apart[name] <= tolerance)
    return Agreement(len(first.order), len(names), apart[worst], worst, differing)


class _Sorted:
    """A matrix whose columns are read one at a time, in the order of the key."""

    def __init__(self, matrix: Any, keys: list[str]) -> None:
        self._data = ds.dataset(matrix, format="parquet") if isinstance(matrix, Path | str) else matrix
        if isinstance(matrix, pa.Table):
            self._data = ds.dataset(matrix)
        self.names = self._data.schema.names
        ascending = [(name, "ascending") for name in keys]
        self.order = pc.sort_indices(self._data.to_table(columns=keys), sort_keys=ascending)

    def column(self, name: str) -> pa.ChunkedArray | None:
        """Return a column, or None where the matrix has none of the name."""
        if name not in self.names:
            return None
        return self._data.to_table(columns=[name])[name].take(self.order)


def _difference(left: pa.ChunkedArray | None, right: pa.ChunkedArray | None) -> float:
    """Return the largest relative difference of two columns."""
    if left is None or right is None or len(left) != len(right):
        return float("inf")
    if _is_number(left.type) and _is_number(right.type):
        return _relative(_floats(left), _floats(right))
    return 0.0 if _strings(left).equals(_strings(right)) else float("inf")


def _relative(left: npt.NDArray[np.float64], right: npt.NDArray[np.float64]) -> float:
    """Null and NaN are one missing value; they equal each other and nothing else."""
    if not np.array_equal(np.isnan(left), np.isnan(right)):
        return float("inf")
    different = ~((left == right) | np.isnan(left))
    if not different.any():
        return 0.0
    left, right = left[different], right[different]
    scale = np.maximum(np.maximum(np.abs(left), np.abs(right)), SMALLEST)
    return float(np.max(np.abs(left - right) / scale))


def _is_number(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return any(test(kind) for test in (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean))


def _floats(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    values: Any = _plain(column).cast(pa.int8()) if pa.types.is_boolean(column.type) else _plain(column)
    return np.asarray(pc.fill_null(values.cast(pa.float64(), safe=False), float("nan")).to_numpy())


def _strings(column: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = _plain(column)
    if pa.types.is_timestamp(plain.type):
        plain = plain.cast(pa.timestamp("us"))
    return plain if pa.types.is_nested(plain.type) else plain.cast(pa.string())


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    return column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column
