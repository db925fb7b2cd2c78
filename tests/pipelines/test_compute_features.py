from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import featuretools as ft
import pytest

import sparkfeat as sf
from sparkfeat.errors import (
    EnvironmentProblem,
    OutputExistsError,
    SchemaError,
    StorageError,
    UnsupportedError,
)
from sparkfeat.pipelines.compute_features import RunResult, run
from sparkfeat.pipelines.config_file import read_config
from sparkfeat.pipelines.progress import Silence
from sparkfeat.storage.manifest import read_manifest
from sparkfeat.storage.read import read_matrix
from sparkfeat.storage.store import Store
from tests.pipelines.small_shop import CUSTOMERS, MATRIX, ORDERS, write_shop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def compute(folder: Path, **changes: dict[str, Any]) -> RunResult:
    """Write the shop with a changed configuration and run it."""
    return run(read_config(write_shop(folder, **changes)))


class Recorder(Silence):
    """Progress kept in a list."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.percent = ("", 0.0)

    def begin(self, stage: str) -> None:
        self.lines.append(f"begin {stage}")

    def end(self, stage: str, seconds: float) -> None:
        self.lines.append(f"end {stage}")

    def tell(self, line: str) -> None:
        self.lines.append(line)

    def advance(self, stage: str, percent: float) -> None:
        self.percent = (stage, percent)


def test_matrix_is_published_in_the_order_of_the_cutoffs(tmp_path: Path) -> None:
    result = compute(tmp_path)

    assert result.computed
    assert result.output == str(tmp_path / "out")
    assert read_matrix(tmp_path / "out", verify=True).to_table().to_pydict() == MATRIX


@pytest.mark.parametrize("engine", ["spark", "partitioned"])
def test_a_session_is_started_with_its_settings(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, str]] = []

    def refuse(**settings: str) -> None:
        asked.append(settings)
        raise EnvironmentProblem("no Spark here")

    for place in ("build", "spark_session"):
        monkeypatch.setattr(f"sparkfeat.pipelines.{place}.active_session", lambda: None)
    monkeypatch.setattr("sparkfeat.pipelines.spark_session.local_session", refuse)

    with pytest.raises(EnvironmentProblem, match="no Spark here"):
        compute(tmp_path, engine={"name": engine, "spark": {"spark.sql.shuffle.partitions": 3}})

    assert asked == [{"spark.sql.shuffle.partitions": "3"}]


@pytest.mark.spark
@pytest.mark.parametrize("engine", ["spark", "partitioned"])
def test_spark_publishes_the_same_matrix(engine: str, tmp_path: Path, spark: SparkSession) -> None:
    config = read_config(write_shop(tmp_path, engine={"name": engine}))

    result = run(config, spark=spark)

    assert result.manifest.engine == engine
    assert read_matrix(tmp_path / "out", verify=True).to_table().to_pydict() == MATRIX


def test_manifest_says_how_the_matrix_was_made(tmp_path: Path) -> None:
    manifest = compute(tmp_path).manifest

    assert manifest == read_manifest(tmp_path / "out")
    assert manifest.engine == "duckdb"
    assert manifest.rows == 2
    assert manifest.fallbacks == ()
    assert [column.name for column in manifest.columns] == list(MATRIX)
    assert {file.table: file.rows for file in manifest.inputs} == {
        "customers": len(CUSTOMERS["customer_id"]),
        "orders": len(ORDERS["order_id"]),
        "cutoff_time": 2,
    }
    assert all(file.bytes == Path(file.path).stat().st_size for file in manifest.inputs)
    assert list(manifest.seconds) == ["open tables", "find features", "plan", "compute"]
    assert manifest.packages["featuretools"] == ft.__version__
    assert manifest.parameters["cutoff_time"]["path"] == str(tmp_path / "cutoffs.parquet")  # type: ignore[index,call-overload]


def test_definitions_and_sql_are_saved_beside_the_data(tmp_path: Path) -> None:
    manifest = compute(tmp_path).manifest

    definitions = tmp_path / "out" / manifest.definitions.path
    assert sha256(definitions.read_bytes()).hexdigest() == manifest.definitions.sha256
    assert [feature.get_name() for feature in ft.load_features(str(definitions))] == list(MATRIX)[1:3]
    assert manifest.sql is not None
    assert "SELECT" in (tmp_path / "out" / manifest.sql.path).read_text()


def test_saved_definitions_give_the_same_matrix(tmp_path: Path) -> None:
    first = compute(tmp_path).manifest
    definitions = {"definitions": f"out/{first.definitions.path}"}
    path = write_shop(tmp_path, output={"path": "again"})
    config = read_config(path).model_copy(
        update={
            "features": read_config(path).features.model_validate(definitions, context={"folder": tmp_path})
        }
    )

    run(config)

    assert read_matrix(tmp_path / "again").to_table().to_pydict() == MATRIX


def test_one_cutoff_for_some_instances(tmp_path: Path) -> None:
    path = write_shop(tmp_path)
    path.write_text(
        path.read_text().replace("path: cutoffs.parquet", "{time: 2024-01-10, instance_ids: [1]}")
    )

    run(read_config(path))

    assert read_matrix(tmp_path / "out").to_table()["SUM(orders.amount)"].to_pylist() == [12.5]


def test_run_that_has_finished_is_not_repeated(tmp_path: Path) -> None:
    compute(tmp_path)
    before = (tmp_path / "out" / "manifest.json").stat().st_mtime_ns
    progress = Recorder()

    again = run(read_config(tmp_path / "shop.yaml"), progress=progress)

    assert not again.computed
    assert (tmp_path / "out" / "manifest.json").stat().st_mtime_ns == before
    assert [line.split(":")[0] for line in progress.lines] == ["run first is done"]


def test_finished_run_can_become_the_visible_one_again(tmp_path: Path) -> None:
    config = read_config(write_shop(tmp_path))
    run(config)
    run(config.override(run_id="second", overwrite=True))

    result = run(config.override(overwrite=True))

    assert not result.computed
    assert read_manifest(tmp_path / "out").run_id == "first"


def test_other_run_is_refused_before_any_work(tmp_path: Path) -> None:
    config = read_config(write_shop(tmp_path))
    run(config)
    progress = Recorder()

    with pytest.raises(OutputExistsError):
        run(config.override(run_id="second"), progress=progress)

    assert progress.lines == []


def test_run_without_an_id_gets_a_new_one(tmp_path: Path) -> None:
    first = compute(tmp_path, output={"run_id": None}).manifest
    second = compute(tmp_path, output={"run_id": None, "overwrite": True}).manifest

    assert first.run_id != second.run_id


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"cutoff_time": {"path": "nothing.parquet"}},
            StorageError,
            r"nothing\.parquet",
        ),
        ({"features": {"target_dataframe_name": "customer"}}, SchemaError, "Did you mean 'customers'"),
        ({"output": {"path": "gs://bucket/out"}}, UnsupportedError, "Cannot publish to 'gs://'"),
    ],
)
def test_bad_input_leaves_nothing_behind(
    tmp_path: Path, changes: dict[str, dict[str, Any]], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        compute(tmp_path, **changes)

    assert not list((tmp_path / "out").rglob("*.*"))


@pytest.mark.parametrize("failure", [KeyboardInterrupt, RuntimeError])
def test_failure_while_computing_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    def half_written(matrix: object, folder: Store) -> None:
        (Path(folder.root) / "part-0.parquet").write_text("half")
        raise failure

    monkeypatch.setattr(sf.FeatureMatrix, "write_files", half_written)

    with pytest.raises(failure):
        compute(tmp_path)

    assert not list((tmp_path / "out").rglob("*.*"))


def test_full_disk_is_told_whatever_the_engine_calls_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(matrix: object, folder: Store) -> None:
        raise RuntimeError("IO Error: Could not write file: No space left on device")

    monkeypatch.setattr(sf.FeatureMatrix, "write_files", full)

    with pytest.raises(EnvironmentProblem, match="The disk is full"):
        compute(tmp_path)


def test_stages_are_shown_in_order(tmp_path: Path) -> None:
    progress = Recorder()

    run(read_config(write_shop(tmp_path)), progress=progress)

    stages = ["open tables", "find features", "plan", "compute", "record"]
    assert progress.lines == [f"{edge} {stage}" for stage in stages for edge in ("begin", "end")]
    assert progress.percent == ("compute", 100)


def test_features_that_fall_back_are_recorded_with_the_reason(tmp_path: Path) -> None:
    manifest = compute(tmp_path, engine={"name": "featuretools"}).manifest

    assert manifest.engine == "featuretools"
    assert [fallback.feature for fallback in manifest.fallbacks] == ["COUNT(orders)", "SUM(orders.amount)"]
    assert all(fallback.reason for fallback in manifest.fallbacks)
    assert manifest.sql is None
    assert read_matrix(tmp_path / "out").to_table().to_pydict() == MATRIX
