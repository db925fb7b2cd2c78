from __future__ import annotations

import json
from pathlib import Path

import pytest

from sparkfeat.errors import StorageError
from sparkfeat.storage.manifest import read_manifest
from sparkfeat.storage.read import read_matrix
from tests.storage.matrices import publish


def test_rows_come_in_the_order_of_the_manifest(tmp_path: Path) -> None:
    publish(tmp_path)

    assert read_matrix(tmp_path).to_table()["id"].to_pylist() == [3, 1, 2]


def test_file_uri_names_the_same_matrix(tmp_path: Path) -> None:
    publish(tmp_path)

    assert read_matrix(tmp_path.as_uri(), verify=True).count_rows() == 3


def test_files_that_the_manifest_does_not_name_are_not_read(tmp_path: Path) -> None:
    run = publish(tmp_path)
    data = Path(run.data_path)
    (data / "part-9.parquet").write_bytes((data / "part-0.parquet").read_bytes())

    assert read_matrix(tmp_path).count_rows() == 3


def test_reader_that_opened_a_matrix_is_not_disturbed_by_the_next_run(tmp_path: Path) -> None:
    publish(tmp_path, "one")
    opened = read_matrix(tmp_path)

    publish(tmp_path, "two", overwrite=True)

    assert opened.count_rows() == 3


def test_missing_file_is_named(tmp_path: Path) -> None:
    run = publish(tmp_path)
    (Path(run.data_path) / "part-1.parquet").unlink()

    with pytest.raises(StorageError, match=r"damaged \(.*part-1\.parquet\)\. The file is missing"):
        read_matrix(tmp_path)


def test_file_of_another_size_is_refused(tmp_path: Path) -> None:
    run = publish(tmp_path)
    (Path(run.data_path) / "part-1.parquet").write_bytes(b"short")

    with pytest.raises(StorageError, match="It has 5 bytes, the manifest says"):
        read_matrix(tmp_path)


def test_changed_content_is_found_when_asked_to_verify(tmp_path: Path) -> None:
    run = publish(tmp_path)
    part = Path(run.data_path) / "part-1.parquet"
    content = bytearray(part.read_bytes())
    content[10] ^= 1
    part.write_bytes(content)

    with pytest.raises(StorageError, match="SHA-256"):
        read_matrix(tmp_path, verify=True)


def test_nothing_published(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"no run has finished there.*sparkfeat compute"):
        read_matrix(tmp_path / "nowhere")


@pytest.mark.parametrize("content", ["{", "{}", "[]"])
def test_damaged_manifest(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)

    with pytest.raises(StorageError, match=r"The manifest cannot be read .*damaged"):
        read_manifest(tmp_path)


def test_manifest_of_a_newer_version(tmp_path: Path) -> None:
    publish(tmp_path)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 2}))

    with pytest.raises(StorageError, match=r"newer sparkfeat wrote it: version: Input should be 1"):
        read_manifest(tmp_path)
