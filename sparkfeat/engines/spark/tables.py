"""A table's rows as a Spark DataFrame of canonical values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
from sqlglot import exp

from sparkfeat.engines.spark.parquet import read_parquet
from sparkfeat.entityset import ArrowSource, Column, ParquetSource, SparkSource, Table
from sparkfeat.entityset.sources import Source
from sparkfeat.entityset.types import (
    BOOLEAN_TYPES,
    CATEGORY_TYPES,
    DOUBLE_TYPES,
    INTEGER_TYPES,
    LATLONG,
    MICROSECONDS,
)
from sparkfeat.errors import UnsupportedError
from sparkfeat.sql.expressions import column, named
from sparkfeat.sql.zones import wall_clock

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

_EPOCH = "TIMESTAMP_NTZ '1970-01-01 00:00:00'"


def canonical_frame(spark: SparkSession, table: Table) -> DataFrame:
    """Return a table's columns, and its row position where it has one, as canonical values.

    Raises:
        UnsupportedError: Parquet timestamps in nanoseconds, which Spark does not read.
    """
    source = table.source
    if isinstance(source, ArrowSource):
        return frame_of(spark, source.table)
    frame = _stored(spark, source, table)
    texts = [_canonical(one, frame, _stored_type(source, one)) for one in table.columns]
    chosen: DataFrame = frame.selectExpr(*texts)
    return chosen


def _stored(spark: SparkSession, source: Source, table: Table) -> DataFrame:
    if isinstance(source, SparkSource):
        return source.frame
    assert isinstance(source, ParquetSource)
    refuse_nanoseconds(source, f"dataframe '{table.name}'", ", or use engine='duckdb'")
    partitioned = len(source.files) > 1 and "=" in source.files[0]
    return read_parquet(spark, source.files, root=source.root if partitioned else None)


def refuse_nanoseconds(source: ParquetSource, where: str, instead: str = "") -> None:
    """Refuse Parquet files that Spark cannot read.

    Args:
        source: the files; their schema is looked at, no row is read.
        where: whose files they are.
        instead: what else may be done, for the hint.

    Raises:
        UnsupportedError: a column holds timestamps in nanoseconds.
    """
    for field in source.schema:
        if (
            pa.types.is_timestamp(field.type)
            and field.type.unit == "ns"
            and _stored_as_nanos(source, field.name)
        ):
            raise UnsupportedError(
                "Spark does not read Parquet timestamps in nanoseconds",
                where=f"{where}, column '{field.name}'",
                hint=f"Write microseconds: df.to_parquet(..., coerce_timestamps='us'){instead}",
            )


def _stored_as_nanos(source: ParquetSource, name: str) -> bool:
    fragment = source.fragments[0]
    return name in fragment.physical_schema.names and fragment.physical_schema.field(name).type.unit == "ns"


def _stored_type(source: Source, one: Column) -> pa.DataType | None:
    """Return what Parquet says of a column and Spark does not; None for a DataFrame's column."""
    return source.schema.field(one.name).type if isinstance(source, ParquetSource) else None


def _canonical(one: Column, frame: DataFrame, kept: pa.DataType | None) -> str:
    """Return the SQL text of a stored column as a canonical value under its name."""
    stored = frame.schema[one.name].dataType.typeName()
    value: exp.Expr = column(one.name)
    if one.logical_type == "Datetime":
        return _as(_wall_clock(value, stored, kept), one.name)
    if one.logical_type == "LatLong":
        return _as(_place(value.sql("spark"), listed=stored == "array"), one.name)
    if one.logical_type == "Timedelta":
        return _as(_span(value.sql("spark"), kept), one.name)
    wanted = _sql_type(one, stored)
    if wanted is not None:
        value = exp.Cast(this=value, to=exp.DataType.build(wanted, dialect="spark"))
    if wanted == "DOUBLE":
        nan = exp.Cast(this=exp.Literal.string("NaN"), to=exp.DataType.build("DOUBLE"))
        value = exp.Nullif(this=value, expression=nan)
    return named(value, one.name).sql("spark")


def _as(text: str, name: str) -> str:
    return f"{text} AS {exp.to_identifier(name, quoted=True).sql('spark')}"


