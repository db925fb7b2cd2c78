"""S3 as a Spark session reaches it: through the Hadoop file system that it has for it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sparkfeat.entityset.sources import hadoop_path
from sparkfeat.errors import EnvironmentProblem, SparkfeatError
from sparkfeat.storage.aws import problem_of_code
from sparkfeat.storage.locations import is_s3, local_path, s3_path
from sparkfeat.storage.s3 import default_kms_key
from sparkfeat.storage.s3_store import S3Store
from sparkfeat.storage.store import Store

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PROBE = "probe"
"""Folder that is written and deleted again before a computation."""

_S3_CLASS = "spark.hadoop.fs.s3.impl"
_NO_S3A = ("S3AFileSystem not found", 'No FileSystem for scheme "s3')
_CODE = re.compile(r"Error Code: ([A-Z]\w+)")
_SIGNS = {
    "NoAuthWithAWSException": "credentials",
    "NoAwsCredentialsException": "credentials",
    "UnknownStoreException": "NoSuchBucket",
    "AccessDeniedException": "AccessDenied",
    "Status Code: 403": "AccessDenied",
}
"""What stands in Hadoop's messages without a code of S3's, and the code that it means."""


def session_settings(kms_key: str | None = None) -> dict[str, str]:
    """Return S3A's settings for the server, region and key that the environment names; often none.

    Args:
        kms_key: the key for what Spark writes. Default: that of the environment.
    """
    key = kms_key or default_kms_key()
    settings = {"encryption.algorithm": "SSE-KMS", "encryption.key": key} if key else {}
    if region := os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"):
        settings["endpoint.region"] = region
    if url := os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"):
        settings["endpoint"] = url
        settings["path.style.access"] = "true"
        settings["connection.ssl.enabled"] = str(urlsplit(url).scheme == "https").lower()
    return {f"spark.hadoop.fs.s3a.{name}": value for name, value in settings.items()}


def spark_path(spark: SparkSession, path: str) -> str:
    """Return a local path or an S3 URI as the session's Hadoop reads it.

    Args:
        spark: the session; on EMR it knows `s3://`, elsewhere `s3a://` unless its configuration says more.
        path: a local path, `file://` or `s3://` URI.
    """
    if not is_s3(path):
        return hadoop_path(local_path(path, "read with Spark from"))
    scheme = "s3" if _knows_s3(spark) else "s3a"
    return f"{scheme}://{s3_path(path).arrow}"


def _knows_s3(spark: SparkSession) -> bool:
    return "amzn" in spark.version or spark.conf.get(_S3_CLASS, None) is not None


def check_writable(spark: SparkSession, folder: Store) -> None:
    """Have Spark write one row to a folder on S3 and look at it, so that no long work is done in vain.

    Raises:
        EnvironmentProblem: Spark has no S3A or no permission, or encrypts with another key.
    """
    if not isinstance(folder, S3Store):
        return
    with s3a_problems("write with Spark", folder.root):
        spark.range(1).coalesce(1).write.mode("overwrite").parquet(spark_path(spark, folder.path(PROBE)))
    written = [name for name in folder.files(PROBE) if name.endswith(".parquet")]
    keys = [facts.kms_key for name in written if (facts := folder.facts(name)) is not None]
    folder.delete_folder(PROBE)
    if not keys:
        raise EnvironmentProblem(
            "Spark writes to another S3 than this process",
            where=folder.root,
            why="What it wrote is not there",
            hint="Give both the same endpoint: AWS_ENDPOINT_URL_S3 and spark.hadoop.fs.s3a.endpoint",
        )
    _check_key(folder, keys[0])


def _check_key(folder: S3Store, found: str | None) -> None:
    wanted = folder.kms_key
    # S3 names the key itself; which one an alias stands for is known to KMS alone.
    if wanted is None or (found is not None and ("alias/" in wanted or found.endswith(wanted))):
        return
    raise EnvironmentProblem(
        "Spark does not encrypt with the configured key",
        where=folder.root,
        why=f"It takes {found or 'none'}, and {wanted} is wanted",
        hint="Start the session with spark.hadoop.fs.s3a.encryption.algorithm=SSE-KMS and "
        f"spark.hadoop.fs.s3a.encryption.key={wanted}",
    )


@contextmanager
def s3a_problems(doing: str, where: str) -> Iterator[None]:
    """Raise what Hadoop's client of S3 says inside the block as a SparkfeatError; the rest goes on as it is.

    Raises:
        EnvironmentProblem: no S3A, no credentials, no permission.
        ConfigError: no such bucket.
    """
    try:
        yield
    except SparkfeatError:
        raise
    except Exception as error:
        found = _problem(str(error), doing, where)
        if found is None:
            raise
        raise found from error


def _problem(text: str, doing: str, where: str) -> SparkfeatError | None:
    why = next((line.strip(" :") for line in text.splitlines() if "s3" in line.lower()), "")
    if any(words in text for words in _NO_S3A):
        return EnvironmentProblem(
            "This Spark cannot reach S3",
            where=where,
            why="It has no S3A: that is in Hadoop's package hadoop-aws",
            hint="Start it with spark.jars.packages=org.apache.hadoop:hadoop-aws:VERSION, the version of its "
            "own Hadoop (3.3.4 for Spark 3.5), or use engine duckdb",
        )
    told = _CODE.search(text)
    code = told[1] if told else next((code for sign, code in _SIGNS.items() if sign in text), None)
    if code == "credentials":
        return EnvironmentProblem(
            f"No AWS credentials to {doing}",
            where=where,
            why=why,
            hint="S3A takes AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or an instance's role; of a profile "
            'eval "$(aws configure export-credentials --format env)"',
        )
    return None if code is None else problem_of_code(code, why, doing, where)
