"""A Spark session for a pipeline: the caller's, or one of its own that ends with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sparkfeat.engines.spark.s3 import session_settings
from sparkfeat.engines.spark.session import active_session, get_session, is_submitted, local_session
from sparkfeat.pipelines.progress import Stages

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@contextmanager
def running_spark(
    spark: SparkSession | None,
    settings: Mapping[str, str],
    stages: Stages,
    *,
    where: str,
    kms_key: str | None = None,
) -> Iterator[SparkSession]:
    """Give the block a session; one that had to be started for it is stopped at its end.

    Args:
        spark: the caller's session. None: the active one, that of spark-submit, else a local one.
        settings: of a local session; those of somebody else's are not changed, which is told.
        stages: where the start is shown.
        where: the key of the settings, for that message.
        kms_key: of what a local session writes to S3.
    """
    given = spark or active_session()
    if given is not None or is_submitted():
        if settings:
            stages.progress.tell(f"{where} is not applied: the session's configuration is its owner's")
        yield get_session(given)
        return
    with stages.stage("start Spark"):
        started = local_session(**(session_settings(kms_key) | dict(settings)))
    try:
        yield started
    finally:
        started.stop()
