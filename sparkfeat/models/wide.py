"""Expressions over many columns, which Spark's generated code is not made for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column


def in_one_array(columns: Sequence[Column]) -> Column:
    """Return one array of columns of doubles: Spark hands it to Python in less time than the columns."""
    from pyspark.sql.functions import array

    return outside_whole_stage(array(*columns), columns[0])


def outside_whole_stage(column: Column, any_value: Column) -> Column:
    """Return the column, computed by code that Spark splits into small methods.

    Spark writes a whole stage as one method, which HotSpot interprets beyond 8,000 bytecodes: some hundred
    features are. One function that Spark does not generate code for takes the step out of the stage. It
    stands beside the column, not around it, since Spark interprets all that is inside such a function.

    Args:
        column: what is computed.
        any_value: a column that is cheap to read and no constant.
    """
    from pyspark.sql import functions as F  # noqa: N812 - its usual name

    listed = F.filter(F.array(any_value), lambda _: F.lit(True))
    return F.when(F.size(listed) >= 0, column)
