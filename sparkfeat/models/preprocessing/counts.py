"""The most frequent values of many columns in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812 - its usual name


@dataclass(frozen=True)
class Counted:
    """A value, as text, and in how many rows it is."""

    value: str
    count: int


def most_frequent(df: DataFrame, columns: Mapping[str, Column], limit: int) -> dict[str, list[Counted]]:
    """Return the most frequent values of each column as texts, the smallest first of equally frequent ones.

    Rows are counted where they are and only counts are moved. Nulls do not count; numbers are compared as
    numbers, written so that they read back as the same double.

    Args:
        df: the table.
        columns: name -> column, of texts or doubles.
        limit: at most so many values of each column.
    """
    if not columns:
        return {}
    stacked = df.select(F.explode(F.array(*_items(columns))).alias("item")).select("item.*")
    counted = stacked.where("text is not null").groupBy("place", "text").count()
    order = Window.partitionBy("place").orderBy(F.desc("count"), F.expr("try_cast(text as double)"), "text")
    best = counted.withColumn("rank", F.row_number().over(order)).where(F.col("rank") <= limit)
    names = list(columns)
    found: dict[str, list[Counted]] = {name: [] for name in columns}
    for row in sorted(best.collect(), key=lambda row: row["rank"]):
        found[names[row["place"]]].append(Counted(row["text"], row["count"]))
    return found


def _items(columns: Mapping[str, Column]) -> list[Column]:
    """Return a place and a text for each column."""
    return [
        F.struct(F.lit(place).alias("place"), column.cast("string").alias("text"))
        for place, column in enumerate(columns.values())
    ]
