from __future__ import annotations

import json
from collections import namedtuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sparkfeat.engines import keys
from sparkfeat.engines.memory import Machine
from sparkfeat.errors import DataError, EnvironmentProblem, MissingInputError, SchemaError
from sparkfeat.pipelines import fit, plan_features
from sparkfeat.pipelines.compute_features import run
from sparkfeat.pipelines.config_file import read_config
from sparkfeat.pipelines.job_plan import HotKey, JobPlan
from sparkfeat.pipelines.plan_features import plan
from tests.pipelines.small_shop import write_shop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Disk = namedtuple("Disk", ["total", "used", "free"])
LITTLE_MEMORY = 4_000_000


@pytest.fixture
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the session of tests that ran before in this process."""
    for place in ("sparkfeat.synthesis", "sparkfeat.pipelines.build"):
        monkeypatch.setattr(f"{place}.active_session", lambda: None)


def planned(folder: Path, **changes: dict[str, Any]) -> JobPlan:
    """Write the shop with a changed configuration and plan it."""
    return plan(read_config(write_shop(folder, **changes)))


def test_counts_are_those_of_the_data(tmp_path: Path) -> None:
    found = planned(tmp_path)

    assert {table.name: table.rows for table in found.tables} == {"customers": 3, "orders": 5}
    assert found.tables[1].bytes == (tmp_path / "orders.parquet").stat().st_size
    assert (found.features.count, found.features.sql, found.features.featuretools) == (2, 2, 0)
    assert (found.matrix.rows, found.matrix.columns) == (2, 4)


def test_nothing_is_written(tmp_path: Path) -> None:
    planned(tmp_path)

    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("cutoff_time", "rows"),
    [("{time: 2024-01-10}", 2), ("{time: 2024-01-10, instance_ids: [1]}", 1), ("{}", 3)],
)
def test_rows_of_the_matrix_are_exact(tmp_path: Path, cutoff_time: str, rows: int) -> None:
    path = write_shop(tmp_path)
    path.write_text(
        path.read_text().replace("cutoff_time:\n  path: cutoffs.parquet", f"cutoff_time: {cutoff_time}")
    )
    config = read_config(path)

    assert plan(config).matrix.rows == rows == run(config).manifest.rows


def test_columns_include_the_time_of_the_index(tmp_path: Path) -> None:
    found = planned(tmp_path, output={"cutoff_time_in_index": True})

    assert found.matrix.columns == 5


def test_hottest_keys_are_named_with_their_share(tmp_path: Path) -> None:
    (found,) = planned(tmp_path).keys

    assert found.relationship == "orders.customer_id -> customers.customer_id"
    assert found.sampled is None
    assert found.keys == (HotKey(1, 3, 0.6), HotKey(2, 1, 0.2), HotKey(3, 1, 0.2))


def test_keys_of_large_tables_come_from_a_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "COUNTED_WHOLE", 4)
    monkeypatch.setattr(keys, "SAMPLE_ROWS", 5)

    (found,) = planned(tmp_path).keys

    assert found.sampled == 5


@pytest.mark.usefixtures("no_session")
def test_engine_comes_with_its_reason(tmp_path: Path) -> None:
    asked, auto = planned(tmp_path), planned(tmp_path, engine={"name": "auto"})

    assert (asked.engine, asked.engine_reason) == ("duckdb", "it was asked for")
    assert (auto.engine, auto.engine_reason) == ("duckdb", "nothing is in Spark, and no session is there")


def test_widest_stage_is_the_one_of_most_columns(tmp_path: Path) -> None:
    found = planned(tmp_path)

    assert found.widest.columns == max(stage.columns for stage in found.stages)
    assert {stage.name for stage in found.stages} >= {"matrix", "customers", "customers_by_orders"}


def test_memory_is_that_of_the_configuration(tmp_path: Path) -> None:
    engine = {"memory_limit": "8GiB", "threads": 3, "temp_directory": str(tmp_path)}

    memory = planned(tmp_path, engine=engine).memory

    assert memory.limit == 8 << 30
    assert (memory.parts, memory.part, memory.part_bytes) == (3, "thread", memory.working // 3)
    assert (memory.spill, memory.folder) == (0, str(tmp_path))


def tighten(monkeypatch: pytest.MonkeyPatch, folder: Path, limit: int = LITTLE_MEMORY) -> None:
    machine = Machine(8, "thread", limit, str(folder))
    monkeypatch.setattr(plan_features.duckdb_machine, "machine_of", lambda *_: machine)


def test_what_is_beyond_the_memory_limit_is_spilled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tighten(monkeypatch, tmp_path)

    found = planned(tmp_path)

    assert found.memory.spill == found.memory.working - LITTLE_MEMORY > 0
    assert found.problems == ()


def test_memory_below_what_cannot_be_spilled_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tighten(monkeypatch, tmp_path, 1_000_000)
    found = planned(tmp_path)

    with pytest.raises(EnvironmentProblem, match=r"at least .* may hold 1\.0 MB.*Raise engine\.memory_limit"):
        found.raise_problem()


def test_spill_beyond_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tighten(monkeypatch, tmp_path)
    monkeypatch.setattr(plan_features.shutil, "disk_usage", lambda _: Disk(1, 1, 1_000_000))
    found = planned(tmp_path)

    with pytest.raises(EnvironmentProblem, match=r"1\.0 MB are free.*Raise engine\.memory_limit"):
        found.raise_problem()


def test_matrix_beyond_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit.shutil, "disk_usage", lambda _: Disk(1, 1, 10))

    with pytest.raises(EnvironmentProblem, match=r"The matrix would take about .* 10 bytes are free"):
        planned(tmp_path).raise_problem()


@pytest.mark.usefixtures("no_session")
def test_featuretools_beyond_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "physical_memory", lambda: 100)
    found = planned(tmp_path, engine={"name": "featuretools"})

    assert found.features.featuretools == 2
    with pytest.raises(EnvironmentProblem, match=r"Featuretools would need about .*loads whole tables"):
        found.raise_problem()


@pytest.mark.spark
def test_group_beyond_the_limit_of_featuretools_is_refused(
    tmp_path: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_features, "LIMIT", 4)
    config = read_config(write_shop(tmp_path, engine={"name": "featuretools"}))

    found = plan(config, spark=spark)

    assert found.group is not None
    assert (found.group.instance, found.group.rows) == (1, 5)
    with pytest.raises(DataError, match=r"5 rows would have to be loaded at once.*instance 1"):
        found.raise_problem()


@pytest.mark.spark
def test_rows_that_belong_together_are_refused(
    tmp_path: Path, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_features, "LIMIT", 2)
    whole_table = {"target_dataframe_name": "orders", "agg_primitives": [], "trans_primitives": ["cum_sum"]}
    path = write_shop(tmp_path, engine={"name": "featuretools"}, features=whole_table)

    with pytest.raises(DataError, match=r"All rows belong together, since .* needs all rows of 'orders'"):
        plan(read_config(path), spark=spark).raise_problem()


@pytest.mark.spark
def test_plan_of_spark_is_by_partition(tmp_path: Path, spark: SparkSession) -> None:
    found = plan(read_config(write_shop(tmp_path, engine={"name": "auto"})), spark=spark)

    reason = "a Spark session is given; the plan has few aggregations (2)"
    assert (found.engine, found.engine_reason) == ("spark", reason)
    assert (found.memory.parts, found.memory.part) == (3, "partition")
    assert found.memory.limit > 1 << 30
    assert found.memory.free is None
    assert found.group is None


@pytest.mark.spark
def test_plan_of_partitioned_is_by_task(tmp_path: Path, spark: SparkSession) -> None:
    found = plan(read_config(write_shop(tmp_path, engine={"name": "partitioned"})), spark=spark)

    assert found.engine == "partitioned"
    assert (found.memory.parts, found.memory.part) == (2, "task")
    assert found.memory.limit > 1 << 30


def test_plan_as_json(tmp_path: Path) -> None:
    found = planned(tmp_path)

    told = json.loads(json.dumps(found.as_dict(), default=str))

    assert told["tables"][0] == {"name": "customers", "rows": 3} | {
        key: told["tables"][0][key] for key in ("files", "bytes")
    }
    assert told["matrix"]["rows"] == 2
    assert told["keys"][0]["keys"][0] == {"value": 1, "rows": 3, "share": 0.6}
    assert told["problems"] == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"cutoff_time": {"path": "nothing.parquet"}}, MissingInputError),
        ({"features": {"target_dataframe_name": "customer"}}, SchemaError),
    ],
)
def test_bad_input_is_refused_as_in_compute(
    tmp_path: Path, changes: dict[str, dict[str, Any]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        planned(tmp_path, **changes)
