from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sparkfeat.cli.app import app
from sparkfeat.pipelines import fit
from tests.pipelines.small_shop import write_shop


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    # The session of tests that ran before in this process.
    for place in ("sparkfeat.synthesis", "sparkfeat.pipelines.build"):
        monkeypatch.setattr(f"{place}.active_session", lambda: None)
    return str(write_shop(tmp_path))


def test_plan_is_shown(config: str) -> None:
    answer = CliRunner().invoke(app, ["plan", config])

    assert answer.exit_code == 0, answer.stderr
    shown = dict(line.split("\t") for line in answer.stdout.splitlines())
    assert shown["engine"] == "duckdb: it was asked for"
    assert shown["features"] == "2: 2 by SQL, 0 by Featuretools"
    assert shown["table orders"].startswith("5 rows, 1 file of ")
    assert shown["matrix"].startswith("2 rows, 4 columns, about ")
    assert shown["keys orders.customer_id -> customers.customer_id"].startswith("1 with 3 rows (60.0%)")
    assert shown["spill"].startswith("none; ")


def test_plan_as_json(config: str) -> None:
    answer = CliRunner().invoke(app, ["plan", config, "--format", "json"])

    assert answer.exit_code == 0, answer.stderr
    assert json.loads(answer.stdout)["matrix"]["columns"] == 4


def test_what_featuretools_needs_is_shown(config: str) -> None:
    answer = CliRunner().invoke(app, ["plan", config, "--engine", "featuretools"])

    assert "2: 0 by SQL, 2 by Featuretools" in answer.stdout
    assert "for whole tables in pandas" in answer.stdout


def test_job_that_does_not_fit_is_shown_and_refused(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "physical_memory", lambda: 100)

    answer = CliRunner().invoke(app, ["plan", config, "--engine", "featuretools", "--format", "json"])

    assert answer.exit_code == 1
    assert len(json.loads(answer.stdout)["problems"]) == 1
    assert answer.stderr.startswith("error: Featuretools would need about ")
    assert "use engine 'spark'" in answer.stderr


def test_bad_configuration_is_told(tmp_path: Path) -> None:
    path = write_shop(tmp_path, entityset={"relationships": [{"parent": "customers.x", "child": "orders.y"}]})

    answer = CliRunner().invoke(app, ["plan", str(path)])

    assert answer.exit_code == 2
    assert "No column" in answer.stderr
