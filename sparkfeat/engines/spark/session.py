"""The Spark session that a computation runs in."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from sparkfeat.configuration import spark_settings
from sparkfeat.engines.spark.java import ensure_java
from sparkfeat.engines.spark.s3 import session_settings
from sparkfeat.errors import EnvironmentProblem

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL_CONF = spark_settings("base", "local")
"""Settings of a session that `local_session` starts; their reasons stand in conf/. ANSI mode stays as the
Spark version has it.
"""


def get_session(spark: SparkSession | None = None) -> SparkSession:
    """Return the session to compute in; its configuration is never changed.

    Args:
        spark: the caller's session. None (default): the active session if there is one (Spark
            Connect's too), else the one that `spark-submit` or SPARK_REMOTE asks for, else a new
            local session.

    Raises:
        EnvironmentProblem: a local session is needed, and pyspark or a fitting Java is missing.
    """
    session = spark or active_session()
    if session is not None:
        return session
    return _submitted_session() if is_submitted() else local_session()


def active_session() -> SparkSession | None:
    """Return the session of this process, or None; does not import pyspark where nobody else did."""
    if "pyspark" not in sys.modules:
        return None
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    try:
        return SparkSession.active()
    except PySparkRuntimeError:  # its way to say that there is none
        return None


def is_submitted() -> bool:
    """Whether the process was started to talk to a given Spark: by spark-submit or with SPARK_REMOTE."""
    return "PYSPARK_GATEWAY_PORT" in os.environ or "SPARK_REMOTE" in os.environ


def local_session(app_name: str = "sparkfeat", **conf: str) -> SparkSession:
    """Start Spark in this process, or return the session that runs in it already.

    Args:
        app_name: name shown in Spark's logs.
        conf: settings added to LOCAL_CONF and those for S3, or replacing them,
            e.g. `**{"spark.driver.memory": "8g"}`.

    Raises:
        EnvironmentProblem: pyspark or a fitting Java is missing, Spark does not start, or `conf` is
            given while a session runs.
    """
    running = active_session()
    if running is None:
        return _start_local(app_name, LOCAL_CONF | session_settings() | conf)
    if conf:
        raise EnvironmentProblem(
            "A Spark session runs in this process already",
            why="Its configuration is not changed, so " + ", ".join(sorted(conf)) + " cannot be set",
            hint="Leave the settings out, or stop the session first",
        )
    return running


def _start_local(app_name: str, conf: dict[str, str]) -> SparkSession:
    ensure_java()
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    # Workers start as "python3" from PATH otherwise, which need not be this environment.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName(app_name)
    for key, value in conf.items():
        builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except PySparkException as error:
        raise EnvironmentProblem(
            "Spark does not start",
            why=str(error),
            hint="Java's own message is on standard error; check the Spark settings it names",
        ) from error


def _submitted_session() -> SparkSession:
    from pyspark.sql import SparkSession

    return SparkSession.builder.getOrCreate()
