"""The main job in processes of its own: submitted to Spark, and killed in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sparkfeat.errors import StorageError
from sparkfeat.storage.manifest import read_manifest
from sparkfeat.storage.read import read_matrix
from tests.pipelines.small_shop import MATRIX, write_shop

SLOW = """
import sys, time
from sparkfeat.pipelines import compute_features
from sparkfeat.cli import main
from sparkfeat import FeatureMatrix
write = FeatureMatrix.write_files
def write_and_wait(matrix, folder):
    files = write(matrix, folder)
    print("written", flush=True)
    time.sleep(60)
    return files
FeatureMatrix.write_files = write_and_wait
main(["compute", sys.argv[1]])
"""


def submit(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the job by spark-submit on local Spark."""
    from pyspark.find_spark_home import _find_spark_home

    from sparkfeat.engines.spark.java import ensure_java

    ensure_java()
    program = Path(_find_spark_home()) / "bin" / "spark-submit"
    options = ["--master", "local[2]", "--conf", "spark.ui.enabled=false"]
    job = repository / "jobs" / "compute_features.py"
    environment = os.environ | {"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(repository)}
    return subprocess.run(
        [str(program), *options, str(job), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_submitted_job_computes_on_spark(repository: Path, tmp_path: Path) -> None:
    config = write_shop(tmp_path, engine={"name": "auto"})

    answer = submit(repository, "--config", config.as_uri())

    assert answer.returncode == 0, answer.stderr
    assert read_manifest(tmp_path / "out").engine == "spark"
    assert read_matrix(tmp_path / "out", verify=True).to_table().to_pydict() == MATRIX


def test_submitted_job_fails_with_the_exit_code_of_the_command(repository: Path, tmp_path: Path) -> None:
    answer = submit(repository, "--config", str(tmp_path / "nothing.yaml"))

    assert answer.returncode == 2
    assert "No such configuration file" in answer.stdout, "spark-submit joins Python's two streams"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_run_that_is_ended_publishes_nothing_and_can_be_repeated(
    tmp_path: Path, sent: signal.Signals
) -> None:
    config = write_shop(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(config)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(sent)
        process.communicate(timeout=60)

    with pytest.raises(StorageError, match="No published feature matrix"):
        read_manifest(tmp_path / "out")
    if sent is not signal.SIGKILL:
        assert process.returncode == 1
        assert not list((tmp_path / "out").rglob("*.*"))
    again = subprocess.run(
        [sys.executable, "-c", "from sparkfeat.cli import main; main()", "compute", str(config)],
        timeout=120,
        check=False,
    )
    assert again.returncode == 0
    assert read_matrix(tmp_path / "out").to_table().to_pydict() == MATRIX
