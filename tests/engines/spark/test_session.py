from __future__ import annotations

import subprocess
import sys

import pytest

from sparkfeat.engines.spark import session

STARTS_A_SESSION = """
from sparkfeat.engines.spark.session import active_session, get_session, is_submitted, local_session
from sparkfeat.errors import EnvironmentProblem

assert active_session() is None
assert not is_submitted()
spark = local_session("test", **{"spark.master": "local[1]"})
assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
assert spark.conf.get("spark.app.name") == "test"
assert get_session() is spark
assert get_session(spark) is spark
assert local_session() is spark
try:
    local_session(**{"spark.sql.shuffle.partitions": "3"})
except EnvironmentProblem as problem:
    assert "spark.sql.shuffle.partitions cannot be set" in str(problem), problem
else:
    raise AssertionError("the settings of a running session were changed")
assert spark.conf.get("spark.sql.shuffle.partitions") == "16"
worker = spark.range(1).rdd.map(lambda row: __import__("sys").executable).collect()
assert worker == [__import__("sys").executable], worker
spark.stop()
assert active_session() is None
"""


def test_local_session_in_a_process_of_its_own() -> None:
    """A process has one Spark: other tests' session must not be seen here."""
    answer = subprocess.run(
        [sys.executable, "-c", STARTS_A_SESSION], capture_output=True, text=True, timeout=180, check=False
    )

    assert answer.returncode == 0, answer.stderr


def test_session_that_was_given_is_returned_untouched() -> None:
    given = object()

    assert session.get_session(given) is given  # type: ignore[arg-type]


@pytest.mark.parametrize("variable", ["PYSPARK_GATEWAY_PORT", "SPARK_REMOTE"])
def test_submitted_process_does_not_start_a_local_session(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    asked = object()
    monkeypatch.setenv(variable, "1")
    monkeypatch.setattr(session, "active_session", lambda: None)
    monkeypatch.setattr(session, "_submitted_session", lambda: asked)

    assert session.get_session() is asked


def test_import_of_the_module_does_not_import_pyspark() -> None:
    code = "import sys, sparkfeat.engines.spark.session; sys.exit('pyspark' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
