"""What a Spark session's tasks may use."""

from __future__ import annotations

from typing import Any, cast

import pytest

from sparkfeat.engines.partitioned.resources import memory_of_task

GB = 2**30
CLUSTER = {"spark.master": "yarn", "spark.executor.cores": "4", "spark.executor.memory": "10g"}


class Session:
    """A session that knows its settings only."""

    def __init__(self, **settings: str) -> None:
        self.conf = settings


SETTINGS: dict[str, tuple[dict[str, str], float]] = {
    "a tenth of the executor": ({}, 10 * GB * 0.1 / 4),
    "a share": ({"spark.executor.memoryOverheadFactor": "0.4"}, 10 * GB * 0.4 / 4),
    "overhead": ({"spark.executor.memoryOverhead": "6g"}, 6 * GB / 4),
    "overhead in mebibytes": ({"spark.executor.memoryOverhead": "2048"}, 2 * GB / 4),
    "memory of Python": (
        {"spark.executor.pyspark.memory": "8g", "spark.executor.memoryOverhead": "1g"},
        8 * GB / 4,
    ),
    "at least what Spark leaves": ({"spark.executor.memory": "1g"}, 384 * 2**20 / 4),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_memory_on_a_cluster(case: str) -> None:
    given, expected = SETTINGS[case]

    found = memory_of_task(cast(Any, Session(**{**CLUSTER, **given})), 2)

    assert found == int(expected)


def test_in_one_process_tasks_share_half_of_the_machine() -> None:
    one, two = (memory_of_task(cast(Any, Session(**{"spark.master": "local[2]"})), n) for n in (1, 2))

    assert one == pytest.approx(2 * two, abs=2)
