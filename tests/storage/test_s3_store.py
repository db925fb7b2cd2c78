"""A folder on S3, against a server in this process."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import pytest

from sparkfeat.errors import ConfigError, EnvironmentProblem, MissingInputError
from sparkfeat.storage import upload
from sparkfeat.storage.base import Conflict
from sparkfeat.storage.locations import is_s3, s3_path
from sparkfeat.storage.s3 import KMS_KEY, open_bucket
from sparkfeat.storage.store import open_store

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FOLDER = "s3://example-data/a folder/ü"


def encryption(client: Any, key: str) -> tuple[str | None, str | None]:
    """Return how an object is encrypted, and with which key."""
    head = client.head_object(Bucket="example-data", Key=key)
    return head.get("ServerSideEncryption"), head.get("SSEKMSKeyId")


def keys(client: Any) -> list[str]:
    """Return the keys of all objects."""
    return [one["Key"] for one in client.list_objects_v2(Bucket="example-data").get("Contents", ())]


def uploads(client: Any) -> list[str]:
    """Return the keys of uploads that have not ended."""
    return [one["Key"] for one in client.list_multipart_uploads(Bucket="example-data").get("Uploads", ())]


@pytest.mark.parametrize(
    "uri", ["s3://example-data/a/b", "s3a://example-data/a/b/", "s3a://example-data//a/b"]
)
def test_one_place_has_one_uri(uri: str) -> None:
    assert is_s3(uri)
    assert s3_path(uri).uri == "s3://example-data/a/b"


@pytest.mark.parametrize("uri", ["s3://", "s3:///a", "s3://Bucket/a", "s3://ab/a", "s3://under_score/a"])
def test_impossible_buckets_are_told(uri: str) -> None:
    with pytest.raises(ConfigError, match=r"bucket.*Write s3://bucket/folder"):
        open_store(uri)


def test_markers_of_folders_are_no_files(bucket: Any) -> None:
    store = open_store("s3://example-data/out")
    for key in ("out/", "out/runs/"):
        bucket.put_object(Bucket="example-data", Key=key, Body=b"")

    assert store.is_empty()
    assert store.files() == {}
    store.put("runs/a.txt", b"a")
    assert not store.is_empty()
    assert store.files() == {"runs/a.txt": 1}
    store.delete_folder("runs")
    assert keys(bucket) == ["out/"]


def test_files_are_written_read_and_listed(bucket: Any) -> None:
    store = open_store(FOLDER)

    store.put("a.txt", b"long content")
    store.put("a.txt", b"short")
    store.put("below/b#1%20.txt", b"b")

    assert store.read("a.txt") == b"short"
    assert store.files() == {"a.txt": 5, "below/b#1%20.txt": 1}
    assert store.folders("") == ["below"]
    assert (store.size("a.txt"), store.size("gone")) == (5, None)
    assert (store.is_file("below"), store.is_folder("below"), store.is_folder("bel")) == (False, True, False)
    assert store.sha256("a.txt") == hashlib.sha256(b"short").hexdigest()
    assert store.relative("s3a://example-data/a folder/ü/below/b.txt") == "below/b.txt"
    with store.filesystem.open_input_file(store.arrow_path("below/b#1%20.txt")) as file:
        assert file.read() == b"b"


def test_missing_objects_are_told(bucket: Any) -> None:
    with pytest.raises(MissingInputError, match=r"No such object on S3 \(s3://example-data/a.*/gone\)"):
        open_store(FOLDER).read("gone")
    assert open_store(FOLDER).is_empty()
    assert open_store("s3://example-data").content("") is None


@pytest.mark.parametrize("environment", [False, True])
def test_every_object_is_encrypted_with_the_key(
    bucket: Any, monkeypatch: pytest.MonkeyPatch, environment: bool
) -> None:
    if environment:
        monkeypatch.setenv(KMS_KEY, KEY)
    store = open_store("s3://example-data", None if environment else KEY)
    monkeypatch.setattr(upload, "PART_BYTES", 5 << 20)

    store.put("small", b"1")
    store.put_if("new", b"1", None)
    with store.writer("large") as sink:
        sink.write(bytes(6 << 20))

    assert [encryption(bucket, name) for name in keys(bucket)] == [("aws:kms", KEY)] * 3


def test_a_large_file_is_sent_in_parts_as_it_is_written(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "PART_BYTES", 5 << 20)
    chunks = [secrets.token_bytes(1_700_000) for _ in range(10)]
    store = open_store("s3://example-data")

    with store.writer("large") as sink:
        for chunk in chunks:
            sink.write(chunk)
        assert keys(bucket) == []

    assert store.read("large") == b"".join(chunks)
    assert sink.sha256 == store.sha256("large")
    facts = store.facts("large")
    assert facts is not None
    assert (facts.bytes, str(facts.etag)[-3:]) == (17_000_000, '-4"')  # of four parts


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("size", [10, 12 << 20])
def test_a_writer_that_fails_leaves_nothing(
    bucket: Any, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException], size: int
) -> None:
    monkeypatch.setattr(upload, "PART_BYTES", 5 << 20)

    with pytest.raises(failure), open_store("s3://example-data").writer("large") as sink:
        sink.write(bytes(size))
        raise failure

    assert (keys(bucket), uploads(bucket)) == ([], [])


def test_an_upload_that_is_refused_stops_the_writer(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "PART_BYTES", 5 << 20)
    refuse_unencrypted(monkeypatch)

    with (
        pytest.raises(EnvironmentProblem, match=r"storage\.kms_key"),
        open_store("s3://example-data").writer("x") as sink,
    ):
        for _ in range(100):
            sink.write(bytes(1 << 20))

    assert (keys(bucket), uploads(bucket)) == ([], [])


def refuse_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all buckets refuse what is not encrypted with a key of KMS, as a bucket's policy does."""
    from moto.s3.responses import S3Response

    for name in ("put_object", "upload_part"):
        answer = getattr(S3Response, name)

        def checked(response: S3Response, answer: Any = answer) -> Any:
            if response.headers.get("x-amz-server-side-encryption") == "aws:kms":
                return answer(response)
            why = "User is not authorized to perform: s3:PutObject with an explicit deny in a bucket's policy"
            content = f"<Error><Code>AccessDenied</Code><Message>{why}</Message></Error>"
            return 403, {"status": 403}, content

        monkeypatch.setattr(S3Response, name, checked)


