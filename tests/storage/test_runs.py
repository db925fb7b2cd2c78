from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sparkfeat.errors import ConfigError, OutputExistsError, StorageError, UnsupportedError
from sparkfeat.storage.manifest import read_manifest
from sparkfeat.storage.runs import new_run_id
from tests.storage.matrices import files_below, manifest_of, publish, write_parts
from tests.storage.opening import open_run


def test_published_run_has_one_manifest_at_the_root(tmp_path: Path) -> None:
    publish(tmp_path / "out")

    assert files_below(tmp_path / "out") == [
        "manifest.json",
        "runs/one/data/part-0.parquet",
        "runs/one/data/part-1.parquet",
        "runs/one/features.json",
        "runs/one/manifest.json",
        "runs/one/started.json",
    ]
    assert read_manifest(tmp_path / "out").run_id == "one"


def test_nothing_is_visible_before_publishing(tmp_path: Path) -> None:
    run = open_run(tmp_path / "out", "one", {})

    with run.writing():
        write_parts(run)
        with pytest.raises(StorageError, match="No published feature matrix"):
            read_manifest(tmp_path / "out")
        assert not run.is_visible()


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_failure_deletes_what_was_written(tmp_path: Path, failure: type[BaseException]) -> None:
    run = open_run(tmp_path / "out", "one", {})

    with pytest.raises(failure), run.writing():
        write_parts(run)
        raise failure

    assert files_below(tmp_path) == []


def test_failure_leaves_the_matrix_published_before(tmp_path: Path) -> None:
    publish(tmp_path / "out", "one")
    before = files_below(tmp_path)
    second = open_run(tmp_path / "out", "two", {}, overwrite=True)

    with pytest.raises(RuntimeError), second.writing():
        write_parts(second)
        raise RuntimeError

    assert files_below(tmp_path) == before
    assert read_manifest(tmp_path / "out").run_id == "one"


def test_interruption_after_the_run_is_complete_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run's own manifest is written, the visible one is not: the next attempt only publishes."""
    run = open_run(tmp_path / "out", "one", {})
    put = type(run.store).put

    def interrupted_at_the_root(store: object, name: str, content: bytes) -> None:
        if name == "manifest.json":
            raise KeyboardInterrupt
        put(run.store, name, content)

    monkeypatch.setattr(type(run.store), "put", interrupted_at_the_root)
    with pytest.raises(KeyboardInterrupt), run.writing():
        run.publish(manifest_of(run, write_parts(run), {}))
    monkeypatch.undo()

    again = open_run(tmp_path / "out", "one", {})
    assert again.finished is not None
    assert not again.is_visible()
    again.publish(again.finished)
    assert again.is_visible()


def test_finished_run_says_so(tmp_path: Path) -> None:
    publish(tmp_path / "out", "one", depth=2)

    again = open_run(tmp_path / "out", "one", {"depth": 2})

    assert again.finished == read_manifest(tmp_path / "out")
    assert again.is_visible()


def test_finished_run_refuses_other_parameters(tmp_path: Path) -> None:
    publish(tmp_path / "out", "one", depth=2)

    with pytest.raises(OutputExistsError, match=r"other parameters.*Changed since then: depth\."):
        open_run(tmp_path / "out", "one", {"depth": 3}, overwrite=True)


def test_unfinished_run_is_cleaned_and_started_again(tmp_path: Path) -> None:
    left = tmp_path / "out" / "runs" / "one" / "data"
    left.mkdir(parents=True)
    (left / "part-9.parquet").write_text("half a file")

    publish(tmp_path / "out", "one")

    assert "runs/one/data/part-9.parquet" not in files_below(tmp_path / "out")


def test_other_run_is_not_replaced_unless_allowed(tmp_path: Path) -> None:
    publish(tmp_path / "out", "one")

    with pytest.raises(OutputExistsError, match=r"It is run 'one' of 2024-05-01 12:00 UTC.*--overwrite"):
        open_run(tmp_path / "out", "two", {})
    publish(tmp_path / "out", "two", overwrite=True)

    assert read_manifest(tmp_path / "out").run_id == "two"
    assert "runs/one/data/part-0.parquet" in files_below(tmp_path / "out")


def test_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")

    with pytest.raises(OutputExistsError, match="sparkfeat did not make it"):
        open_run(tmp_path, "one", {}, overwrite=True)


def test_output_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")

    with pytest.raises(OutputExistsError, match="The output is a file"):
        open_run(tmp_path / "out", "one", {}, overwrite=True)


def test_run_that_another_process_writes_is_refused(tmp_path: Path) -> None:
    mark = tmp_path / "runs" / "one" / "started.json"
    mark.parent.mkdir(parents=True)
    process = {"host": socket.gethostname(), "pid": os.getppid(), "started": "2024-05-01 12:00:00+00:00"}
    mark.write_text(json.dumps(process))

    with pytest.raises(StorageError, match=f"Process {os.getppid()} is writing run 'one'"):
        open_run(tmp_path, "one", {})


@pytest.mark.parametrize("host", [socket.gethostname(), "another-host"])
def test_mark_of_a_process_that_is_gone_is_no_obstacle(tmp_path: Path, host: str) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait(timeout=60)
    mark = tmp_path / "runs" / "one" / "started.json"
    mark.parent.mkdir(parents=True)
    mark.write_text(json.dumps({"host": host, "pid": ended.pid, "started": "2024-05-01 12:00:00+00:00"}))

    assert open_run(tmp_path, "one", {}).finished is None


@pytest.mark.parametrize("run_id", ["", "a/b", "..", ".hidden", "-x", "a b", "x" * 129])
def test_run_id_must_be_a_folder_name(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(ConfigError, match="cannot be a run id"):
        open_run(tmp_path, run_id, {})


def test_new_run_ids_differ_and_are_valid(tmp_path: Path) -> None:
    first, second = new_run_id(), new_run_id()

    assert first != second
    assert open_run(tmp_path, first, {}).run_id == first


@pytest.mark.parametrize("scheme", ["hdfs", "gs"])
def test_other_schemes_are_not_supported(scheme: str) -> None:
    with pytest.raises(UnsupportedError, match=f"Cannot publish to '{scheme}://'.*Give a local path"):
        open_run(f"{scheme}://bucket/features", "one", {})
