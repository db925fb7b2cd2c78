"""Values given to other rows at random, in Spark, without one machine seeing them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkfeat.models.names import quoted

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

BLOCK = 1_000
"""About so many rows exchange their values; which rows they are is random."""


def shuffled(table: DataFrame, column: str, key: Sequence[str], seed: int) -> DataFrame:
    """Return `table` with the values of one column dealt out again among its rows.

    Every value is used once. Rows go to blocks by a hash of their key, and each block shuffles its values:
    the same for the same rows and seed, however they are partitioned.

    Args:
        table: the rows.
        column: whose values.
        key: columns that tell rows apart.
        seed: another one deals them out differently.
    """
    from pyspark.sql import functions as fn

    keys = [quoted(name) for name in key]
    blocks = max(1, table.count() // BLOCK)
    block = fn.pmod(fn.xxhash64(fn.lit(seed), *keys), fn.lit(blocks)).alias("__block")
    taking = table.select("*", block).withColumn("__place", _place(keys, seed + 1))
    giving = table.select(quoted(column).alias("__value"), block, *keys)
    giving = giving.withColumn("__place", _place(keys, seed + 2)).select("__value", "__block", "__place")
    dealt = taking.join(giving, ["__block", "__place"]).withColumn(column, fn.col("__value"))
    return dealt.select(*(quoted(name) for name in table.columns))


def _place(keys: Sequence[Column], seed: int) -> Column:
    """Return a row's place in its block, by a hash of its key."""
    from pyspark.sql import Window
    from pyspark.sql import functions as fn

    return fn.row_number().over(
        Window.partitionBy("__block").orderBy(fn.xxhash64(fn.lit(seed), *keys), *keys)
    )
