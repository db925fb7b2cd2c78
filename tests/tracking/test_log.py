"""Runs as MLflow has them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from sparkfeat.errors import EnvironmentProblem
from sparkfeat.tracking import (
    Column,
    DatasetRecord,
    Place,
    RunRecord,
    StepMetric,
    TrackingConfig,
    find_version,
    log_run,
)
from tests.tracking.servers import answering, closed


def record(folder: Path) -> RunRecord:
    (folder / "report").mkdir()
    (folder / "report" / "page.html").write_text("<p>good")
    (folder / "one.json").write_text("{}")
    return RunRecord(
        experiment="shop",
        name="first",
        parameters={"training": {"seed": 3}, "uri": "http://me:hush@host", "password": "hush"},
        metrics={"roc_auc": 0.75, "baseline_majority_roc_auc": 0.5, "worst": float("inf")},
        steps=(StepMetric("fold", 0, 0.7), StepMetric("fold", 1, 0.8)),
        tags={"sparkfeat.hash": "abc"},
        files={str(folder / "report"): "report", str(folder / "one.json"): ""},
        dataset=DatasetRecord("matrix", "/data/matrix", "0123456789abcdef", (Column("a", "double"),)),
    )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(f"sqlite:///{tmp_path}/mlflow.db", (tmp_path / "files").as_uri())


def test_a_run_is_logged_as_it_is_given(tmp_path: Path, place: Place) -> None:
    from mlflow import MlflowClient

    logged = log_run(record(tmp_path), place, TrackingConfig())

    assert logged.problem == ""
    client = MlflowClient(place.uri)
    run = client.get_run(str(logged.run_id))
    assert client.get_experiment(str(logged.experiment_id)).name == "shop"
    assert (run.info.run_name, run.info.status) == ("first", "FINISHED")
    assert run.data.params == {"training.seed": "3", "uri": "http://me:***@host", "password": "***"}
    assert run.data.metrics == {"roc_auc": 0.75, "baseline_majority_roc_auc": 0.5, "fold": 0.8}
    assert [(one.step, one.value) for one in client.get_metric_history(run.info.run_id, "fold")] == [
        (0, 0.7),
        (1, 0.8),
    ]
    assert run.data.tags["sparkfeat.hash"] == "abc"
    (dataset,) = run.inputs.dataset_inputs
    assert (dataset.dataset.name, dataset.dataset.digest) == ("matrix", "0123456789abcdef")
    assert json.loads(dataset.dataset.source) == {"path": "/data/matrix"}
    files = [file.path for file in client.list_artifacts(run.info.run_id)]
    assert files == ["one.json", "report"]
    assert b"hush" not in b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


def test_files_on_s3_are_encrypted_with_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    place = Place(f"sqlite:///{tmp_path}/mlflow.db", "s3://runs/shop")
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="runs")
        logged = log_run(record(tmp_path), place, TrackingConfig(kms_key="alias/mlflow"))
        assert logged.problem == ""
        found = s3.list_objects_v2(Bucket="runs")["Contents"]
        heads = [s3.head_object(Bucket="runs", Key=one["Key"]) for one in found]
    assert len(heads) == 2
    assert {(head["ServerSideEncryption"], head["SSEKMSKeyId"]) for head in heads} == {
        ("aws:kms", "alias/mlflow")
    }


def test_a_server_that_is_away_is_told(tmp_path: Path) -> None:
    uri = closed()
    logged = log_run(record(tmp_path), Place(uri, None), TrackingConfig())
    assert logged.run_id is None
    assert logged.problem.startswith(f"{uri} does not answer")


@pytest.mark.filterwarnings(
    "ignore::ResourceWarning"
)  # urllib3 leaves a socket that timed out to the collector
def test_a_server_that_falls_asleep_is_told_in_time(tmp_path: Path) -> None:
    with answering(200, seconds=30) as uri:
        began = time.monotonic()
        logged = log_run(record(tmp_path), Place(uri, None), TrackingConfig(timeout=0.5))
        seconds = time.monotonic() - began
    assert "timed out" in logged.problem
    assert seconds < 20


def test_files_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    place = Place(f"sqlite:///{tmp_path}/mlflow.db", (tmp_path / "file" / "below").as_uri())
    logged = log_run(record(tmp_path), place, TrackingConfig())
    assert logged.run_id is not None
    assert "NotADirectoryError" in logged.problem


def test_a_registry_that_is_away_is_an_error() -> None:
    uri = closed()
    with pytest.raises(EnvironmentProblem, match="Cannot look for the champion of shop"):
        find_version("shop", "champion", Place(uri, None), TrackingConfig())
