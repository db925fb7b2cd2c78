"""Rows of several tables in one relation."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from sparkfeat.engines.partitioned.failures import translated
from sparkfeat.engines.partitioned.transport import layout_of, unpacked
from sparkfeat.engines.partitioned.worker import PROFILE, Work, compute, result_schema
from sparkfeat.errors import DataError, EngineError, EnvironmentProblem

TABLES = {
    "customers": [("id", "bigint"), ("name", "string")],
    "sales": [("id", "bigint"), ("customer", "bigint"), ("amount", "double")],
}
SCHEMAS = {
    "customers": pa.schema([("id", pa.int64()), ("name", pa.string())]),
    "sales": pa.schema([("id", pa.int64()), ("customer", pa.int64()), ("amount", pa.float64())]),
}
QUERY = (
    'SELECT c.id AS instance_id, sum(s.amount) AS f0 FROM "customers" AS c'
    ' LEFT JOIN "sales" AS s ON s.customer = c.id GROUP BY c.id'
)
BATCH = pa.RecordBatch.from_pydict(
    {
        "table": pa.array([0, 1, 0, 1, 1], pa.int8()),
        "s0_0": [1, 10, 2, 11, 12],
        "s0_1": pa.array([None, 1, None, 1, 2], pa.int64()),
        "s1_0": ["Ann", None, None, None, None],
        "s2_0": pa.array([None, 0.5, None, 1.0, None], pa.float64()),
    }
)


def work() -> Work:
    return Work(QUERY, layout_of(TABLES), SCHEMAS, result_schema(QUERY, SCHEMAS), {"threads": 1})


def test_tables_share_columns_of_a_type() -> None:
    layout = layout_of(TABLES)

    assert layout.slots == {"s0_0": "bigint", "s0_1": "bigint", "s1_0": "string", "s2_0": "double"}
    assert layout.tables["sales"] == (("id", "s0_0"), ("customer", "s0_1"), ("amount", "s2_0"))


def test_rows_come_back_by_table() -> None:
    found = dict(unpacked(BATCH, layout_of(TABLES)))

    assert found["customers"].to_pydict() == {"id": [1, 2], "name": ["Ann", None]}
    assert found["sales"].to_pydict() == {"id": [10, 11, 12], "customer": [1, 1, 2], "amount": [0.5, 1, None]}


def test_a_partition_is_computed() -> None:
    (batch,) = compute(work(), [BATCH.slice(0, 2), BATCH.slice(2)])

    assert dict(zip(*batch.to_pydict().values(), strict=True)) == {1: 1.5, 2: None}
    assert batch.schema.types == [pa.int64(), pa.float64()]


def test_no_rows_give_no_rows() -> None:
    assert list(compute(work(), [])) == []


def test_rows_in_another_order_give_the_same_matrix() -> None:
    """A task that is run again gets its rows in the order in which they arrive."""
    indices = pa.array([4, 2, 1, 3, 0])
    again = [BATCH.take(indices).slice(0, 3), BATCH.take(indices).slice(3)]

    (first,), (second,) = compute(work(), [BATCH]), compute(work(), again)

    assert first.to_pandas().sort_values("instance_id").equals(second.to_pandas().sort_values("instance_id"))


def test_steps_are_measured_beside_the_matrix() -> None:
    matrix, steps = compute(replace(work(), relations=()), [BATCH])

    assert matrix.column(PROFILE).null_count == matrix.num_rows == 2
    assert steps.num_rows == 1
    spent = json.loads(steps.column(PROFILE)[0].as_py())
    assert {name: rows for name, (_, rows) in spent.items()} == {
        "handed over": 5,
        "taken in": 5,
        "planning": 0,
        "partitions": 2,
    }
    assert all(seconds >= 0 for seconds, _ in spent.values())


def test_a_failing_query_is_told() -> None:
    with pytest.raises(duckdb.Error, match="nothing"):
        result_schema('SELECT nothing FROM "customers"', SCHEMAS)


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A disk that Spark gives its workers."""
    monkeypatch.setenv("SPARK_LOCAL_DIRS", f"{tmp_path},{tmp_path / 'broken'}")
    return tmp_path


def failing(query: str, **settings: str | int) -> Work:
    return replace(work(), query=query, settings={"threads": 1, **settings})


def test_a_failing_task_says_where(disk: Path) -> None:
    with pytest.raises(RuntimeError, match="DuckDB failed in a task") as found:
        list(compute(failing("SELECT error('odd row') AS instance_id, 0.0 AS f0"), [BATCH]))

    with pytest.raises(EngineError, match="odd row") as told, translated():
        raise RuntimeError(f"Job aborted\nTraceback\nRuntimeError: {found.value}\n\tat org.apache")
    assert socket.gethostname() in told.value.where
    assert f"spilling to {disk}" in told.value.where


def test_no_disk_space_is_told_with_what_to_do(disk: Path) -> None:
    sorted_rows = "(SELECT range AS i FROM range(9000000) ORDER BY hash(range))"
    joined = f"{sorted_rows} AS a JOIN range(9000000) AS b(i) USING (i)"
    query = f"SELECT max(a.i) AS instance_id, 0.0 AS f0 FROM {joined}"
    work = failing(query, memory_limit="20MB", max_temp_directory_size="1MB")

    with pytest.raises(EnvironmentProblem, match="memory or disk space in a task") as told, translated():
        list(compute(work, [BATCH]))

    assert "spark.executor.pyspark.memory" in told.value.hint
    assert not list(disk.iterdir())


def test_nothing_is_left_on_disk(disk: Path) -> None:
    seen = []

    def rows() -> Iterator[pa.RecordBatch]:
        seen.extend(disk.iterdir())
        yield BATCH

    list(compute(work(), rows()))
    begun = compute(work(), rows())
    next(begun)
    begun.close()

    assert len(seen) == 2
    assert not list(disk.iterdir())


def test_a_worker_that_ended_is_told() -> None:
    with pytest.raises(EngineError, match="A Python worker of Spark ended"), translated():
        raise ValueError("SparkException: Python worker exited unexpectedly (crashed)")


@pytest.mark.parametrize("error", [ValueError("another"), DataError("duplicates")])
def test_other_errors_stay_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as found, translated():
        raise error

    assert found.value is error
