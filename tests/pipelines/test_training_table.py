"""What is refused before Spark starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkfeat.errors import (
    ConfigError,
    MissingInputError,
    SchemaError,
    SparkfeatError,
    StorageError,
    UnsupportedError,
)
from sparkfeat.pipelines import compute_features, train_model
from sparkfeat.pipelines.config_file import read_config, read_model
from sparkfeat.pipelines.score_config import ScoreConfig
from sparkfeat.pipelines.train_config import TrainConfig
from sparkfeat.pipelines.training_table import check_columns, open_matrix
from tests.pipelines.small_shop import write_shop


@pytest.fixture
def matrix(tmp_path: Path) -> Path:
    """A matrix without cutoff times, labels passed through."""
    compute_features.run(read_config(write_shop(tmp_path)))
    return tmp_path / "out"


def config(matrix: Path, **changes: dict[str, Any]) -> TrainConfig:
    told: dict[str, dict[str, Any]] = {
        "data": {"matrix": str(matrix), "label": "label"},
        "tracking": {"enabled": False},
        "output": {"path": str(matrix.parent / "model")},
    }
    return TrainConfig.model_validate(
        {name: told.get(name, {}) | changes.get(name, {}) for name in {*told, *changes}}
    )


def test_columns_by_what_they_are(matrix: Path) -> None:
    found = open_matrix(str(matrix))
    assert (found.index, found.time) == ("customer_id", None)
    assert found.computed == {"COUNT(orders)", "SUM(orders.amount)"}
    assert found.passed == ["label"]
    assert "SELECT" in found.sql
    assert len(found.source.digest) == 16


@pytest.mark.parametrize(
    ("changes", "kind", "told"),
    [
        ({"data": {"label": "lable"}}, SchemaError, "No column 'lable' .*Did you mean 'label'"),
        ({"data": {"label": "COUNT(orders)"}}, SchemaError, "'COUNT.orders.' is a computed feature"),
        ({"data": {"exclude": ["SUM(order)"]}}, SchemaError, r"No column fits 'SUM\(order\)' .data.exclude"),
        ({"data": {"include": ["*x*"]}}, SchemaError, r"No column fits '\*x\*' .data.include"),
        ({"training": {"split": {"label_time": "lable"}}}, SchemaError, "'lable' .training.split.label_time"),
        ({"training": {"split": {"group": "grup"}}}, SchemaError, "'grup' .training.split.group"),
        ({"training": {"item": "product"}}, SchemaError, "'product' .training.item"),
        ({"evaluation": {"slices": ["lable"]}}, SchemaError, "evaluation.slices.*Did you mean 'label'"),
        ({"training": {"split": {"method": "time"}}}, ConfigError, "output.cutoff_time_in_index: true"),
        ({"training": {"split": {"test_from": "2024-01-01"}}}, ConfigError, "needs the cutoff times"),
    ],
)
def test_columns_that_do_not_fit(
    matrix: Path, changes: dict[str, Any], kind: type[SparkfeatError], told: str
) -> None:
    with pytest.raises(kind, match=told):
        check_columns(open_matrix(str(matrix)), config(matrix, **changes))


@pytest.mark.parametrize(
    ("columns", "kind", "told"),
    [
        (None, MissingInputError, "No such file or folder .*labels.parquet"),
        ({"customer_id": [1], "y": [1]}, SchemaError, r"No column 'buys' \(.*labels.parquet\)"),
        ({"customer": [1], "buys": [1]}, SchemaError, "No column 'customer_id' .*Did you mean 'customer'"),
        (
            {"customer_id": [1], "buys": [1], "time": pa.array([0], pa.timestamp("ns"))},
            UnsupportedError,
            "nanoseconds .*column 'time'.* Write microseconds",
        ),
    ],
)
def test_a_table_of_labels_that_does_not_fit(
    matrix: Path, columns: dict[str, Any] | None, kind: type[SparkfeatError], told: str
) -> None:
    file = matrix.parent / "labels.parquet"
    if columns is not None:
        pq.write_table(pa.table(columns), file)
    asked = config(matrix, data={"label": "buys", "labels": {"path": str(file)}})
    with pytest.raises(kind, match=told):
        check_columns(open_matrix(str(matrix)), asked)


def test_definitions_that_the_matrix_lacks(matrix: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    features = {"agg_primitives": ["max"]}
    compute_features.run(read_config(write_shop(other, features=features)))
    named = other / "out" / "runs" / "first" / "features.json"
    with pytest.raises(SchemaError, match=r"lacks 1 of the features .*MAX\(orders.amount\)"):
        check_columns(open_matrix(str(matrix)), config(matrix, data={"definitions": str(named)}))


def test_a_folder_without_a_matrix_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="No published feature matrix"):
        train_model.run(config(tmp_path / "nothing"))
    assert not (tmp_path / "model").exists()


def test_a_matrix_is_no_place_for_a_model(matrix: Path) -> None:
    with pytest.raises(StorageError, match=r"No published model .* of kind 'matrix'"):
        train_model.run(config(matrix, output={"path": str(matrix)}))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("data: {matrix: m}\noutput: {path: o}", "every problem but clustering needs one"),
        (
            "data: {matrix: m, label: l, include: [l]}\noutput: {path: o}",
            "the label 'l' may not be a feature",
        ),
        ("data: {matrix: m, labels: l}\noutput: {path: o}", "line 1, data.labels"),
        ("data: {matrix: m, label: l, exclud: [a]}\noutput: {path: o}", "Did you mean 'exclude'"),
        (
            "tracking: {uri: 'http://a:b@c'}\ndata: {matrix: m, label: l}\noutput: {path: o}",
            "does not belong",
        ),
    ],
)
def test_a_configuration_of_training_that_does_not_fit(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "train.yaml").write_text(text)
    with pytest.raises(ConfigError, match=told):
        read_model(tmp_path / "train.yaml", TrainConfig)


def test_a_configuration_of_scoring(tmp_path: Path) -> None:
    file = tmp_path / "score.yaml"
    file.write_text("model: models:/shop@champion\nmatrix: m\noutput: {path: out}")
    read = read_model(file, ScoreConfig)
    assert (read.model, read.matrix) == ("models:/shop@champion", str(tmp_path / "m"))
    assert read.override(check=True).check is not None
    assert read.check is None
    file.write_text("model: folder\nmatrix: m\ncutoff_time: {time: 2024-01-01}\noutput: {path: out}")
    with pytest.raises(ConfigError, match="leave out cutoff_time"):
        read_model(file, ScoreConfig)


def test_a_model_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sparkfeat.pipelines import score_model

    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def score(model: str) -> None:
        file = tmp_path / "score.yaml"
        file.write_text(f"model: {model}\noutput: {{path: out}}")
        score_model.run(read_model(file, ScoreConfig))

    with pytest.raises(MissingInputError, match="No published model"):
        score("nothing")
    with pytest.raises(ConfigError, match="Nobody says where MLflow is"):
        score("models:/shop@champion")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    with pytest.raises(ConfigError, match="names no registered model"):
        score("models:/shop")
    with pytest.raises(StorageError, match="No such registered model"):
        score("models:/shop@champion")
    assert not (tmp_path / "out").exists()
