"""What must not get worse and does not depend on the machine: scans, joins, rows, shuffles of a matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import sparkfeat as sf
from benchmarks import retail, wide
from benchmarks.contenders import retail_sparkfeat, wide_sparkfeat
from tests.benchmarks import work
from tests.snapshots.fixture import Snapshot

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Matrix = Callable[[str], sf.FeatureMatrix]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    retail.generate(folder, 5_000)
    return folder


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("events")
    wide.generate(folder, 5_000)
    return folder


@pytest.fixture(scope="module")
def cases(shop: Path, events: Path) -> dict[str, Matrix]:
    """Return what makes each matrix, given the engine."""
    es, wide_es = retail_sparkfeat.load(shop), wide_sparkfeat.load(events)
    features = sf.dfs(entityset=es, target_dataframe_name=retail.TARGET, features_only=True)
    times = {
        "one time": retail.MIDDLE,
        "a time each": str(retail.cutoffs(shop, 50)),
        "20 times each": str(retail.snapshots(shop, 50, 20)),
    }

    def of_retail(time: str, **options: Any) -> Matrix:
        return lambda engine: sf.calculate_feature_matrix(
            features, es, cutoff_time=time, engine=engine, **options
        )

    return {
        **{name: of_retail(time) for name, time in times.items()},
        # Those of 500 days hold the customers too, who signed up in the year before.
        "two windows": of_retail(times["a time each"], training_window=["500 days", "700 days"]),
        "wide": lambda engine: sf.calculate_feature_matrix(wide.features(2), wide_es, engine=engine),
    }


@pytest.fixture
def large_joins(interpreted: SparkSession) -> Iterator[None]:
    """Plan joins as for large tables: none is sent to all tasks."""
    key = "spark.sql.autoBroadcastJoinThreshold"
    before = interpreted.conf.get(key)
    interpreted.conf.set(key, "-1")
    yield
    interpreted.conf.set(key, before)


def test_work_on_duckdb(cases: dict[str, Matrix], snapshot: Snapshot) -> None:
    found = [f"[{name}]\n{work.on_duckdb(made('duckdb'))}" for name, made in cases.items()]
    snapshot("work/duckdb", "\n\n".join(found))


@pytest.mark.spark
@pytest.mark.usefixtures("large_joins")
def test_work_on_spark(cases: dict[str, Matrix], snapshot: Snapshot) -> None:
    chosen = ("a time each", "wide")
    found = [f"[{name}]\n{work.on_spark(cases[name]('spark'))}" for name in chosen]
    snapshot("work/spark", "\n\n".join(found))
