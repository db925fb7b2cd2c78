"""The Spark session of a contender's process, set up alike for features by hand and by sparkfeat."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sparkfeat.engines.spark.session import local_session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DRIVER_MEMORY = "6g"
ON_SPARK = ("spark", "partitioned")


@cache
def session() -> SparkSession:
    """Return the local session, started on the first call."""
    return local_session("benchmarks", **{"spark.driver.memory": DRIVER_MEMORY})


def session_for(engine: str) -> SparkSession | None:
    """Return the session for an engine of sparkfeat, or None for one that needs none."""
    return session() if engine in ON_SPARK else None
