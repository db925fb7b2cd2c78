"""Parquet files as Spark reads and writes them, on local disks and on S3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkfeat.engines.files import Written
from sparkfeat.engines.spark.s3 import s3a_problems, spark_path
from sparkfeat.storage.store import Store

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def read_parquet(spark: SparkSession, files: Sequence[str], *, root: str | None = None) -> DataFrame:
    """Return the rows of files or folders.

    Args:
        spark: the session.
        files: local paths, `file://` or `s3://` URIs.
        root: the folder below which names of folders are columns' values. Default: they are none.

    Raises:
        EnvironmentProblem: Spark has no S3A, no credentials or no permission.
        ConfigError: no such bucket.
    """
    reader = spark.read
    if root is not None:
        reader = reader.option("basePath", spark_path(spark, root))
    with s3a_problems("read with Spark", root or files[0]):
        return reader.parquet(*(spark_path(spark, file) for file in files))


def write_parquet(frame: DataFrame, folder: Store) -> list[Written]:
    """Write a DataFrame into a folder that has no Parquet files, and return those that it has then.

    Raises:
        EnvironmentProblem: Spark has no S3A, no credentials or no permission.
    """
    with s3a_problems("write with Spark", folder.root):
        frame.write.mode("append").parquet(spark_path(frame.sparkSession, folder.root))
    return [Written(name) for name in folder.files() if name.endswith(".parquet") and "/" not in name]
