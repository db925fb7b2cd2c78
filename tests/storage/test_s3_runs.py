"""Runs published to S3: one manifest, one winner, nothing left behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkfeat.errors import OutputExistsError, StorageError
from sparkfeat.storage.manifest import OutputFile, read_manifest
from sparkfeat.storage.marks import Mark
from sparkfeat.storage.read import read_matrix
from sparkfeat.storage.runs import Run
from tests.storage.matrices import files_below, manifest_of
from tests.storage.opening import open_run
from tests.storage.test_s3_store import KEY, encryption, keys, uploads

OUT = "s3://example-data/out"


def written(run: Run) -> list[OutputFile]:
    """Write two files of the run's matrix."""
    return [_part(run, number, ids) for number, ids in enumerate(([3, 1], [2]))]


def _part(run: Run, number: int, ids: list[int]) -> OutputFile:
    name = f"part-{number}.parquet"
    with run.data_store().writer(name) as sink:
        pq.write_table(pa.table({"id": ids}), sink)
    facts = run.store.facts(f"{run.data}/{name}")
    assert facts is not None
    return OutputFile(
        path=f"{run.data}/{name}", rows=len(ids), bytes=facts.bytes, sha256=sink.sha256, etag=facts.etag
    )


def begun(output: str | Path, run_id: str, *, overwrite: bool = False) -> Run:
    return open_run(output, run_id, {}, overwrite=overwrite, kms_key=KEY if str(output) == OUT else None)


def publish(output: str | Path, run_id: str, *, overwrite: bool = False) -> Run:
    run = begun(output, run_id, overwrite=overwrite)
    with run.writing():
        run.publish(manifest_of(run, written(run), {}))
    return run


@pytest.fixture(params=["local", "s3"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place to publish to, on disk and on S3."""
    if request.param == "local":
        return str(tmp_path / "out")
    request.getfixturevalue("bucket")
    return OUT


def test_all_of_a_run_is_encrypted_and_read_by_its_manifest(bucket: Any) -> None:
    run = publish(OUT, "one")

    assert sorted(keys(bucket)) == [
        "out/manifest.json",
        f"out/runs/one/data-{run.token}/part-0.parquet",
        f"out/runs/one/data-{run.token}/part-1.parquet",
        "out/runs/one/features.json",
        "out/runs/one/manifest.json",
        "out/runs/one/started.json",
    ]
    assert {encryption(bucket, key) for key in keys(bucket)} == {("aws:kms", KEY)}
    assert read_matrix("s3a://example-data/out", verify=True).to_table()["id"].to_pylist() == [3, 1, 2]


def test_a_reader_lists_nothing(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(OUT, "one")
    from moto.s3.responses import S3Response

    def listed(*_: object) -> None:
        raise AssertionError("S3 was asked for a listing")

    monkeypatch.setattr(S3Response, "list_objects_v2", listed)

    assert read_matrix(OUT).count_rows() == 3


def test_of_two_runs_at_once_one_is_published(output: str) -> None:
    first, second = begun(output, "one"), begun(output, "two")
    with first.writing(), second.writing():
        first.publish(manifest_of(first, written(first), {}))
        with pytest.raises(
            OutputExistsError, match=r"published meanwhile.*Readers see run 'one'.*run id 'two'"
        ):
            second.publish(manifest_of(second, written(second), {}))

    assert read_manifest(output).run_id == "one"


def test_of_two_runs_that_replace_a_third_one_is_published_and_the_other_may_follow(output: str) -> None:
    publish(output, "zero")
    first, second = begun(output, "one", overwrite=True), begun(output, "two", overwrite=True)
    with first.writing(), second.writing():
        second.publish(manifest_of(second, written(second), {}))
        with pytest.raises(OutputExistsError, match="published meanwhile"):
            first.publish(manifest_of(first, written(first), {}))
    assert read_manifest(output).run_id == "two"

    again = begun(output, "one", overwrite=True)
    assert again.finished is not None
    again.publish(again.finished)

    assert read_manifest(output).run_id == "one"
    assert read_matrix(output, verify=True).count_rows() == 3


def test_an_attempt_that_was_overtaken_publishes_nothing_and_deletes_nothing(bucket: Any) -> None:
    """A cluster was believed dead, and the run begun again on another."""
    slow = begun(OUT, "one")
    with pytest.raises(StorageError, match="has taken over run 'one'"), slow.writing():
        files = written(slow)
        publish(OUT, "one")
        slow.publish(manifest_of(slow, files, {}))

    assert read_matrix(OUT, verify=True).count_rows() == 3


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_failure_deletes_what_was_written(bucket: Any, failure: type[BaseException]) -> None:
    run = begun(OUT, "one")

    with pytest.raises(failure), run.writing():
        written(run)
        bucket.create_multipart_upload(Bucket="example-data", Key=f"out/{run.data}/part-2.parquet")
        raise failure

    assert (keys(bucket), uploads(bucket)) == ([], [])


def test_a_run_that_was_killed_is_cleaned_and_started_again(bucket: Any) -> None:
    killed = begun(OUT, "one")
    killed.store.put("runs/one/started.json", Mark("another-host", 1, "2024-05-01 12:00:00+00:00").to_json())
    written(killed)
    bucket.create_multipart_upload(Bucket="example-data", Key=f"out/{killed.data}/part-2.parquet")

    publish(OUT, "one")

    assert not [key for key in keys(bucket) if killed.token in key]
    assert uploads(bucket) == []


@pytest.mark.parametrize(
    ("age", "left"), [("2024-05-01 12:00:00+00:00", False), ("2999-01-01 00:00:00+00:00", True)]
)
def test_runs_that_nobody_will_finish_are_deleted(output: str, age: str, left: bool) -> None:
    publish(output, "done")
    other = begun(output, "other", overwrite=True)
    other.data_store()
    other.store.make_folder("runs/other")
    other.store.put("runs/other/started.json", Mark("another-host", 1, age).to_json())
    written(other)

    publish(output, "next", overwrite=True)

    assert other.store.folders("runs") == (["done", "next", "other"] if left else ["done", "next"])


def test_runs_of_this_process_are_left_alone(tmp_path: Path) -> None:
    running = begun(tmp_path, "one")
    with running.writing():
        publish(tmp_path, "two")
        assert "runs/one/started.json" in files_below(tmp_path)


def test_a_file_that_was_written_again_is_found_without_its_sha256(bucket: Any) -> None:
    publish(OUT, "one")
    manifest = json.loads(bucket.get_object(Bucket="example-data", Key="out/manifest.json")["Body"].read())
    part = manifest["files"][1] | {"sha256": None}
    manifest["files"][1] = part
    bucket.put_object(Bucket="example-data", Key="out/manifest.json", Body=json.dumps(manifest).encode())
    assert read_matrix(OUT, verify=True).count_rows() == 3

    bucket.put_object(Bucket="example-data", Key=f"out/{part['path']}", Body=bytes(part["bytes"]))

    with pytest.raises(StorageError, match="tag on S3 is not the one in the manifest"):
        read_matrix(OUT, verify=True)
