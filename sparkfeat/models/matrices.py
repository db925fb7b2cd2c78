"""Matrices of numpy between Spark's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Matrix = NDArray[np.float64]
"""Doubles, (rows, columns) where nothing else is said."""


def stacked(values: pd.Series) -> Matrix:
    """Return the lists of a column, all of one length, as (rows, columns)."""
    return np.array([*values], dtype=float)


def transposed(batch: pa.RecordBatch) -> Matrix:
    """Return a batch of one column of arrays, all of one length, as (elements, rows); null is NaN."""
    flat = batch.column(0).flatten().to_numpy(zero_copy_only=False)
    return np.array(flat.reshape(batch.num_rows, -1).T, order="C")
