"""The tests on Spark again, on Spark 4: in one process with it, and as a client of its Connect server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

# A model from its rows to its predictions, in the sessions that are there anyway.
TRAINING = "tests/integration/test_training_on_each_spark.py"
SAME_VALUES = (
    "tests/parity/test_mock_customer.py",
    "tests/parity/cases/test_fallback.py",
    "tests/entityset/test_kinds.py",
    "tests/engines/spark/test_ranges.py",
    "tests/engines/partitioned/test_values.py",
    TRAINING,
)
# What a client of a Connect server does in a way of its own: read tables, send rows, collect results.
BY_CLIENT = (
    "tests/parity/test_mock_customer.py",
    "tests/entityset/test_kinds.py",
    TRAINING,
)
# Every primitive, on rows full of traps.
PRIMITIVES = ("tests/integration/test_primitives_on_spark.py",)


@pytest.fixture(scope="module")
def spark4(repository: Path) -> Path:
    """Return the folder that `make test-integration` installed Spark 4 in."""
    folder = repository / ".spark4"
    assert (folder / "pyspark").is_dir(), "run `make test-integration`, which installs it"
    return folder


def passed(
    repository: Path, spark4: Path, folder: Path, tests: Sequence[str] = SAME_VALUES, **environment: str
) -> None:
    """Run the tests in a process that finds Spark 4 before the other Spark; fail with what they say."""
    command = [sys.executable, "-m", "pytest", *tests, "-k", "spark", "-q", "-p", "no:cacheprovider"]
    answer = subprocess.run(
        [*command, f"--basetemp={folder / 'made'}"],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(spark4), **environment},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout[-5_000:] + answer.stderr[-2_000:]


def test_spark_4_is_the_one_that_is_tested(repository: Path, spark4: Path) -> None:
    code = "import pyspark; print(pyspark.__version__)"
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(spark4)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.startswith("4.")


def test_spark_4_computes_the_same(repository: Path, spark4: Path, tmp_path: Path) -> None:
    passed(repository, spark4, tmp_path)


def test_spark_4_computes_every_primitive(repository: Path, spark4: Path, tmp_path: Path) -> None:
    passed(repository, spark4, tmp_path, PRIMITIVES, SPARKFEAT_TESTS_OF_EACH="1")


def test_spark_connect_computes_the_same(repository: Path, spark4: Path, tmp_path: Path) -> None:
    passed(repository, spark4, tmp_path, BY_CLIENT, SPARKFEAT_TESTS_CONNECT="1")
