"""Columns by their names, whatever letters those have: features have dots, brackets and commas in theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkfeat.entityset.sources import spark_name

if TYPE_CHECKING:
    from pyspark.sql import Column

__all__ = ["quoted", "spark_name"]


def quoted(name: str) -> Column:
    """Return the column of that very name, of whichever table it is asked for."""
    from pyspark.sql import functions

    return functions.col(spark_name(name))
