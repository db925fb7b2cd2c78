"""Paths and URIs as the file systems of a Spark session know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkfeat.entityset.sources import hadoop_path
from sparkfeat.storage.locations import is_s3, local_path, s3_path

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_S3_CLASS = "spark.hadoop.fs.s3.impl"


def spark_path(spark: SparkSession, path: str) -> str:
    """Return a local path or an S3 URI as the session's Hadoop reads it.

    Args:
        spark: the session; on EMR it knows `s3://`, elsewhere `s3a://` unless its configuration says more.
        path: a local path, `file://` or `s3://` URI.
    """
    if not is_s3(path):
        return hadoop_path(local_path(path, "read with Spark from"))
    scheme = "s3" if _knows_s3(spark) else "s3a"
    return f"{scheme}://{s3_path(path).arrow}"


def _knows_s3(spark: SparkSession) -> bool:
    return "amzn" in spark.version or spark.conf.get(_S3_CLASS, None) is not None
