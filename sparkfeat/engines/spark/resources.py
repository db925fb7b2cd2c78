"""What a Spark session may use, by its own configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkfeat.engines.memory import Machine, size_in_bytes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_RESERVED = 300 << 20
"""Bytes that Spark leaves out of every JVM's share for data."""


def machine_of(spark: SparkSession) -> Machine:
    """Return the shuffle's partitions, and the memory for data of all executors; their disks are not seen."""
    local = (spark.conf.get("spark.master", "") or "").startswith("local")
    heap = spark.conf.get("spark.driver.memory" if local else "spark.executor.memory", "1g")
    executors = 1 if local else int(spark.conf.get("spark.executor.instances", "1") or 1)
    fraction = float(spark.conf.get("spark.memory.fraction", "0.6") or 0.6)
    limit = executors * max(size_in_bytes(heap or "1g") - _RESERVED, 0) * fraction
    partitions = int(spark.conf.get("spark.sql.shuffle.partitions", "200") or 200)
    return Machine(partitions, "partition", round(limit), None)
