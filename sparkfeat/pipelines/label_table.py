"""Labels of a table of their own, joined to the rows of a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkfeat.engines.spark.parquet import read_parquet
from sparkfeat.engines.spark.tables import refuse_nanoseconds
from sparkfeat.entityset.sources import parquet_source, spark_name
from sparkfeat.errors import SchemaError, did_you_mean
from sparkfeat.models.names import quoted
from sparkfeat.pipelines.train_config import DataConfig

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TIME = "time"
INSTANCE = "instance_id"


def joined_columns(data: DataConfig) -> list[str]:
    """Return the columns that come from the table of labels."""
    if data.labels is None:
        return []
    return [*([data.label] if data.label is not None else []), *data.labels.columns]


def check_label_table(data: DataConfig, index: str) -> None:
    """Check that the table is there, has the columns, and can be read by Spark; reads no row.

    Args:
        data: names the table, the label and the other columns.
        index: the matrix's column of instances; the table has it, or `instance_id`.

    Raises:
        MissingInputError: there is no such table.
        SchemaError: it lacks a column.
        UnsupportedError: it has timestamps in nanoseconds.
    """
    if data.labels is None:
        return
    source = parquet_source(data.labels.path)
    known = source.schema.names
    for name in (_index(known, index), *joined_columns(data)):
        check_known(name, known, data.labels.path)
    refuse_nanoseconds(source, data.labels.path)


def with_labels(
    table: DataFrame, data: DataConfig, index: str, time: str | None, spark: SparkSession
) -> DataFrame:
    """Join the label table; instances without a label keep a null, which training refuses or drops.

    Args:
        table: the rows of the matrix.
        data: names the table, the label and the other columns.
        index, time: the matrix's columns of instances and cutoff times; None where these are not there.
        spark: the session.

    Raises:
        SchemaError: an instance has several labels.
    """
    assert data.labels is not None
    labels = read_parquet(spark, [data.labels.path])
    keys = {index: _index(labels.columns, index)} | ({time: TIME} if time and TIME in labels.columns else {})
    taken = [quoted(name).alias(f"__{name}") for name in keys.values()]
    names = joined_columns(data)
    wanted = labels.select(*taken, *(quoted(name) for name in names))
    _check_unique(labels, list(keys.values()), data.labels.path)
    left = table.drop(*(name for name in names if name in table.columns))
    on = [left[spark_name(name)] == wanted[spark_name(f"__{other}")] for name, other in keys.items()]
    return left.join(wanted, on, how="left").drop(*(f"__{name}" for name in keys.values()))


def check_known(name: str, columns: Sequence[str], where: str) -> None:
    """Refuse a column that is not there."""
    if name not in columns:
        raise SchemaError(f"No column '{name}'", where=where, hint=did_you_mean(name, columns))


def _index(columns: Sequence[str], index: str) -> str:
    return INSTANCE if INSTANCE in columns else index


def _check_unique(labels: DataFrame, keys: list[str], path: str) -> None:
    doubled = labels.groupBy(*(quoted(name) for name in keys)).count().where("count > 1")
    if found := doubled.limit(1).collect():
        raise SchemaError(
            "An instance has several labels",
            where=path,
            why=", ".join(f"{name} = {found[0][name]}" for name in keys),
            hint="Keep one row for each instance and cutoff time; with several times both the table and the "
            f"matrix need the column `{TIME}`",
        )
