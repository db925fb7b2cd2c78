"""How the memory of instances is divided among executors, their JVMs and their Python workers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sparkfeat.emr.config import EngineKind
from sparkfeat.emr.instances import InstanceType
from sparkfeat.errors import ConfigError

DRIVER_HEAP_MIB = 4096
"""The driver plans, and collects no rows; 2 GB, EMR's default, is little for plans of thousands of
features.
"""

_LEAST_OVERHEAD_MIB = 384
_DRIVER_OVERHEAD_SHARE = 0.1
_LEAST_HEAP_MIB = 1024

# The heap's share of a container. The rest is for what is outside the JVM: one Python worker for each task
# that runs. Where Spark computes, only its own buffers are outside, and 1/1.1875 is EMR's own division;
# DuckDB and pandas compute outside, and the heap holds what is read and shuffled.
_HEAP_SHARE: dict[EngineKind, float] = {"spark": 1 / 1.1875, "partitioned": 0.45, "featuretools": 0.45}


@dataclass(frozen=True)
class Sizing:
    """Executors of one cluster; all memory in MiB.

    `executors` are those that fit the cluster as it starts, the driver's share taken off; `most_executors`
    those that fit when it has grown as far as it may.
    """

    cores: int
    heap_mib: int
    overhead_mib: int
    driver_heap_mib: int
    executors: int
    most_executors: int

    @property
    def container_mib(self) -> int:
        """Memory of an executor's container."""
        return self.heap_mib + self.overhead_mib

    @property
    def task_mib(self) -> int:
        """Memory outside the JVM for each task: DuckDB's limit, or one group's rows and their copies."""
        return self.overhead_mib // self.cores

    def spark_settings(self) -> dict[str, str]:
        """Return what Spark is told; where the cluster may grow, it asks for executors as it needs them."""
        sizes = {
            "spark.executor.cores": str(self.cores),
            "spark.executor.memory": f"{self.heap_mib}m",
            "spark.executor.memoryOverhead": f"{self.overhead_mib}m",
            "spark.driver.memory": f"{self.driver_heap_mib}m",
        }
        if self.most_executors > self.executors:
            return sizes | {
                "spark.dynamicAllocation.enabled": "true",
                "spark.dynamicAllocation.initialExecutors": str(self.executors),
                "spark.dynamicAllocation.maxExecutors": str(self.most_executors),
            }
        return sizes | {
            "spark.dynamicAllocation.enabled": "false",
            "spark.executor.instances": str(self.executors),
        }


def size_cluster(
    core: Sequence[InstanceType],
    task: Sequence[InstanceType],
    *,
    core_vcpus: int,
    most_vcpus: int,
    cores: int,
    engine: EngineKind,
) -> Sizing:
    """Divide the instances into executors that fit on each of them.

    Args:
        core: types of the core fleet; the driver runs on one of them.
        task: types of the task fleet, if there is one.
        core_vcpus: cores of the core fleet as it starts.
        most_vcpus: cores of both fleets when they have grown.
        cores: tasks that an executor is to run at once.
        engine: which engine computes.

    Raises:
        ConfigError: an executor of this size does not fit on the smallest type.
    """
    cores = min([cores, *(found.vcpus for found in (*core, *task))])
    driver = _with_overhead(DRIVER_HEAP_MIB)
    # With one executor on each node, the driver fits beside it only where its memory was kept free.
    alone = any(found.vcpus // cores == 1 for found in core)
    container = min(_container(found, cores, driver if alone else 0) for found in (*core, *task))
    heap = int(container * _HEAP_SHARE[engine])
    if heap < _LEAST_HEAP_MIB:
        raise _too_small(min((*core, *task), key=lambda found: found.memory_mib), container)
    lost = 0 if alone else math.ceil(driver / container)
    return Sizing(
        cores=cores,
        heap_mib=heap,
        overhead_mib=container - heap,
        driver_heap_mib=DRIVER_HEAP_MIB,
        executors=max(1, core_vcpus // cores - lost),
        most_executors=max(1, most_vcpus // cores - lost),
    )


def size_workers(*, cores: int, memory_gib: int, most_vcpus: int, engine: EngineKind) -> Sizing:
    """Divide the workers of EMR Serverless: a worker is an executor, and its memory is both parts'.

    Args:
        cores: of each worker.
        memory_gib: of each worker; with 4 cores EMR Serverless has 8 to 30 GiB.
        most_vcpus: of all workers, the driver's included.
        engine: which engine computes.

    Raises:
        ConfigError: EMR Serverless has no such worker.
    """
    least, most = 2 * cores, min(8 * cores, 120) - (2 if cores < 8 else 0)
    if not least <= memory_gib <= most:
        raise ConfigError(
            f"No worker has {cores} cores and {memory_gib} GiB",
            where="serverless.worker_memory_gib",
            hint=f"With {cores} cores it may have {least} to {most} GiB",
        )
    container = memory_gib * 1024
    heap = int(container * _HEAP_SHARE[engine])
    executors = max(1, most_vcpus // cores - 1)
    return Sizing(cores, heap, container - heap, DRIVER_HEAP_MIB, min(2, executors), executors)


def _container(found: InstanceType, cores: int, driver: int) -> int:
    return (found.yarn_mib - driver) // (found.vcpus // cores)


def _with_overhead(heap: int) -> int:
    return heap + max(int(heap * _DRIVER_OVERHEAD_SHARE), _LEAST_OVERHEAD_MIB)


def _too_small(found: InstanceType, container: int) -> ConfigError:
    return ConfigError(
        f"{found.name} is too small for an executor",
        where="cluster.core.types",
        why=f"{max(container, 0):,} MiB are left for it beside the driver",
        hint="Take a larger size, a family with more memory for a core, or fewer executor_cores",
    )
