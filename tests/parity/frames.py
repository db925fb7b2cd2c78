"""The canonical rows of an EntitySet, as an engine gets them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

import sparkfeat as sf
from sparkfeat.entityset import ArrowSource

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def arrow_rows(entityset: sf.EntitySet) -> dict[str, pa.Table]:
    """Return the rows of every table, which are in memory."""
    sources = {name: table.source for name, table in entityset.tables.items()}
    return {name: source.table for name, source in sources.items() if isinstance(source, ArrowSource)}


def local_rows(entityset: sf.EntitySet) -> dict[str, pd.DataFrame]:
    """Return the rows as pandas frames; nullable integers keep their digits."""
    masked = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    return {name: rows.to_pandas(types_mapper=masked.get) for name, rows in arrow_rows(entityset).items()}


def spark_rows(spark: SparkSession, entityset: sf.EntitySet) -> dict[str, DataFrame]:
    """Return the rows as Spark DataFrames."""
    return {name: to_spark(spark, rows) for name, rows in arrow_rows(entityset).items()}


def to_spark(spark: SparkSession, rows: pa.Table) -> DataFrame:
    """Return an Arrow table as a DataFrame of the same types, its rows in another order."""
    from pyspark.sql.pandas.types import from_arrow_schema

    schema = from_arrow_schema(rows.schema, prefer_timestamp_ntz=True)
    values = [tuple(row.values()) for row in rows.to_pylist()]
    return spark.createDataFrame(random.Random(1).sample(values, len(values)), schema)
