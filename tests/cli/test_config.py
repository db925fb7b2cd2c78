from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sparkfeat.cli.app import app
from tests.pipelines.small_shop import write_shop


def test_schema_is_json() -> None:
    answer = CliRunner().invoke(app, ["config", "schema"])

    assert answer.exit_code == 0
    assert json.loads(answer.stdout)["title"] == "ComputeConfig"


def test_check_of_a_good_file(tmp_path: Path) -> None:
    path = write_shop(tmp_path)

    answer = CliRunner().invoke(app, ["config", "check", str(path)])

    assert answer.exit_code == 0
    assert answer.stdout == f"{path}: no problems\n"


def test_check_of_a_bad_file(tmp_path: Path) -> None:
    path = write_shop(tmp_path, engine={"nam": "duckdb"})

    answer = CliRunner().invoke(app, ["config", "check", str(path)])

    assert answer.exit_code == 2
    assert "Unknown key 'nam'" in answer.stderr


@pytest.mark.parametrize("of", ["compute", "train", "score", "select"])
def test_every_configuration_has_a_schema(of: str) -> None:
    answer = CliRunner().invoke(app, ["config", "schema", "--of", of])

    assert answer.exit_code == 0, answer.stderr
    assert "output" in json.loads(answer.stdout)["properties"]


def test_a_training_is_checked_as_one(tmp_path: Path) -> None:
    (tmp_path / "train.yaml").write_text("data: {matrix: m, label: l}\noutput: {path: out}")

    assert (
        CliRunner().invoke(app, ["config", "check", str(tmp_path / "train.yaml"), "--of", "train"]).exit_code
        == 0
    )
    refused = CliRunner().invoke(app, ["config", "check", str(tmp_path / "train.yaml")])
    assert refused.exit_code == 2
    assert "Unknown key 'data'" in refused.stderr
