from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from sparkfeat.errors import EnvironmentProblem, SparkfeatError, StorageError
from sparkfeat.storage import local
from sparkfeat.storage.failures import explained, no_space_left
from sparkfeat.storage.store import open_store


def failing(code: int) -> OSError:
    return OSError(code, os.strerror(code))


def test_put_replaces_the_whole_file(tmp_path: Path) -> None:
    store = open_store(tmp_path)

    store.put("a.txt", b"long content")
    store.put("a.txt", b"short")

    assert store.read("a.txt") == b"short"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_put_that_fails_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    store.put("a.txt", b"old")

    def disk_is_full(path: Path) -> None:
        raise failing(errno.ENOSPC)

    monkeypatch.setattr(local, "_fsync", disk_is_full)
    with pytest.raises(EnvironmentProblem, match="The disk is full"):
        store.put("a.txt", b"new")

    assert store.read("a.txt") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_file_in_the_way_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")

    with pytest.raises(StorageError, match=r"Cannot make the folder \(.*taken/runs\)"):
        open_store(tmp_path / "taken").make_folder("runs")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(EnvironmentProblem, match="No permission to make the folder"):
        open_store(tmp_path).make_folder("runs")


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        (errno.EACCES, EnvironmentProblem, r"No permission to write it \(here\)\. Permission denied\."),
        (errno.EROFS, EnvironmentProblem, "No permission to write it"),
        (errno.ENOSPC, EnvironmentProblem, r"The disk is full \(here\)\. Could not write it: No space left"),
        (errno.EDQUOT, EnvironmentProblem, "The disk is full"),
        (errno.EIO, StorageError, r"Cannot write it \(here\)\. Input/output error"),
    ],
)
def test_system_errors_are_explained(code: int, kind: type[SparkfeatError], message: str) -> None:
    with pytest.raises(kind, match=message) as caught, explained("write it", "here"):
        raise failing(code)

    assert isinstance(caught.value.__cause__, OSError)


def test_full_disk_is_recognised_in_the_text_of_an_engine() -> None:
    cause = RuntimeError("IO Error: Could not write file: No space left on device")
    error = ValueError("the query failed")
    error.__cause__ = cause

    assert no_space_left(error)
    assert not no_space_left(ValueError("the query failed"))


def test_relative_names(tmp_path: Path) -> None:
    store = open_store(f"{tmp_path}/")

    assert store.relative(store.path("runs/one/data/part-0.parquet")) == "runs/one/data/part-0.parquet"
