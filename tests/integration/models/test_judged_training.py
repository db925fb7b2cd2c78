"""Models that were really trained, judged: metrics, importances of columns, baselines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from sparkfeat.models.evaluation import (
    EvaluationConfig,
    Story,
    baselines,
    evaluate,
    model_importances,
    permutation_importances,
    report,
)
from sparkfeat.models.roles import Roles
from sparkfeat.models.splits import Split, SplitConfig, split
from sparkfeat.models.training import TrainedModel, TrainingConfig, train
from sparkfeat.models.training.config import ModelConfig

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.usefixtures("interpreted")

STRONG, TOWN = "SUM(orders.amount)", "MODE(orders.town)"
FEATURES = (STRONG, TOWN, "MEAN(orders.noise)", "raw")
ROLES = Roles("label", numeric=(STRONG, "MEAN(orders.noise)", "raw"), categorical=(TOWN,), instance_id="id")
CONFIG = EvaluationConfig(replicates=50)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    rows = 1_500
    strong, noise, raw = rng.normal(size=rows), rng.normal(size=rows), rng.normal(size=rows)
    town = rng.choice(["oslo", "rome", "bern"], rows)
    score = 2 * strong + 1.5 * (town == "rome") + 0.5 * raw + rng.normal(size=rows)
    strong[rng.random(rows) < 0.05] = np.nan
    kinds = np.where(score > 1.5, "high", np.where(score > -0.5, "middle", "low"))
    return pd.DataFrame({
        "id": range(rows), STRONG: strong, TOWN: town, "MEAN(orders.noise)": noise, "raw": raw,
        "label": np.where(score > 0.5, "yes", "no"), "kind": kinds, "amount": score * 10 + 100,
    })  # fmt: skip


@pytest.fixture(scope="module")
def frame(spark: SparkSession, table: pd.DataFrame) -> Iterator[DataFrame]:
    frame = spark.createDataFrame(table).persist()
    yield frame
    frame.unpersist()


def learned(
    frame: DataFrame, algorithm: str, label: str = "label"
) -> tuple[TrainedModel, Split, Roles, TrainingConfig]:
    roles = replace(ROLES, label=label)
    config = TrainingConfig(models=[ModelConfig(algorithm=algorithm)], split=SplitConfig(method="random"))
    parts = split(frame, roles, config.split)
    return train(frame, roles, config, split=parts), parts, roles, config


@pytest.mark.parametrize("algorithm", ["logistic_regression", "gradient_boosted_trees"])
def test_two_classes(frame: DataFrame, algorithm: str, tmp_path: Path) -> None:
    model, parts, roles, config = learned(frame, algorithm)
    told = {"classes": list(model.classes), "positive": model.positive}
    predictions = model.predict(parts.test)
    found = evaluate(
        predictions,
        "binary",
        label="label",
        threshold=model.threshold.value,
        key=["id"],
        config=CONFIG,
        **told,
    )

    rows = predictions.select("label", "score", "predicted_label").toPandas()
    truth = rows["label"] == "yes"
    assert found.metrics["roc_auc"].value == pytest.approx(sk.roc_auc_score(truth, rows["score"]))
    assert found.metrics["log_loss"].value == pytest.approx(sk.log_loss(truth, rows["score"]))
    confusion = sk.confusion_matrix(rows["label"], rows["predicted_label"], labels=["no", "yes"])
    assert [list(row) for row in found.confusion.counts] == confusion.tolist()

    own = model_importances(model.models, model.slots, model.predict(parts.train), {TOWN: "the town"})
    assert own[0].name == STRONG
    assert {one.name: one.words for one in own}[TOWN] == "the town"
    assert sum(one.value for one in own) == pytest.approx(1)
    shuffled = permutation_importances(
        model.predict, parts.test, FEATURES, "binary", label="label", key=["id"], config=CONFIG, **told
    )
    assert [one.name for one in shuffled[:2]] == [STRONG, TOWN]
    assert shuffled[1].low > 0
    assert {one.name: abs(one.value) for one in shuffled}["MEAN(orders.noise)"] < 0.02
    if algorithm != "logistic_regression":
        return

    def again(table: DataFrame, roles: Roles) -> TrainedModel:
        return train(table, roles, config)

    both = parts.train.unionByName(parts.validation)
    beside = baselines(
        both, parts.test, roles, "binary", again, raw=roles.only(["raw"]), config=CONFIG, **told
    )
    areas = {one.name: one.metrics["roc_auc"].value for one in beside}
    assert areas["majority"] == 0.5
    assert 0.5 < areas["raw_columns"] < found.metrics["roc_auc"].low
    assert abs(areas["shuffled_labels"] - 0.5) < 0.12
    files = report(found, beside, Story(importances=own, permutations=shuffled), tmp_path)
    assert files["report"].stat().st_size > 100_000


def test_several_classes(frame: DataFrame) -> None:
    model, parts, _, _ = learned(frame, "random_forest", "kind")
    predictions = model.predict(parts.test)
    found = evaluate(
        predictions, "multiclass", label="kind", classes=list(model.classes), key=["id"], config=CONFIG
    )

    rows = predictions.select("kind", "probability", "predicted_label").toPandas()
    chance = np.array([one.toArray() for one in rows["probability"]])
    assert found.metrics["accuracy"].value == pytest.approx(
        sk.accuracy_score(rows["kind"], rows["predicted_label"])
    )
    assert found.metrics["log_loss"].value == pytest.approx(
        sk.log_loss(rows["kind"], chance, labels=list(model.classes))
    )
    own = model_importances(model.models, model.slots, model.predict(parts.train))
    assert own[0].name == STRONG
    shuffled = permutation_importances(
        model.predict,
        parts.test,
        FEATURES,
        "multiclass",
        label="kind",
        key=["id"],
        classes=list(model.classes),
    )
    assert [one.name for one in shuffled[:2]] == [STRONG, TOWN]


def test_numbers(frame: DataFrame) -> None:
    model, parts, roles, config = learned(frame, "linear_regression", "amount")
    predictions = model.predict(parts.test)
    found = evaluate(predictions, "regression", label="amount", key=["id"], config=CONFIG)

    rows = predictions.select("amount", "prediction").toPandas()
    assert found.metrics["r2"].value == pytest.approx(sk.r2_score(rows["amount"], rows["prediction"]))
    assert found.metrics["rmse"].value == pytest.approx(
        sk.root_mean_squared_error(rows["amount"], rows["prediction"])
    )
    both = parts.train.unionByName(parts.validation)
    beside = baselines(
        both,
        parts.test,
        roles,
        "regression",
        lambda table, roles: train(table, roles, config),
        raw=roles.only(["raw"]),
        config=CONFIG,
    )
    errors = {one.name: one.metrics["rmse"].value for one in beside}
    assert found.metrics["rmse"].high < errors["raw_columns"] <= errors["mean"] * 1.02
    assert errors["mean"] < errors["shuffled_labels"] * 1.02
