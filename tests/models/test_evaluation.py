"""Metrics against scikit-learn on the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from sparkfeat.errors import DataError, SchemaError
from sparkfeat.models.evaluation import Evaluation, EvaluationConfig, evaluate

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NO_INTERVALS = EvaluationConfig(replicates=0)


def binary_rows(rows: int, digits: int | None = 2, seed: int = 3) -> pd.DataFrame:
    """Scores that tell a label a little; rounded, so that many are equal."""
    rng = np.random.default_rng(seed)
    score = rng.beta(1.2, 2.5, rows)
    label = (rng.random(rows) < score).astype(int)
    shop = rng.choice(["north", "south", None], rows, p=[0.6, 0.3, 0.1])
    score = score if digits is None else score.round(digits)
    return pd.DataFrame({"id": range(rows), "label": label, "score": score, "shop": shop})


def expected(table: pd.DataFrame, threshold: float) -> dict[str, float]:
    truth, score = table["label"], table["score"]
    guess = (score >= threshold).astype(int)
    alarms, hits, _ = sk.roc_curve(truth, score, drop_intermediate=False)
    return {
        "roc_auc": sk.roc_auc_score(truth, score),
        "average_precision": sk.average_precision_score(truth, score),
        "log_loss": sk.log_loss(truth, score),
        "brier": sk.brier_score_loss(truth, score),
        "ks": float(np.abs(hits - alarms).max()),
        "f1": sk.f1_score(truth, guess),
        "precision": sk.precision_score(truth, guess, zero_division=0),
        "recall": sk.recall_score(truth, guess),
        "accuracy": sk.accuracy_score(truth, guess),
    }


def close(found: Evaluation, wanted: dict[str, float], rel: float = 1e-9) -> None:
    assert {name: found.metrics[name].value for name in wanted} == pytest.approx(wanted, rel=rel)


def test_two_classes_are_measured_as_scikit_learn_does(spark: SparkSession) -> None:
    table = binary_rows(400)
    config = EvaluationConfig(replicates=0, slices=["shop"])
    found = evaluate(spark.createDataFrame(table), "binary", label="label", threshold=0.4, config=config)

    assert found.exact
    close(found, expected(table, 0.4))
    guess = table["score"] >= 0.4
    assert np.array(found.confusion.counts).tolist() == sk.confusion_matrix(table["label"], guess).tolist()
    alarms, hits, _ = sk.roc_curve(table["label"], table["score"], drop_intermediate=False)
    assert np.allclose(found.curves["roc"].x, alarms)
    assert np.allclose(found.curves["roc"].y, hits)
    precision, recall, _ = sk.precision_recall_curve(table["label"], table["score"])
    assert np.allclose(found.curves["precision_recall"].y[::-1], precision)
    assert np.allclose(found.curves["precision_recall"].x[::-1], recall)
    assert [one.value for one in found.slices] == ["north", "south", "(missing)"]
    for part in found.slices:
        rows = table[table["shop"].fillna("(missing)") == part.value]
        wanted = expected(rows, 0.4)
        assert part.rows == len(rows)
        assert {name: part.metrics[name].value for name in wanted} == pytest.approx(wanted)


@pytest.mark.slow
def test_many_scores_are_binned_within_the_stated_error(spark: SparkSession) -> None:
    table = binary_rows(20_000, digits=None)
    found = evaluate(
        spark.createDataFrame(table[["label", "score"]]), "binary", label="label", config=NO_INTERVALS
    )

    wanted = expected(table, 0.5)
    assert not found.exact
    assert 0 < found.resolution < 1e-3
    assert abs(found.metrics["roc_auc"].value - wanted["roc_auc"]) <= found.resolution
    assert found.metrics["average_precision"].value == pytest.approx(wanted["average_precision"], abs=1e-3)
    close(found, {name: wanted[name] for name in ("log_loss", "brier", "f1", "precision", "recall")})


def test_deciles_share_out_equal_scores(spark: SparkSession) -> None:
    table = pd.DataFrame({"label": [1] * 30 + [0] * 70, "score": [0.9] * 20 + [0.2] * 80})
    found = evaluate(spark.createDataFrame(table), "binary", label="label", config=NO_INTERVALS)

    positives = [10, 10] + [10 / 8] * 8  # the ten other positives are among eighty rows of one score
    assert [one.positives for one in found.deciles] == pytest.approx(positives)
    assert found.deciles[0].lift == pytest.approx(10 / 10 / 0.3)
    assert found.metrics["lift_top_decile"].value == pytest.approx(10 / 10 / 0.3)
    assert found.deciles[-1].gain == pytest.approx(1)
    assert [(one.rows, one.predicted, one.observed) for one in found.calibration] == [
        (80, pytest.approx(0.2), pytest.approx(1 / 8)),
        (20, pytest.approx(0.9), 1),
    ]
    assert found.metrics["calibration_error"].value == pytest.approx(0.8 * 0.075 + 0.2 * 0.1)


@pytest.mark.slow
def test_intervals_are_those_of_drawn_rows(spark: SparkSession) -> None:
    table = binary_rows(500)
    frame = spark.createDataFrame(table)
    config = EvaluationConfig(replicates=400)
    found = evaluate(frame, "binary", label="label", config=config)

    rng = np.random.default_rng(0)
    drawn = [table.sample(500, replace=True, random_state=rng) for _ in range(400)]
    areas = [sk.roc_auc_score(rows["label"], rows["score"]) for rows in drawn]
    low, high = np.quantile(areas, [0.025, 0.975])
    width = high - low
    assert found.metrics["roc_auc"].low == pytest.approx(low, abs=width * 0.15)
    assert found.metrics["roc_auc"].high == pytest.approx(high, abs=width * 0.15)
    again = evaluate(frame.repartition(5), "binary", label="label", config=config)
    assert again.metrics == found.metrics


def test_several_classes_are_measured_as_scikit_learn_does(spark: SparkSession) -> None:
    from pyspark.ml.functions import array_to_vector

    rng = np.random.default_rng(5)
    names = ["ant", "bee", "cat"]
    truth = rng.choice(names, 300, p=[0.5, 0.3, 0.2])
    odds = rng.random((300, 3)).round(2) + 0.7 * (truth[:, None] == np.array(names)) + 0.01
    chance = odds / odds.sum(axis=1, keepdims=True)
    guess = np.array(names)[chance.argmax(axis=1)]
    table = pd.DataFrame({"kind": truth, "predicted_label": guess, "chances": chance.tolist()})
    frame = spark.createDataFrame(table)
    frame = frame.withColumn("probability", array_to_vector(frame["chances"]))
    found = evaluate(frame, "multiclass", label="kind", classes=names, config=EvaluationConfig(replicates=50))

    wanted = {"accuracy": sk.accuracy_score(truth, guess), "log_loss": sk.log_loss(truth, chance)}
    for kind in ("macro", "weighted"):
        areas = sk.roc_auc_score(truth, chance, multi_class="ovr", average=kind)
        wanted |= {f"f1_{kind}": sk.f1_score(truth, guess, average=kind), f"roc_auc_ovr_{kind}": areas}
        wanted[f"precision_{kind}"] = sk.precision_score(truth, guess, average=kind)
        wanted[f"recall_{kind}"] = sk.recall_score(truth, guess, average=kind)
    close(found, wanted)
    assert found.metrics["roc_auc_bee"].value == pytest.approx(sk.roc_auc_score(truth == "bee", chance[:, 1]))
    assert [list(row) for row in found.confusion.counts] == sk.confusion_matrix(truth, guess).tolist()
    loss = found.metrics["log_loss"]
    assert loss.low < loss.value < loss.high


def test_numbers_are_measured_as_scikit_learn_does(spark: SparkSession) -> None:
    rng = np.random.default_rng(6)
    truth = rng.normal(1_000, 10, 400).round(1)
    table = pd.DataFrame({"id": range(400), "y": truth, "prediction": truth + rng.normal(0.5, 4, 400)})
    config = EvaluationConfig(replicates=300)
    found = evaluate(spark.createDataFrame(table), "regression", label="y", key=["id"], config=config)

    guess = table["prediction"]
    wanted = {
        "rmse": sk.root_mean_squared_error(truth, guess),
        "mae": sk.mean_absolute_error(truth, guess),
        "r2": sk.r2_score(truth, guess),
        "median_ae": sk.median_absolute_error(truth, guess),
        "mape": sk.mean_absolute_percentage_error(truth, guess),
    }
    close(found, wanted)
    rng = np.random.default_rng(0)
    chosen = (rng.integers(0, 400, 400) for _ in range(400))
    drawn = [sk.root_mean_squared_error(truth[rows], guess[rows]) for rows in chosen]
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert found.metrics["rmse"].low == pytest.approx(low, abs=(high - low) * 0.2)
    assert found.metrics["rmse"].high == pytest.approx(high, abs=(high - low) * 0.2)
    assert sum(one.rows for one in found.residuals) == 400


@pytest.mark.slow
def test_zeros_are_left_out_of_relative_errors_and_told(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(0.0, 1.0), (2.0, 3.0), (4.0, 3.0)], "y double, prediction double")
    found = evaluate(frame, "regression", label="y", config=NO_INTERVALS)

    assert found.metrics["mape"].value == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert found.notes == ("1 rows whose true value is 0 are left out of MAPE",)


@pytest.mark.slow
def test_the_median_of_many_errors_is_within_its_stated_error(spark: SparkSession) -> None:
    errors = np.random.default_rng(7).exponential(3, 30_000)
    frame = spark.createDataFrame(pd.DataFrame({"y": 0.0, "prediction": errors}))
    found = evaluate(frame, "regression", label="y", config=NO_INTERVALS)

    assert not found.exact
    assert found.metrics["median_ae"].value == pytest.approx(np.median(errors), abs=1e-3)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "There are no predictions to judge"),
        ([(1, 0.5), (1, 0.7)], "A binary problem has two classes, here are 1"),
        ([(1, 0.5), (0, None)], "1 of 2 rows have .* score outside 0 to 1"),
        ([(1, 0.5), (0, float("nan"))], "1 of 2 rows have .* score outside 0 to 1"),
        ([(1, 0.5), (0, 1.5)], "1 of 2 rows have .* score outside 0 to 1"),
        ([(1, 0.5), (0, 0.1), (None, 0.2)], "1 of 3 rows have a label other than 0 and 1"),
    ],
)
def test_rows_that_cannot_be_judged(spark: SparkSession, rows: list[tuple[object, ...]], told: str) -> None:
    frame = spark.createDataFrame(rows, "label int, score double")
    classes = None if "two classes" in told else [0, 1]
    with pytest.raises(DataError, match=told):
        evaluate(frame, "binary", label="label", classes=classes)


def test_a_slice_of_one_class_has_the_metrics_that_it_can_have(spark: SparkSession) -> None:
    rows = [(1, 0.9, "a"), (0, 0.2, "a"), (1, 0.3, "b"), (1, 0.8, "b")]
    config = EvaluationConfig(replicates=0, slices=["shop"])
    frame = spark.createDataFrame(rows, "label int, score double, shop string")
    whole, part = evaluate(frame, "binary", label="label", config=config).slices
    assert whole.metrics["roc_auc"].value == 1
    assert "roc_auc" not in part.metrics
    assert part.metrics["recall"].value == 0.5


def test_one_class_among_the_rows(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(1, 0.5), (1, 0.7)], "label int, score double")
    with pytest.raises(DataError, match="No row has label = 0"):
        evaluate(frame, "binary", label="label", classes=[0, 1])


def test_a_wrong_column_is_named(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(1, 0.5)], "label int, score double")
    with pytest.raises(SchemaError, match=r"No column 'labell'.*Did you mean 'label'"):
        evaluate(frame, "binary", label="labell")
