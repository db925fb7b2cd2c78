"""From a published matrix to a model in MLflow, and to predictions, as commands do it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sparkfeat.definitions import load_features, save_features
from sparkfeat.errors import ConfigError, DataError
from sparkfeat.pipelines import compute_features, score_model, train_model
from sparkfeat.pipelines.train_model import TrainResult
from sparkfeat.storage.manifest import read_manifest
from sparkfeat.storage.read import read_predictions
from sparkfeat.tracking import Place, TrackingConfig, log_run
from tests.conftest import interpreting
from tests.pipelines.small_training import DECOY, compute_config, make_matrix, score_config, train_config
from tests.support.mlflow_page import browser, server, until_image, until_text, wait_for
from tests.tracking.servers import closed
from tests.tracking.test_log import record

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TRACKING = {"enabled": True, "registered_model": "shop", "price_per_hour": 3.6, "tags": {"team": "shop"}}


@pytest.fixture(scope="module", autouse=True)
def no_address() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        yield


@pytest.fixture(scope="module", autouse=True)
def interpreted(spark: SparkSession) -> Iterator[None]:
    """The module's fixtures train models too."""
    with interpreting(spark):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training")
    make_matrix(folder)
    return folder


@pytest.fixture(scope="module")
def trained(folder: Path, spark: SparkSession) -> TrainResult:
    """A model that is logged to a database in its folder, and the champion."""
    return train_model.run(
        train_config(folder, tracking=TRACKING, evaluation={"baselines": True}), spark=spark
    )


@pytest.fixture(scope="module")
def predictions(folder: Path, trained: TrainResult, spark: SparkSession) -> pa.Table:
    """What the model in the folder predicts for the rows of its training, features checked on the way."""
    done = score_model.run(score_config(folder, check={"rows": 60}), spark=spark)
    assert done.manifest.checked == 60
    return read_predictions(done.output).to_table().sort_by("customer_id")


def address(folder: Path) -> str:
    return f"sqlite:///{folder}/model/mlflow.db"


def test_a_model_is_published_with_what_it_was_made_of(folder: Path, trained: TrainResult) -> None:
    manifest = trained.manifest
    assert manifest.card.features
    assert not [name for name in manifest.card.features if DECOY in name]
    assert manifest.card.matrix.run_id == read_manifest(folder / "matrix").run_id
    assert set(manifest.baselines) == {"majority", "raw_columns", "shuffled_labels"}
    better = manifest.metrics["roc_auc"]
    assert better > 0.75
    assert all(found["roc_auc"] < better for found in manifest.baselines.values())
    root = folder / "model"
    assert json.loads((root / "manifest.json").read_text())["run_id"] == "first"
    assert all((root / file.path).stat().st_size == file.bytes for file in manifest.files)
    page = Path(trained.report).read_text(encoding="utf-8")
    assert "data:image/png;base64" in page
    assert not re.findall(r"(?:src|href)=.?https?:", page)
    assert "CREATE" not in (root / "runs/first/sparkfeat/features.sql").read_text()[:6]


def test_mlflow_has_the_run(folder: Path, trained: TrainResult) -> None:
    from mlflow import MlflowClient

    tracked = trained.manifest.tracking
    assert tracked is not None
    assert (tracked.problem, tracked.registered, tracked.champion) == ("", "shop/1", True)
    client = MlflowClient(address(folder), address(folder))
    run = client.get_run(str(tracked.run_id))
    metrics, tags = run.data.metrics, run.data.tags
    assert client.get_experiment(run.info.experiment_id).name == "buys again"
    assert metrics["roc_auc"] == pytest.approx(trained.manifest.metrics["roc_auc"])
    assert metrics["roc_auc_low"] < metrics["roc_auc"] < metrics["roc_auc_high"]
    assert 0 < metrics["baseline_shuffled_labels_roc_auc"] < metrics["roc_auc"]
    assert metrics["cost"] == pytest.approx(metrics["seconds"] / 1000)
    assert len(client.get_metric_history(run.info.run_id, "objective")) > 2
    assert run.data.params["chosen.algorithm"] == "logistic_regression"
    assert run.data.params["data.label"] == "label"
    assert tags["team"] == "shop"
    assert tags["sparkfeat.feature_hash"] == trained.manifest.card.feature_hash
    assert run.inputs.dataset_inputs[0].dataset.digest == trained.manifest.card.matrix.digest
    files = {
        file.path for name in ("report", "sparkfeat") for file in client.list_artifacts(run.info.run_id, name)
    }
    assert {"report/report.html", "report/roc.png", "report/importances.png"} <= files
    assert {"sparkfeat/features.json", "sparkfeat/features.sql", "sparkfeat/matrix.json"} <= files
    version = client.get_model_version_by_alias("shop", "champion")
    assert version.tags["comparison"] == "there was no champion before"


def test_predictions_say_whose_they_are(predictions: pa.Table, trained: TrainResult) -> None:
    assert predictions.schema.names[:3] == ["customer_id", "time", "label"]
    assert set(predictions.schema.names[3:]) == {"predicted_label", "score", "probabilities", "model_version"}
    assert predictions["model_version"].unique().to_pylist() == [trained.manifest.run_id]
    threshold = json.loads((Path(trained.output) / "runs/first/model/model.json").read_text())["threshold"][
        "value"
    ]
    above = pc.greater_equal(predictions["score"], threshold).to_pylist()
    assert [label == 1 for label in predictions["predicted_label"].to_pylist()] == above


