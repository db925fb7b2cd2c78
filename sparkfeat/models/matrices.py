"""Matrices of numpy between Spark's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Matrix = NDArray[np.float64]
"""Doubles, (rows, columns) where nothing else is said."""


def stacked(values: pd.Series) -> Matrix:
    """Return the lists of a column, all of one length, as (rows, columns)."""
    return np.array([*values], dtype=float)
