"""Hadoop's settings and jars for S3A, and where pyspark lies."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from tests.support.parts.get import jars
from tests.support.s3 import S3Server

S3A_JARS = ("hadoop-aws", "aws-java-sdk-bundle", "spark-hadoop-cloud")
S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"

# EMR's Spark writes with the magic committer: files appear when a task commits them.
CLOUD = "org.apache.spark.internal.io.cloud"
MAGIC_COMMITTER = {
    "spark.hadoop.fs.s3a.committer.name": "magic",
    "spark.sql.sources.commitProtocolClass": f"{CLOUD}.PathOutputCommitProtocol",
    "spark.sql.parquet.output.committer.class": f"{CLOUD}.BindingParquetOutputCommitter",
}


def spark_home() -> Path:
    """Folder of pyspark: it holds bin/spark-submit and the jars."""
    from pyspark.find_spark_home import _find_spark_home

    from sparkfeat.engines.spark.java import ensure_java

    ensure_java()
    return Path(_find_spark_home())


def java_home() -> str:
    """Folder of the Java that runs Spark."""
    spark_home()
    program = shutil.which("java")
    return os.environ.get("JAVA_HOME") or str(Path(str(program)).resolve().parents[1])


def s3a_jars() -> list[str]:
    """The jars that pyspark lacks for s3a://."""
    return [str(jar) for jar in jars(*S3A_JARS)]


def s3a_settings(server: S3Server) -> dict[str, str]:
    """Hadoop's settings for the server; its keys come from the environment.

    On EMR, s3:// is S3A as well.
    """
    return {
        "fs.s3.impl": S3A,
        # Committers are chosen by scheme, and Hadoop itself knows only s3a.
        "mapreduce.outputcommitter.factory.scheme.s3": "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory",
        "fs.s3a.endpoint": server.endpoint,
        "fs.s3a.path.style.access": "true",
        "fs.s3a.connection.ssl.enabled": str(server.certificate is not None).lower(),
        # The default of the S3A on EMR. Without it S3A deletes markers that may not be there, which the
        # server refuses where the folder holds something; S3 itself does nothing then.
        "fs.s3a.directory.marker.retention": "keep",
        "fs.s3a.aws.credentials.provider": "com.amazonaws.auth.EnvironmentVariableCredentialsProvider",
    }


def write_hadoop_xml(file: Path, settings: Mapping[str, str]) -> None:
    """Write a file of Hadoop's settings."""
    lines = [
        f"<property><name>{escape(key)}</name><value>{escape(value)}</value></property>\n"
        for key, value in settings.items()
    ]
    file.write_text("<configuration>\n" + "".join(lines) + "</configuration>\n")
