"""Tests on Spark again, on Spark 4: in one process with it, and as a client of its Connect server.

What another version could do otherwise is tried once: every function and every type (all primitives, tables
of all kinds), plans that are compiled, windows in ranges, and Python workers of both kinds.
Other cutoffs and other targets make other plans of the same functions: they are compared on Spark 3.5 alone,
by the modules that these tests are of.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

MOCK = "tests/parity/test_mock_customer.py"
KINDS = "tests/entityset/test_kinds.py::test_spark_dataframes_give_the_same_schema_values_and_matrix"
FALLBACK = "tests/parity/cases/test_fallback.py"
PARTITIONED = "tests/engines/partitioned/test_values.py"
# A model from its rows to its predictions, in the sessions that are there anyway.
TRAINING = "tests/integration/models/test_training_on_each_spark.py"

SAME_VALUES = (
    # Every primitive, on rows full of traps.
    "tests/integration/test_primitives_on_spark.py",
    f"{MOCK}::test_customers[spark-windows]",
    f"{MOCK}::test_other_targets[spark-sessions]",
    KINDS,
    "tests/engines/spark/test_ranges.py::test_values",
    # Featuretools in workers: beside SQL, with all rows in one of them; alone, customers apart.
    f"{FALLBACK}::test_mixed[spark-features_that_need_all_rows]",
    f"{FALLBACK}::test_featuretools_on_spark[many-features_of_customers]",
    # DuckDB in workers.
    f"{PARTITIONED}::test_customers[many]",
    f"{PARTITIONED}::test_customers[window]",
    TRAINING,
)
# What a client of a Connect server does in a way of its own: read tables, send rows, collect results.
BY_CLIENT = (
    KINDS,
    f"{MOCK}::test_customers[spark-many times]",
    f"{MOCK}::test_other_targets[spark-products]",
    TRAINING,
)


@pytest.fixture(scope="module")
def spark4(repository: Path) -> Path:
    """Return the folder that `make test-integration` installed Spark 4 in."""
    folder = repository / ".spark4"
    assert (folder / "pyspark").is_dir(), "run `make test-integration`, which installs it"
    return folder


def passed(repository: Path, spark4: Path, folder: Path, tests: Sequence[str], **environment: str) -> None:
    """Run the tests in a process that finds Spark 4 before the other Spark; fail with what they say."""
    command = [sys.executable, "-m", "pytest", *tests, "-q", "-p", "no:cacheprovider"]
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
    passed(repository, spark4, tmp_path, SAME_VALUES, SPARKFEAT_TESTS_OF_EACH="1")


def test_spark_connect_computes_the_same(repository: Path, spark4: Path, tmp_path: Path) -> None:
    passed(repository, spark4, tmp_path, BY_CLIENT, SPARKFEAT_TESTS_CONNECT="1")
