"""Pipelines of all steps, from a configuration."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import ValidationError
from pyspark.ml import PipelineModel

from sparkfeat.errors import ConfigError
from sparkfeat.models.preprocessing import (
    PreprocessingConfig,
    build_preprocessing,
    categorical_positions,
    feature_slots,
    training_rows,
)
from sparkfeat.models.roles import Roles

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROLES = Roles(
    "label",
    numeric=("SUM(a.b)", "MEAN(a.b)", "c", "nothing"),
    boolean=("yes",),
    categorical=("kind", "city", "shop"),
    times=("joined",),
    instance_id="id",
    cutoff_time="time",
)
STEPS: list[dict[str, object]] = [
    {"step": "drop_rows", "max_null_share": 0.8},
    {"step": "drop_columns", "max_null_share": 0.9},
    {"step": "indicate", "columns": ["numeric", "kind"]},
    {"step": "clip", "columns": "*(a.b)"},
    {"step": "power", "columns": "c"},
    {"step": "scale", "columns": ["numeric", "times"], "method": "robust"},
    {"step": "impute_knn", "columns": ["SUM(a.b)", "c"], "neighbors": 3},
    {"step": "impute_chained", "columns": ["numeric", "times"]},
    {"step": "impute", "columns": "boolean", "strategy": "constant", "value": 0.5},
    {"step": "log", "columns": "MEAN(a.b)"},
    {"step": "clusters", "columns": "numeric", "clusters": 3},
    {"step": "pca", "columns": ["SUM(a.b)", "c"], "components": 1},
    {"step": "target", "columns": "kind", "horizon": "P1D"},
    {"step": "hash", "columns": "city", "buckets": 4},
    {"step": "hash_all", "columns": "shop", "buckets": 2},
]


def config(*steps: dict[str, object]) -> PreprocessingConfig:
    return PreprocessingConfig.model_validate({"steps": steps})


@pytest.mark.slow
def test_all_steps_together_save_load_and_name_their_slots(spark: SparkSession, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    start = datetime(2024, 1, 1)
    rows = [
        (
            n,
            start + timedelta(days=n),
            *(None if rng.random() < 0.2 else float(value) for value in rng.gamma(2, 3, 3)),
            None,
            bool(n % 2),
            ["a", None, "b"][n % 3],
            f"c{n % 5}",
            f"s{n % 4}",
            start - timedelta(days=n * n),
            float(n % 2),
        )
        for n in range(40)
    ]
    rows.append((40, start, *[None] * 9, 1.0))
    schema = (
        "id int, time timestamp_ntz, `SUM(a.b)` double, `MEAN(a.b)` double, c double, nothing double,"
        " yes boolean, kind string, city string, shop string, joined timestamp_ntz, label double"
    )
    table = spark.createDataFrame(rows, schema)
    pipeline = build_preprocessing(config(*STEPS), ROLES)
    train = training_rows(table, pipeline)
    assert train.count() == 40
    model = pipeline.fit(train)
    model.save(str(tmp_path / "model"))
    loaded = PipelineModel.load(str(tmp_path / "model"))
    done = loaded.transform(table.drop("label"))
    assert done.columns == [*table.columns[:-1], "features"]
    slots = feature_slots(loaded)
    found = np.array([row["features"].toArray() for row in done.orderBy("id").collect()])
    assert found.shape == (41, len(slots))
    assert np.isfinite(found).all()
    names = [slot.name for slot in slots]
    assert names[:5] == ["MEAN(a.b)", "yes", "kind", "city in bucket 0", "city in bucket 1"]
    assert names[-1] == "bucket 1"
    assert {"SUM(a.b) is missing", "kind is missing", "in cluster 2", "component 1"} <= set(names)
    assert not any("nothing" in slot.sources and len(slot.sources) == 1 for slot in slots)
    assert categorical_positions(slots) == [[3, 4, 5, 6]]
    assert slots[names.index("component 1")].sources == ("SUM(a.b)", "c")
    marked = found[:, names.index("kind is missing")]
    assert marked[:39].tolist() == [n % 3 == 1 for n in range(39)]
    before = np.array([row["features"].toArray() for row in model.transform(table).orderBy("id").collect()])
    np.testing.assert_array_equal(found, before)


def test_a_step_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValidationError, match="'one_hot'"):
        config({"step": "onehot"})
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        config({"step": "scale", "columnz": "numeric"})
    with pytest.raises(ValidationError, match="at least 1 item"):
        config({"step": "scale", "columns": []})


def test_target_encoding_needs_cutoff_times(spark: SparkSession) -> None:
    roles = Roles("label", categorical=("kind",))
    with pytest.raises(ConfigError, match="needs cutoff times"):
        build_preprocessing(config({"step": "target"}), roles)


def test_steps_without_columns_are_passed_over(spark: SparkSession) -> None:
    roles = Roles(None, numeric=("x",))
    stages = build_preprocessing(PreprocessingConfig(), roles).getStages()
    assert [type(stage).__name__ for stage in stages] == ["WorkingColumns", "Imputer", "Scaler", "Assembler"]
