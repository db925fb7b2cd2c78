from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from sparkfeat.cli.app import app
from sparkfeat.storage.manifest import read_manifest
from sparkfeat.storage.read import read_matrix
from tests.pipelines.small_shop import MATRIX, ORDERS, write_shop


@pytest.fixture
def config(tmp_path: Path) -> str:
    return str(write_shop(tmp_path))


def test_compute_publishes_and_says_where(config: str, tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["compute", config])

    assert answer.exit_code == 0, answer.stderr
    assert read_matrix(tmp_path / "out").to_table().to_pydict() == MATRIX
    shown = dict(line.split(maxsplit=1) for line in answer.stdout.splitlines())
    assert shown["run"] == "first"
    assert shown["output"] == str(tmp_path / "out")
    assert shown["rows"] == "2"
    assert shown["columns"] == "4"
    assert shown["engine"] == "duckdb"
    assert "compute: " in answer.stderr


def test_second_run_says_that_it_was_done(config: str) -> None:
    CliRunner().invoke(app, ["compute", config])

    answer = CliRunner().invoke(app, ["compute", config])

    assert answer.exit_code == 0
    assert "first (finished before)" in answer.stdout
    assert "run first is done" in answer.stderr


def test_output_that_exists_needs_overwrite(config: str, tmp_path: Path) -> None:
    CliRunner().invoke(app, ["compute", config])

    refused = CliRunner().invoke(app, ["compute", config, "--run-id", "second"])
    replaced = CliRunner().invoke(app, ["compute", config, "--run-id", "second", "--overwrite"])

    assert refused.exit_code == 2
    assert "--overwrite" in refused.stderr
    assert replaced.exit_code == 0
    assert read_manifest(tmp_path / "out").run_id == "second"


def test_profile_is_named_among_the_results(config: str, tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["compute", config, "--profile"])

    assert answer.exit_code == 0, answer.stderr
    shown = dict(line.split(maxsplit=1) for line in answer.stdout.splitlines())
    assert shown["profile"] == str(tmp_path / "out" / "runs" / "first" / "profile.json")
    assert Path(shown["profile"]).is_file()


def test_warnings_are_lines_of_the_progress(tmp_path: Path) -> None:
    orphans = {"customer_id": [1, 1, 2, 1, 99]}
    path = write_shop(tmp_path)
    pq.write_table(pa.table(ORDERS | orphans), tmp_path / "orders.parquet")

    answer = CliRunner().invoke(app, ["compute", str(path)])

    assert answer.exit_code == 0
    (line,) = [line for line in answer.stderr.splitlines() if "orders.customer_id" in line]
    assert line[2] == line[5] == ":", "it begins with the time of day"


def test_missing_data_is_told_without_a_traceback(config: str, tmp_path: Path) -> None:
    (tmp_path / "orders.parquet").unlink()

    answer = CliRunner().invoke(app, ["compute", config])

    assert answer.exit_code == 2
    assert "orders.parquet" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_explain_names_every_feature(config: str, tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["explain", config])

    assert answer.exit_code == 0
    assert all(name in answer.stdout for name in ("COUNT(orders)", "SUM(orders.amount)", "duckdb"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [[], ["--dialect", "duckdb"], ["--dialect", "spark"]])
def test_sql_is_printed(config: str, options: list[str]) -> None:
    answer = CliRunner().invoke(app, ["sql", config, *options])

    assert answer.exit_code == 0
    assert "SELECT" in answer.stdout