def test_a_new_process_predicts_the_same_from_mlflow(folder: Path, predictions: pa.Table) -> None:
    score_config(
        folder,
        model="models:/shop@champion",
        registry={"uri": address(folder)},
        output={"path": str(folder / "from-mlflow"), "run_id": "second"},
    )
    done = subprocess.run(
        [sys.executable, "-c", "from sparkfeat.cli import main; main()", "score", str(folder / "score.yaml")],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    again = read_predictions(folder / "from-mlflow").to_table().sort_by("customer_id")
    assert again["model_version"].unique().to_pylist() == ["shop/1"]
    assert again.drop(["model_version"]).to_pydict() == predictions.drop(["model_version"]).to_pydict()


def test_an_equal_model_does_not_replace_the_champion(
    folder: Path, trained: TrainResult, spark: SparkSession
) -> None:
    from mlflow import MlflowClient

    tracking = TRACKING | {"uri": address(folder), "log_model": True}
    second = train_model.run(
        train_config(folder, tracking=tracking, output={"path": str(folder / "second"), "run_id": "second"}),
        spark=spark,
    )
    tracked = second.manifest.tracking
    assert tracked is not None
    assert (tracked.problem, tracked.registered, tracked.champion) == ("", "shop/2", False)
    client = MlflowClient(address(folder), address(folder))
    assert str(client.get_model_version_by_alias("shop", "champion").version) == "1"
    challenger = client.get_model_version_by_alias("shop", "challenger")
    assert str(challenger.version) == "2"
    assert "gain +0.0000 (+0.0000 to +0.0000)" in challenger.tags["comparison"]


def test_a_model_is_published_when_the_server_is_away(folder: Path, spark: SparkSession) -> None:
    output = {"path": str(folder / "alone"), "run_id": "first"}
    uri = closed()
    done = train_model.run(
        train_config(folder, tracking={"enabled": True, "uri": uri}, output=output), spark=spark
    )
    tracked = done.manifest.tracking
    assert tracked is not None
    assert tracked.run_id is None
    assert tracked.problem.startswith(f"{uri} does not answer")
    assert Path(done.report).is_file()
    assert score_model.run(
        score_config(folder, model=str(folder / "alone"), output={"path": str(folder / "alone-predictions")}),
        spark=spark,
    ).manifest.rows


def test_other_definitions_are_refused(folder: Path, trained: TrainResult, spark: SparkSession) -> None:
    copy = folder / "changed"
    shutil.copytree(folder / "model", copy)
    file = copy / "runs/first/sparkfeat/features.json"
    features = {feature.get_name(): feature for feature in load_features(file)}
    features["SUM(sessions.minutes)"] = features["COUNT(sessions)"].rename("SUM(sessions.minutes)")
    save_features(list(features.values()), file)
    refused = score_config(folder, model=str(copy), output={"path": str(folder / "none")})
    with pytest.raises(ConfigError, match=r"not those it was trained with .* Their hash is another"):
        score_model.run(refused, spark=spark)
    del features["SUM(sessions.minutes)"]
    save_features(list(features.values()), file)
    with pytest.raises(ConfigError, match=r"The file has no SUM\(sessions.minutes\)"):
        score_model.run(refused, spark=spark)

    windowed = compute_config(folder, cutoff_time={"training_window": "30 days"})
    changed = windowed.output.model_copy(update={"path": str(folder / "windowed")})
    compute_features.run(windowed.model_copy(update={"output": changed}))
    other = {"cutoff_time": None, "engine": None, "matrix": str(folder / "windowed")}
    with pytest.raises(ConfigError, match="The matrix's features are not computed as the model's"):
        score_model.run(score_config(folder, **other, output={"path": str(folder / "none")}), spark=spark)
    asked = {"path": str(folder / "shop/labels.parquet"), "training_window": "30 days"}
    with pytest.raises(ConfigError, match="The model was trained with training_window: None"):
        score_model.run(
            score_config(folder, cutoff_time=asked, output={"path": str(folder / "none")}), spark=spark
        )
    assert not (folder / "none").exists() or not list((folder / "none").rglob("*.parquet"))


def test_rows_of_the_past_that_changed_are_found(
    folder: Path, trained: TrainResult, spark: SparkSession, tmp_path: Path
) -> None:
    told = compute_config(folder).model_dump(mode="json")["entityset"]
    sessions = pq.read_table(told["dataframes"]["sessions"]["path"])
    flipped = pc.invert(sessions["is_mobile"])
    pq.write_table(
        sessions.set_column(sessions.schema.get_field_index("is_mobile"), "is_mobile", flipped),
        tmp_path / "s.parquet",
    )
    told["dataframes"]["sessions"]["path"] = str(tmp_path / "s.parquet")
    config = score_config(folder, entityset=told, check={"rows": 40}, output={"path": str(tmp_path / "out")})
    with pytest.raises(DataError, match=r"features have other values .*PERCENT_TRUE\(sessions.is_mobile\)"):
        score_model.run(config, spark=spark)


def test_the_page_of_mlflow_shows_the_run_with_its_plots(folder: Path, trained: TrainResult) -> None:
    tracked = trained.manifest.tracking
    assert tracked is not None
    port = int(closed().rpartition(":")[2])
    with server(address(folder), folder, port) as home, browser() as driver:
        wait_for(f"{home}/health")
        logged = log_run(record(folder), Place(home, None), TrackingConfig())
        assert (logged.uri, logged.problem) == (home, ""), "the same through the server"
        run = f"{home}/#/experiments/{tracked.experiment_id}/runs/{tracked.run_id}"
        driver.get(run)
        until_text(driver, "baseline_shuffled_labels_roc_auc")
        driver.save_screenshot(str(folder / "run.png"))
        driver.get(f"{run}/artifacts/report/roc.png")
        width = until_image(driver)
        driver.save_screenshot(str(folder / "plot.png"))
    assert width > 300
    for name in ("run.png", "plot.png"):
        assert (folder / name).stat().st_size > 20_000
