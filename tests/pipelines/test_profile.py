from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import sparkfeat as sf
from sparkfeat.engines.duckdb.profile import steps_of
from sparkfeat.engines.profile import MATRIX as LAST
from sparkfeat.engines.profile import Profile, Step
from sparkfeat.errors import EnvironmentProblem
from sparkfeat.pipelines.build import built
from sparkfeat.pipelines.compute_features import RunResult, run
from sparkfeat.pipelines.config_file import read_config
from sparkfeat.pipelines.profile_picture import draw_profile
from tests.pipelines.small_shop import write_shop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PNG = b"\x89PNG\r\n\x1a\n"
SEVERAL_READERS = {"agg_primitives": ["count", "sum", "mode"], "trans_primitives": ["month"]}


def profiled(
    folder: Path, *, spark: SparkSession | None = None, **changes: Any
) -> tuple[RunResult, dict[str, Any]]:
    """Compute the shop with a profile; returns the run and the steps by name."""
    config = read_config(write_shop(folder, features=SEVERAL_READERS, **changes))
    result = run(config, spark=spark, profile=True)
    assert result.profile is not None
    told = json.loads(Path(result.profile).read_text())
    return result, {step["name"]: step for step in told["steps"]}


def test_profile_is_written_into_the_runs_folder(tmp_path: Path) -> None:
    result, _ = profiled(tmp_path)

    assert result.profile == str(tmp_path / "out" / "runs" / "first" / "profile.json")
    assert Path(result.profile).with_suffix(".png").read_bytes().startswith(PNG)


def test_steps_are_the_relations_with_their_rows(tmp_path: Path) -> None:
    _, steps = profiled(tmp_path)

    assert steps["customers_rows"]["rows"] == 2
    assert steps["customers_rows"]["what"] == "rows of customers asked for, as visible at the cutoff"
    assert steps["customers_orders_computed"]["rows"] == 3
    assert steps[LAST]["rows"] == 2
    assert steps["check"]["rows"] == 8
    assert "customers_by_orders" in steps[LAST]["includes"]
    assert all(step["engine"] == "duckdb" for step in steps.values())


def test_steps_come_slowest_first_with_their_shares(tmp_path: Path) -> None:
    _, steps = profiled(tmp_path)

    seconds = [step["seconds"] for step in steps.values()]
    assert seconds == sorted(seconds, reverse=True)
    assert sum(step["share"] for step in steps.values()) == pytest.approx(1, abs=0.01)


def test_every_relation_is_a_step_or_included_in_one(tmp_path: Path) -> None:
    config = read_config(write_shop(tmp_path, features=SEVERAL_READERS))
    with built(config) as parts, parts.matrix.profiled() as profile:
        parts.matrix.to_arrow()
    lowered = parts.matrix._computation.lowered("duckdb")

    apart = {step.name for step in profile.steps}
    inside = {name for step in profile.steps for name in step.includes}
    assert {cte.name for cte in lowered.ctes} <= apart | inside
    assert not apart & inside


def test_what_featuretools_computes_is_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The session of tests that ran before in this process.
    for place in ("sparkfeat.synthesis", "sparkfeat.pipelines.build"):
        monkeypatch.setattr(f"{place}.active_session", lambda: None)
    _, steps = profiled(tmp_path, engine={"name": "featuretools"})

    assert steps["featuretools"]["rows"] == 2
    assert steps["featuretools tables"]["rows"] == 8
    assert "without SQL" in steps["featuretools"]["what"]


@pytest.mark.spark
def test_spark_counts_the_rows_of_what_it_keeps(tmp_path: Path, spark: SparkSession) -> None:
    result, steps = profiled(tmp_path, spark=spark, engine={"name": "spark"})

    assert result.manifest.rows == 2
    assert steps["customers_orders_computed"]["rows"] == 3
    assert steps[LAST]["rows"] == 2
    assert steps["check"]["rows"] == 8


@pytest.mark.spark
def test_tasks_of_the_partitioned_engine_are_summed_up(tmp_path: Path, interpreted: SparkSession) -> None:
    result, steps = profiled(tmp_path, spark=interpreted, engine={"name": "partitioned"})

    assert result.manifest.rows == 2
    moved = steps["moved"]["rows"]
    assert steps["check"]["rows"] >= moved - 2 > 0  # two rows of cutoffs
    assert steps["handed over"]["rows"] == steps["taken in"]["rows"] == moved
    assert steps["partitions"]["rows"] == steps[LAST]["rows"] == 2
    assert {step["engine"] for name, step in steps.items() if name in ("taken in", "planning")} == {"duckdb"}


@pytest.mark.spark
def test_featuretools_on_spark_is_timed(tmp_path: Path, spark: SparkSession) -> None:
    _, steps = profiled(tmp_path, spark=spark, engine={"name": "featuretools"})

    assert steps["featuretools"]["rows"] == 2
    assert steps["featuretools"]["seconds"] > 0


def test_no_profile_unless_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("sparkfeat.engines.duckdb.engine.Session.profiling", refuse)

    result = run(read_config(write_shop(tmp_path)))

    assert result.profile is None
    assert not list((tmp_path / "out").rglob("profile.*"))


def test_run_that_has_finished_has_no_new_profile(tmp_path: Path) -> None:
    config = read_config(write_shop(tmp_path))
    run(config)

    again = run(config, profile=True)

    assert again.profile is None
    assert not list((tmp_path / "out").rglob("profile.*"))


def test_profile_of_the_library(tmp_path: Path) -> None:
    with built(read_config(write_shop(tmp_path))) as parts:
        matrix: sf.FeatureMatrix = parts.matrix
        with matrix.profiled() as profile:
            matrix.to_pandas()
        with matrix.profiled() as nothing:
            matrix.to_pandas()

    assert profile.engine == "duckdb"
    assert profile.seconds > 0
    assert {step.name for step in profile.steps} >= {"check", "planning", LAST}
    assert nothing.steps == []


def test_another_form_of_duckdbs_profile_is_told(tmp_path: Path) -> None:
    with built(read_config(write_shop(tmp_path))) as parts:
        lowered = parts.matrix._computation.lowered("duckdb")

    with pytest.raises(EnvironmentProblem, match="Install duckdb 2"):
        steps_of({"operator_name": "old"}, lowered)


def test_pictures_of_long_names_and_of_nothing(tmp_path: Path) -> None:
    steps = [Step("n" * 90, "duckdb", "a$b " * 40, 0.1 * n, n) for n in range(20)]
    steps.append(Step("featuretools", "featuretools", "1 feature", 1.0, 5))

    for name, profile in {"many": Profile("duckdb", 2.0, steps), "none": Profile("spark")}.items():
        draw_profile(profile, tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(PNG)
