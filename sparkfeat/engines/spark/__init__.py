"""The Spark engine: the plan's SQL as native Spark."""

from sparkfeat.engines.spark.runner import SparkRunner
from sparkfeat.engines.spark.session import get_session, local_session

__all__ = ["SparkRunner", "get_session", "local_session"]
