"""S3 as a Spark session reaches it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sparkfeat.engines.spark.s3 import check_writable, s3a_problems, session_settings, spark_path
from sparkfeat.errors import ConfigError, EnvironmentProblem, SparkfeatError
from sparkfeat.storage.s3 import KMS_KEY
from sparkfeat.storage.store import open_store
from tests.storage.test_s3_store import KEY


def session(version: str = "3.5.6", **conf: str) -> Any:
    """Return what is asked of a session."""
    return SimpleNamespace(version=version, conf=conf)


@pytest.mark.parametrize(
    ("spark", "uri"),
    [
        (session(), "s3a://example-data/a b"),
        (session("3.5.6-amzn-2"), "s3://example-data/a b"),
        (session("4.0.2-amzn-0"), "s3://example-data/a b"),
        (session(**{"spark.hadoop.fs.s3.impl": "S3A"}), "s3://example-data/a b"),
    ],
)
def test_the_scheme_is_one_that_the_session_knows(spark: Any, uri: str) -> None:
    assert spark_path(spark, "s3a://example-data/a b/") == uri
    assert spark_path(spark, "/data/a b%20") == "file:///data/a b%20"


def test_a_session_is_told_server_region_and_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION", KMS_KEY):
        monkeypatch.delenv(name, raising=False)
    assert session_settings() == {}

    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv(KMS_KEY, "another")

    assert session_settings(KEY) == {
        "spark.hadoop.fs.s3a.encryption.algorithm": "SSE-KMS",
        "spark.hadoop.fs.s3a.encryption.key": KEY,
        "spark.hadoop.fs.s3a.endpoint.region": "eu-west-1",
        "spark.hadoop.fs.s3a.endpoint": "http://127.0.0.1:9000",
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
    }
    assert session_settings()["spark.hadoop.fs.s3a.encryption.key"] == "another"


# What Spark 3.5 with hadoop-aws 3.3.4, and Spark 4.0 with 3.4.1, say.
SAID = [
    (
        "ClassNotFoundException: Class org.apache.hadoop.fs.s3a.S3AFileSystem not found",
        EnvironmentProblem,
        "This Spark cannot reach S3.*hadoop-aws",
    ),
    ('UnsupportedFileSystemException: No FileSystem for scheme "s3"', EnvironmentProblem, "cannot reach S3"),
    (
        "AccessDeniedException: AmazonS3Exception: Forbidden (Status Code: 403; Error Code: 403 Forbidden)",
        EnvironmentProblem,
        "No permission to write with Spark",
    ),
    (
        "AmazonS3Exception: The key (Service: Amazon S3; Status Code: 403; Error Code: InvalidAccessKeyId)",
        EnvironmentProblem,
        "does not accept the credentials",
    ),
    (
        "AmazonS3Exception: gone (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket; ID: x)",
        ConfigError,
        "No such bucket",
    ),
    ("UnknownStoreException: `s3a://b/': Bucket does not exist", ConfigError, "No such bucket"),
    (
        "NoAuthWithAWSException: No AWS Credentials provided by TemporaryAWSCredentialsProvider",
        EnvironmentProblem,
        "No AWS credentials to write with Spark.*aws configure export-credentials",
    ),
]


@pytest.mark.parametrize(("text", "kind", "told"), SAID)
def test_what_hadoop_says_is_told_alike(text: str, kind: type[SparkfeatError], told: str) -> None:
    with pytest.raises(kind, match=told) as caught, s3a_problems("write with Spark", "s3://b/k"):
        raise RuntimeError(f"An error occurred while calling o1.parquet.\n: {text}\n\tat java.base/x")

    assert caught.value.where == "s3://b/k"


def test_other_errors_of_spark_go_on() -> None:
    with pytest.raises(RuntimeError, match="out of memory"), s3a_problems("write", "s3://b/k"):
        raise RuntimeError("out of memory")


class Writer:
    """A session that writes its one row by boto3, encrypted as it is told, or nowhere."""

    version = "3.5.6"

    def __init__(self, bucket: Any, key: str | None, *, there: bool = True) -> None:
        self.conf: dict[str, str] = {}
        self._bucket, self._key, self._there = bucket, key, there
        self.write = self

    def range(self, _: int) -> Writer:
        return self

    def coalesce(self, _: int) -> Writer:
        return self

    def mode(self, _: str) -> Writer:
        return self

    def parquet(self, uri: str) -> None:
        key = uri.removeprefix("s3a://example-data/") + "/part-0.parquet"
        encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self._key} if self._key else {}
        if self._there:
            self._bucket.put_object(Bucket="example-data", Key=key, Body=b"1", **encrypted)


@pytest.mark.parametrize(("wanted", "taken"), [(None, None), (KEY, KEY), ("alias/x", KEY), (None, KEY)])
def test_what_spark_writes_is_looked_at_and_deleted(
    bucket: Any, wanted: str | None, taken: str | None
) -> None:
    store = open_store("s3://example-data/out", wanted)

    spark: Any = Writer(bucket, taken)

    check_writable(spark, store)

    assert store.is_empty()


@pytest.mark.parametrize("taken", [None, KEY.replace("1234abcd", "ffffffff")])
def test_another_key_is_told(bucket: Any, taken: str | None) -> None:
    with pytest.raises(
        EnvironmentProblem, match=r"does not encrypt with the configured key.*encryption\.key="
    ):
        check_writable(Writer(bucket, taken), open_store("s3://example-data/out", KEY))  # type: ignore[arg-type]


def test_another_server_is_told(bucket: Any) -> None:
    spark: Any = Writer(bucket, None, there=False)

    with pytest.raises(EnvironmentProblem, match="Spark writes to another S3"):
        check_writable(spark, open_store("s3://example-data/out"))
