"""What a Spark session's tasks may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparkfeat.engines.memory import Machine, physical_memory, size_in_bytes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SHARE_OF_MACHINE = 0.5
_OVERHEAD_SHARE = 0.1
_LEAST_OVERHEAD = 384 * 2**20


def machine_of(spark: SparkSession) -> Machine:
    """Return the tasks that run at once, and the memory of all of them; their disks are not seen."""
    tasks = slots(spark)
    return Machine(tasks, "task", tasks * memory_of_task(spark, tasks), None)


def slots(spark: SparkSession) -> int:
    """Return how many tasks run at once: what Spark cuts a range of numbers into."""
    numbers = spark.range(100_000).selectExpr("spark_partition_id() AS task")
    return int(numbers.selectExpr("max(task) + 1").collect()[0][0])


def memory_of_task(spark: SparkSession, tasks: int) -> int:
    """Return the bytes that a task may use outside the JVM.

    On a cluster: what executors have for Python, or else their overhead, by their cores. In one process: half
    of the machine, by the tasks that run at once.
    """
    if _setting(spark, "spark.master", "local").startswith("local"):
        return int(physical_memory() * _SHARE_OF_MACHINE / tasks)
    cores = int(_setting(spark, "spark.executor.cores", "1"))
    given = _setting(spark, "spark.executor.pyspark.memory", "")
    given = given or _setting(spark, "spark.executor.memoryOverhead", "")
    if given:
        return _bytes(given) // cores
    share = float(_setting(spark, "spark.executor.memoryOverheadFactor", str(_OVERHEAD_SHARE)))
    executor = _bytes(_setting(spark, "spark.executor.memory", "1g"))
    return int(max(executor * share, _LEAST_OVERHEAD)) // cores


def _setting(spark: SparkSession, key: str, default: str) -> str:
    return str(spark.conf.get(key, default))


def _bytes(text: str) -> int:
    """Read a size of memory as Spark does: a number of mebibytes where there is no unit."""
    return size_in_bytes(f"{text}m" if text.strip().isdigit() else text)
