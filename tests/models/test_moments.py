"""Times as numbers: every part of them counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sparkfeat.models.splits.places import moment_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TIMES = [
    datetime(1970, 1, 1),
    datetime(1969, 12, 31, 23, 59, 59, 999_999),
    datetime(2024, 2, 29, 23, 59, 59, 123_456),
    datetime(2024, 7, 1, 1, 36, 0, 1),
]


@pytest.mark.parametrize("ansi", ["true", "false"])
def test_times_without_a_zone_are_counted_by_the_calendar(spark: SparkSession, ansi: str) -> None:
    before = spark.conf.get("spark.sql.ansi.enabled")
    spark.conf.set("spark.sql.ansi.enabled", ansi)
    try:
        table = spark.createDataFrame([(time,) for time in TIMES], "time timestamp_ntz")
        found = [row[0] for row in table.select(moment_of(table, "time")).collect()]
    finally:
        spark.conf.set("spark.sql.ansi.enabled", str(before))
    assert found == [(time - datetime(1970, 1, 1)) // timedelta(microseconds=1) for time in TIMES]
