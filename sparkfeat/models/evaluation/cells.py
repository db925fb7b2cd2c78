"""Sums over rows, kept apart by a hash of the row's key so that they can be drawn again.

Rows go to 10,000 cells by their key. A cell is a random group of rows: drawing cells with Poisson weights
gives intervals of anything that sums make, without the rows. Up to some thousands of rows a cell is a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sparkfeat.models.evaluation.points import Floats
from sparkfeat.models.evaluation.results import MOST_POINTS

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def summed(rows: DataFrame, key: Sequence[str], sums: Mapping[str, Column]) -> dict[str, Floats]:
    """Return sums by cell, as arrays of one length; `rows` is the number of rows.

    Args:
        rows: the rows.
        key: columns that tell rows apart, by which they go to cells.
        sums: name -> the column to sum up.
    """
    from pyspark.sql import functions as fn

    cell = fn.pmod(fn.xxhash64(*(fn.col(name) for name in key)), fn.lit(MOST_POINTS))
    added = [fn.sum(column).alias(name) for name, column in sums.items()]
    found = (
        rows.groupBy(cell.alias("cell")).agg(fn.count("*").alias("rows"), *added).orderBy("cell").collect()
    )
    return {name: np.array([row[name] for row in found], dtype=float) for name in ("rows", *sums)}
