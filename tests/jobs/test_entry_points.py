from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from sparkfeat.storage.read import read_matrix
from tests.pipelines.small_shop import MATRIX, write_shop

MOST_LINES = 40


def test_entry_points_are_short_and_named_after_a_pipeline(repository: Path) -> None:
    jobs = sorted((repository / "jobs").glob("*.py"))

    assert jobs
    for job in jobs:
        assert len(job.read_text().splitlines()) <= MOST_LINES, job.name
        assert (repository / "sparkfeat" / "pipelines" / job.name).is_file()


def test_compute_features_needs_a_configuration(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["compute_features.py"])

    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(repository / "jobs" / "compute_features.py"), run_name="__main__")

    assert ended.value.code == 2
    assert "--config" in capsys.readouterr().err


def test_compute_features_publishes_the_matrix(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = write_shop(tmp_path)
    arguments = ["compute_features.py", "--config", config.as_uri(), "--run-id", "nightly", "--profile"]
    monkeypatch.setattr(sys, "argv", arguments)
    monkeypatch.setattr("sparkfeat.cli.app.signal.signal", lambda *_: None)
    monkeypatch.setattr("sparkfeat.engines.spark.session.active_session", lambda: None)

    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(repository / "jobs" / "compute_features.py"), run_name="__main__")

    assert ended.value.code == 0
    assert read_matrix(tmp_path / "out").to_table().to_pydict() == MATRIX
    assert (tmp_path / "out" / "runs" / "nightly" / "profile.json").is_file()


@pytest.mark.parametrize("job", ["train_model", "score_model"])
def test_jobs_of_models_run_their_command(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    job: str,
) -> None:
    (tmp_path / "job.yaml").write_text("nothing: 1")
    arguments = ["--config", str(tmp_path / "job.yaml"), "--run-id", "nightly", "--overwrite"]
    monkeypatch.setattr(
        sys, "argv", [f"{job}.py", *arguments, *(["--check"] if job == "score_model" else [])]
    )
    monkeypatch.setattr("sparkfeat.cli.app.signal.signal", lambda *_: None)
    monkeypatch.setattr("sparkfeat.engines.spark.session.active_session", lambda: None)

    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(repository / "jobs" / f"{job}.py"), run_name="__main__")

    assert ended.value.code == 2
    assert "Unknown key 'nothing'" in capsys.readouterr().err
