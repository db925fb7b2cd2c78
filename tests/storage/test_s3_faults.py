"""What S3 refuses, and how it is told; what is asked again."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.awsrequest import AWSResponse

from sparkfeat.errors import ConfigError, EnvironmentProblem, ServiceError, SparkfeatError
from sparkfeat.storage.aws import problem_of_arrow
from sparkfeat.storage.s3 import forget, open_bucket
from sparkfeat.storage.store import open_store
from tests.storage.opening import open_run
from tests.storage.test_s3_store import KEY, refuse_unencrypted

SECRET = "not-to-be-shown"


@pytest.fixture(autouse=True)
def nothing_is_answered_for_others() -> Iterator[None]:
    """Take back the answers that a test registers with a connection."""
    yield
    forget()


class Body:
    """An answer's bytes, as botocore reads them."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: object) -> Any:
        yield self._content

    def read(self, *_: object) -> bytes:
        content, self._content = self._content, b""
        return content


def answering(code: str, status: int, message: str, times: int) -> list[str]:
    """Let S3 give an error in answer to the next requests; returns the names of those that were asked."""
    client, asked = open_bucket("example-data").client, list[str]()

    def answer(request: Any, event_name: str, **_: object) -> AWSResponse | None:
        asked.append(event_name.rpartition(".")[2])
        if len(asked) > times:
            return None
        content = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
        return AWSResponse(request.url, status, {"content-type": "application/xml"}, Body(content))

    client.meta.events.register("before-send.s3", answer)
    return asked


REFUSALS = [
    (
        "ExpiredToken",
        400,
        "The token has expired.",
        EnvironmentProblem,
        "have expired.*aws sso login",
    ),
    ("InvalidAccessKeyId", 403, "The key does not exist.", EnvironmentProblem, "does not accept the credent"),
    (
        "RequestTimeTooSkewed",
        403,
        "Too different.",
        EnvironmentProblem,
        "clock is wrong.*chrony",
    ),
    ("AccessDenied", 403, "Access Denied", EnvironmentProblem, r"No permission to .*docs/s3\.md"),
    (
        "AccessDenied",
        403,
        "not authorized: kms:Decrypt",
        EnvironmentProblem,
        "key may not be used",
    ),
    ("AccessDenied", 403, "with an explicit deny in a policy", EnvironmentProblem, "A policy forbids"),
    ("KMS.DisabledException", 400, "key is disabled", ConfigError, r"key cannot be used.*storage\.kms_key"),
    (
        "NoSuchBucket",
        404,
        "The bucket does not exist",
        ConfigError,
        "No such bucket.*aws s3 mb s3://example-data",
    ),
]


@pytest.mark.parametrize(("code", "status", "message", "kind", "told"), REFUSALS)
def test_refusals_are_told_before_any_work(
    bucket: Any, code: str, status: int, message: str, kind: type[SparkfeatError], told: str
) -> None:
    answering(code, status, message, times=100)

    with pytest.raises(kind, match=told) as caught:
        open_run("s3://example-data/out", "one", {})

    assert SECRET not in str(caught.value)


def test_no_credentials(bucket: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    with pytest.raises(EnvironmentProblem, match=r"No AWS credentials to look at .*aws sso login"):
        open_store("s3://example-data/t").facts("")


def test_a_bucket_that_is_not_there(bucket: Any) -> None:
    with pytest.raises(ConfigError, match=r"No such bucket.*aws s3 mb s3://example-nowhere"):
        open_store("s3://example-nowhere/t").is_empty()


def test_no_answer(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setattr("sparkfeat.storage.s3.ATTEMPTS", 1)

    with pytest.raises(ServiceError, match="AWS cannot be reached to list the folder"):
        open_store("s3://example-data/out").is_empty()


def test_writing_is_tried_before_the_work(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bucket takes nothing unencrypted."""
    refuse_unencrypted(monkeypatch)
    begun: list[str | None] = []
    refused = pytest.raises(EnvironmentProblem, match=r"A policy forbids to write.*storage\.kms_key")

    with refused, open_run("s3://example-data/out", "one", {}).writing():
        begun.append(None)
    with open_run("s3://example-data/out", "one", {}, kms_key=KEY).writing():
        begun.append(KEY)

    assert begun == [KEY]


def test_a_busy_s3_is_asked_again(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)
    asked = answering("SlowDown", 503, "Please reduce your request rate.", times=3)

    open_store("s3://example-data").put("a", b"1")

    assert asked == ["PutObject"] * 4


def test_s3_that_stays_busy_is_told_as_worth_a_retry(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.0)
    asked = answering("SlowDown", 503, "Please reduce your request rate.", times=100)

    with pytest.raises(ServiceError, match=r"AWS is too busy to write.*Try again in some minutes"):
        open_store("s3://example-data").put("a", b"1")

    assert len(asked) == 10


def test_arrow_asks_a_busy_s3_again(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from moto.s3.responses import S3Response

    with open_store("s3://example-data").writer("t.parquet") as sink:
        pq.write_table(pa.table({"id": [1, 2]}), sink)
    get, asked = S3Response.get_object, list[int]()

    def busy(*given: Any, **more: Any) -> Any:
        asked.append(1)
        if len(asked) <= 2:
            return 503, {"status": 503}, "<Error><Code>SlowDown</Code><Message>Slower</Message></Error>"
        return get(*given, **more)

    monkeypatch.setattr(S3Response, "get_object", busy)
    store = open_store("s3://example-data")

    assert pq.read_table(store.arrow_path("t.parquet"), filesystem=store.filesystem)["id"].to_pylist() == [
        1,
        2,
    ]
    assert len(asked) > 2


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        ("ACCESS_DENIED", EnvironmentProblem, r"No permission to read \(s3://b/k y\)"),
        ("EXPIRED_TOKEN", EnvironmentProblem, "have expired"),
        ("SLOW_DOWN", ServiceError, "too busy"),
        ("NO_SUCH_BUCKET", ConfigError, "No such bucket"),
        ("NETWORK_CONNECTION", ServiceError, "too busy"),
    ],
)
def test_what_arrow_says_is_told_alike(code: str, kind: type[SparkfeatError], told: str) -> None:
    what = "When reading information for key 'k y' in bucket 'b'"
    text = f"IO Error: {what}: AWS Error {code} during GetObject operation: x"

    found = problem_of_arrow(text, "read", "")

    assert isinstance(found, kind)
    with pytest.raises(kind, match=told):
        raise found


def test_other_errors_are_not_arrows() -> None:
    assert problem_of_arrow("No such file or directory", "read", "") is None


def test_secrets_are_nowhere_in_what_is_stored(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-" + SECRET)
    with open_run("s3://example-data/out", "one", {}).writing():
        found = bucket.list_objects_v2(Bucket="example-data")["Contents"]
        contents = [bucket.get_object(Bucket="example-data", Key=one["Key"])["Body"].read() for one in found]
    assert contents
    assert SECRET not in json.dumps([str(content) for content in contents])
    assert SECRET not in repr(open_bucket("example-data")) + repr(open_store("s3://example-data"))
