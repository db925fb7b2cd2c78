"""Several jobs that log to one place at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sparkfeat.tracking import Place, RunRecord, TrackingConfig, add_version, database, log_run, promote
from sparkfeat.tracking.registry import find_version

TOGETHER = """
import sys, time
from pathlib import Path
from sparkfeat.tracking import Place, RunRecord, TrackingConfig, log_run
import mlflow

folder, name = Path(sys.argv[1]), sys.argv[2]
(folder / f"ready-{name}").touch()
while len(list(folder.glob("ready-*"))) < 3:
    time.sleep(0.001)
record = RunRecord("shop", name, {"a": 1}, {"m": 1.0}, (), {}, {})
place = Place(f"sqlite:///{folder}/mlflow.db", (folder / "files").as_uri())
logged = log_run(record, place, TrackingConfig())
sys.exit(logged.problem or 0)
"""


def record(name: str = "one") -> RunRecord:
    return RunRecord("shop", name, {"a": 1}, {"m": 1.0}, (), {}, {})


def place_in(folder: Path) -> Place:
    return Place(f"sqlite:///{folder}/mlflow.db", (folder / "files").as_uri())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return place_in(tmp_path)


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place for several tests: MLflow takes seconds to make a database."""
    return place_in(tmp_path_factory.mktemp("mlflow"))


@pytest.mark.slow
def test_jobs_that_log_at_once_into_a_new_folder(tmp_path: Path, place: Place) -> None:
    from mlflow import MlflowClient

    command = [sys.executable, "-W", "ignore", "-c", TOGETHER, str(tmp_path)]
    jobs = [subprocess.Popen([*command, name], stderr=subprocess.PIPE) for name in "abc"]
    printed = [job.communicate(timeout=300)[1] for job in jobs]

    assert [job.returncode for job in jobs] == [0, 0, 0], printed
    client = MlflowClient(place.uri)
    (experiment,) = client.search_experiments(filter_string="name = 'shop'")
    runs = client.search_runs([experiment.experiment_id])
    assert sorted(str(run.info.run_name) for run in runs) == ["a", "b", "c"]
    assert [file.name for file in tmp_path.iterdir() if "mlflow" in file.name] == ["mlflow.db"]


def test_the_database_that_is_there_first_stays(
    tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(uri: str) -> None:
        Path(uri.removeprefix("sqlite:///")).write_text("ours")
        (tmp_path / "mlflow.db").write_text("another's")

    monkeypatch.setattr(database, "_make", make)
    database.make_database(place)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"mlflow.db": "another's"}


def test_a_database_that_fails_leaves_nothing(
    tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(uri: str) -> None:
        Path(uri.removeprefix("sqlite:///")).write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(database, "_make", make)
    logged = log_run(record(), place, TrackingConfig())
    assert "disk full" in logged.problem
    assert list(tmp_path.iterdir()) == []


def test_an_experiment_that_another_job_makes_meanwhile(
    lasting: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient

    first = log_run(record(), lasting, TrackingConfig())
    real, asked = MlflowClient.get_experiment_by_name, []

    def late(self: MlflowClient, name: str) -> Any:
        asked.append(name)
        return None if len(asked) == 1 else real(self, name)

    monkeypatch.setattr(MlflowClient, "get_experiment_by_name", late)
    second = log_run(record("two"), lasting, TrackingConfig())
    assert (second.problem, second.experiment_id) == ("", first.experiment_id)


def test_a_model_that_is_registered_meanwhile(lasting: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlflow import MlflowClient

    logged = _with_model(lasting)
    config = TrackingConfig()
    add_version("twice", logged, {}, lasting, config)
    monkeypatch.setattr(MlflowClient, "search_registered_models", lambda *_, **__: [])
    assert add_version("twice", logged, {}, lasting, config).version == "2"


def test_another_jobs_challenger_stays_one(lasting: Place) -> None:
    config, logged = TrackingConfig(), _with_model(lasting)
    mine = add_version("rivals", logged, {}, lasting, config)
    theirs = add_version("rivals", logged, {}, lasting, config)
    promote(mine, lasting, config)

    assert find_version("rivals", "champion", lasting, config) == mine
    assert find_version("rivals", "challenger", lasting, config) == theirs
    promote(theirs, lasting, config)
    assert find_version("rivals", "challenger", lasting, config) is None


def _with_model(lasting: Place) -> Any:
    """A run with something that can be registered."""
    from dataclasses import replace

    from sparkfeat.tracking.session import talking

    logged = log_run(record(), lasting, TrackingConfig())
    with talking(lasting, TrackingConfig()) as client:
        model = client.create_logged_model(str(logged.experiment_id), source_run_id=logged.run_id)
    return replace(logged, model_uri=f"models:/{model.model_id}")