def test_a_file_is_replaced_only_in_the_state_it_was_seen(bucket: Any) -> None:
    store = open_store("s3://example-data")
    store.put_if("manifest", b"one", None)
    with pytest.raises(Conflict):
        store.put_if("manifest", b"two", None)
    seen = store.content("manifest")
    assert seen is not None
    store.put_if("manifest", b"two", seen.version)
    with pytest.raises(Conflict):
        store.put_if("manifest", b"three", seen.version)

    assert store.read("manifest") == b"two"


def test_an_answer_that_was_lost_is_no_conflict(bucket: Any) -> None:
    """The request was repeated, and the condition met what the first one had written."""
    store = open_store("s3://example-data")
    store.put("manifest", b"ours")

    store.put_if("manifest", b"ours", None)


def test_a_folder_is_deleted_with_unfinished_uploads(bucket: Any) -> None:
    store = open_store("s3://example-data/out")
    for name in ("runs/one/a", "runs/one/below/b", "runs/one-more/a"):
        store.put(name, b"1")
    for key in ("out/runs/one/data/part-0", "out/runs/one-more/part-0"):
        bucket.create_multipart_upload(Bucket="example-data", Key=key)

    store.delete_folder("runs/one")

    assert keys(bucket) == ["out/runs/one-more/a"]
    assert uploads(bucket) == ["out/runs/one-more/part-0"]


def test_connections_are_made_once_and_follow_the_environment(
    bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_bucket("example-data")
    assert open_bucket("example-data") is first

    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    assert open_bucket("example-data").region == "eu-west-1"
    assert first.endpoint == bucket.meta.endpoint_url
