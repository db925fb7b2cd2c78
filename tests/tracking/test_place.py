"""Where runs are logged, and what is told when nobody answers there."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from sparkfeat.errors import ConfigError, EnvironmentProblem
from sparkfeat.tracking import Place, ServerConfig, TrackingConfig, find_place, why_away
from sparkfeat.tracking.session import talking
from tests.tracking.servers import answering, closed, silent


@pytest.fixture(autouse=True)
def no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)


def test_the_configured_address_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    default = find_place(ServerConfig(), str(tmp_path))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:hush@host")
    from_environment = find_place(ServerConfig(), str(tmp_path))
    given = find_place(ServerConfig(uri="http://other:5000"), str(tmp_path), "s3://bucket/runs")

    assert default == Place(f"sqlite:///{tmp_path}/mlflow.db", f"file://{tmp_path}/mlartifacts")
    assert (from_environment.uri, from_environment.shown) == ("https://me:hush@host", "https://me:***@host")
    assert given == Place("http://other:5000", "s3://bucket/runs")


@pytest.mark.parametrize(
    ("uri", "output", "told"),
    [
        ("file:///tmp/mlruns", "/tmp", "MLflow cannot log there"),
        ("mlruns", "/tmp", "MLflow cannot log there"),
        (None, "s3://bucket/out", "a database in the output folder, cannot be on s3"),
        (None, None, "Nobody says where MLflow is"),
    ],
)
def test_a_place_that_cannot_be(uri: str | None, output: str | None, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        find_place(ServerConfig(uri=uri), output)


def test_nobody_listens() -> None:
    assert "Connection refused" in why_away(Place(closed(), None), 5)
    assert "Connection refused" in why_away(Place(closed().replace("http", "postgresql"), None), 5)


def test_a_server_that_hangs_is_left_in_time() -> None:
    with silent() as uri:
        began = time.monotonic()
        told = why_away(Place(uri, None), 0.5)
    assert "timed out" in told
    assert time.monotonic() - began < 5


def test_a_server_that_refuses_is_there_and_one_that_is_broken_is_not() -> None:
    with answering(401) as uri:
        assert why_away(Place(uri, None), 5) == ""
    with answering(503) as uri:
        assert why_away(Place(uri, None), 5) == f"{uri} answers 503"


def test_a_database_in_a_file_is_not_asked(tmp_path: Path) -> None:
    assert why_away(Place(f"sqlite:///{tmp_path}/none.db", None), 1) == ""


def test_nothing_of_the_settings_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import mlflow

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "77")
    place = Place(f"sqlite:///{tmp_path}/one.db", None)
    before = {name: value for name, value in os.environ.items() if "MLFLOW" in name}
    address = mlflow.get_tracking_uri()
    with talking(place, TrackingConfig(kms_key="key", timeout=3)):
        assert mlflow.get_tracking_uri() == place.uri
        assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "3"
        assert '"SSEKMSKeyId": "key"' in os.environ["MLFLOW_S3_UPLOAD_EXTRA_ARGS"]
    assert mlflow.get_tracking_uri() == address
    assert {name: value for name, value in os.environ.items() if "MLFLOW" in name} == before


def test_an_address_of_the_environment_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mine.db")
    with talking(Place(f"sqlite:///{tmp_path}/one.db", None), TrackingConfig()):
        pass
    assert os.environ["MLFLOW_TRACKING_URI"] == f"sqlite:///{tmp_path}/mine.db"


def test_mlflow_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(EnvironmentProblem, match=r'pip install "sparkfeat\[mlflow\]"'):
        find_place(ServerConfig(), str(tmp_path))
