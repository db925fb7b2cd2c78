from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sparkfeat as sf
from sparkfeat.cli import compute
from sparkfeat.cli.app import app
from sparkfeat.errors import (
    ConfigError,
    EngineError,
    EnvironmentProblem,
    OutputExistsError,
    SparkfeatError,
    StorageError,
    UnsupportedError,
)

COMMANDS = ["compute", "plan", "explain", "sql", "features", "primitives", "config", "emr", "demo"]


def failing_with(error: BaseException) -> object:
    """Return a stand-in for read_config that raises `error`."""

    def read(uri: str) -> None:
        raise error

    return read


def test_help_names_every_command() -> None:
    answer = CliRunner().invoke(app, ["--help"])

    assert answer.exit_code == 0
    assert all(f" {command} " in answer.output for command in COMMANDS)


def test_help_does_not_import_what_is_slow() -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from sparkfeat.cli.app import app\n"
        "CliRunner().invoke(app, ['--help'])\n"
        "slow = {'pyspark', 'mlflow', 'boto3', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(f'imported: {slow}' if slow else 0)\n"
    )

    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )

    assert answer.returncode == 0, answer.stderr


def test_version() -> None:
    answer = CliRunner().invoke(app, ["--version"])

    assert answer.exit_code == 0
    assert answer.output == f"sparkfeat {sf.__version__}\n"


@pytest.mark.parametrize("arguments", [["comput"], ["compute"], ["compute", "shop.yaml", "--engine", "dask"]])
def test_wrong_command_line(arguments: list[str]) -> None:
    answer = CliRunner().invoke(app, arguments)

    assert answer.exit_code == 2
    assert "Usage:" in answer.stderr


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (ConfigError("Unknown key"), 2),
        (UnsupportedError("No such thing"), 2),
        (OutputExistsError("There is one"), 2),
        (StorageError("Cannot write"), 1),
        (EngineError("Failed"), 1),
        (EnvironmentProblem("No Java"), 1),
    ],
)
def test_exit_code_tells_bad_input_from_a_failed_run(
    monkeypatch: pytest.MonkeyPatch, error: SparkfeatError, exit_code: int
) -> None:
    monkeypatch.setattr(compute, "read_config", failing_with(error))

    answer = CliRunner().invoke(app, ["compute", "shop.yaml"])

    assert answer.exit_code == exit_code
    assert answer.stdout == ""
    assert answer.stderr == f"error: {error}\n"


def test_debug_shows_where_an_error_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "read_config", failing_with(ConfigError("Unknown key")))

    answer = CliRunner().invoke(app, ["--debug", "compute", "shop.yaml"])

    assert answer.exit_code == 2
    assert "Traceback" in answer.stderr
    assert answer.stderr.endswith("error: Unknown key.\n")


def test_interruption_is_told_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "read_config", failing_with(KeyboardInterrupt()))

    answer = CliRunner().invoke(app, ["compute", "shop.yaml"])

    assert answer.exit_code == 1
    assert answer.stderr == "Interrupted. Nothing was published.\n"


def test_termination_is_an_interruption(tmp_path: Path) -> None:
    code = (
        "import os, signal\n"
        "from sparkfeat.cli import compute, main\n"
        "compute.read_config = lambda uri: os.kill(os.getpid(), signal.SIGTERM)\n"
        "main(['compute', 'shop.yaml'])\n"
    )

    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )

    assert answer.returncode == 1, signal.Signals(-answer.returncode)
    assert answer.stderr == "Interrupted. Nothing was published.\n"