def _wall_clock(value: exp.Expr, stored: str, kept: pa.DataType | None) -> str:
    """Return a time without a zone: Parquet's in the zone it is kept with, a DataFrame's in the session's."""
    if stored != "timestamp" or kept is None:
        return f"CAST({value.sql('spark')} AS TIMESTAMP_NTZ)"
    micros = wall_clock(exp.Anonymous(this="unix_micros", expressions=[value]), kept.tz or "UTC")
    return f"{_EPOCH} + INTERVAL '0.000001' SECOND * ({micros.sql('spark')})"


def _place(name: str, *, listed: bool) -> str:
    """Return a place as a struct: a missing one is a pair of nulls, as Woodwork makes it."""
    parts = [f"get({name}, 0)", f"get({name}, 1)"] if listed else [f"{name}.{part}" for part in LATLONG.names]
    latitude, longitude = (f"nanvl(CAST({part} AS DOUBLE), NULL)" for part in parts)
    return f"named_struct('latitude', {latitude}, 'longitude', {longitude})"


def _span(name: str, kept: pa.DataType | None) -> str:
    """Return a span in microseconds: Parquet keeps a number of its unit, a DataFrame an interval."""
    if kept is None:
        return f"timestampdiff(MICROSECOND, {_EPOCH}, {_EPOCH} + {name})"
    if kept.unit == "ns":
        return f"CAST({name} AS BIGINT) DIV 1000"
    return f"CAST({name} AS BIGINT) * {MICROSECONDS[kept.unit]}"


def _sql_type(one: Column, stored: str) -> str | None:
    """Return the type to cast to; None for values that stay as they are."""
    logical_type = one.logical_type
    if logical_type in INTEGER_TYPES:
        return "BIGINT"
    if logical_type in DOUBLE_TYPES:
        return "DOUBLE"
    if logical_type in BOOLEAN_TYPES:
        return "BOOLEAN"
    if logical_type not in CATEGORY_TYPES:
        return "STRING"
    return {
        "integer": "BIGINT",
        "short": "BIGINT",
        "byte": "BIGINT",
        "float": "DOUBLE",
        "decimal": "DOUBLE",
    }.get(stored)


def frame_of(spark: SparkSession, rows: pa.Table) -> DataFrame:
    """Return Arrow rows of canonical values as a DataFrame.

    Pairs of coordinates travel as two columns: pandas has no struct type that Spark takes.
    """
    flat, texts = _flattened(rows)
    making: Any = spark
    # The schema is given: Spark would take times without a zone for instants.
    given = flat if _takes_arrow() else _nullable_pandas(flat)
    frame = making.createDataFrame(given, schema=_spark_schema(flat.schema))
    chosen: DataFrame = frame.selectExpr(*texts)
    return chosen


def _takes_arrow() -> bool:
    from pyspark import __version__

    return int(__version__.split(".")[0]) >= 4


def _flattened(rows: pa.Table) -> tuple[pa.Table, list[str]]:
    columns: dict[str, pa.ChunkedArray] = {}
    texts = []
    for position, field in enumerate(rows.schema):
        name = exp.to_identifier(field.name, quoted=True).sql("spark")
        values = rows.column(position).combine_chunks()
        if not pa.types.is_struct(field.type):
            columns[f"c{position}"] = values
            texts.append(f"c{position} AS {name}")
            continue
        for part in ("latitude", "longitude"):
            columns[f"c{position}_{part}"] = values.field(part)
        columns[f"c{position}_known"] = values.is_valid()
        pair = f"named_struct('latitude', c{position}_latitude, 'longitude', c{position}_longitude)"
        texts.append(f"CASE WHEN c{position}_known THEN {pair} END AS {name}")
    return pa.table(columns), texts


def _nullable_pandas(rows: pa.Table) -> pd.DataFrame:
    mapper = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype(), pa.string(): pd.StringDtype()}
    frame: pd.DataFrame = rows.to_pandas(types_mapper=mapper.get)
    return frame


def _spark_schema(schema: pa.Schema) -> StructType:
    from pyspark.sql import types

    kinds: dict[pa.DataType, Any] = {
        pa.int64(): types.LongType(),
        pa.float64(): types.DoubleType(),
        pa.bool_(): types.BooleanType(),
        pa.timestamp("us"): types.TimestampNTZType(),
        pa.string(): types.StringType(),
    }
    return types.StructType([types.StructField(field.name, kinds[field.type]) for field in schema])
