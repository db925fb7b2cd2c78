"""Probabilities against scikit-learn's calibration."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression

from sparkfeat.models.calibration import Scores, calibrate, find_method, fit_sigmoid
from sparkfeat.models.learning import LABEL
from sparkfeat.models.metrics import average_precision, roc_auc
from sparkfeat.models.scores import ScoreCounts
from sparkfeat.models.stages import ClassDecision, FilledPrediction, SigmoidCalibration

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.usefixtures("interpreted")


def rows(seed: int, size: int = 200) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return labels and scores of any size, with ties."""
    random = np.random.default_rng(seed)
    labels = (random.random(size) < 0.3).astype(int)
    return labels, np.round(random.normal(labels * 2 - 1, 1.5), 1)


def counted(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> ScoreCounts:
    found = np.unique(scores)
    positives = np.array([float(labels[scores == score].sum()) for score in found])
    return ScoreCounts(
        found, positives, np.array([float((scores == score).sum()) for score in found]) - positives
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_curve_is_platts(seed: int) -> None:
    labels, scores = rows(seed)
    slope, offset = fit_sigmoid(counted(labels, scores), of_probabilities=False)
    expected = _SigmoidCalibration().fit(scores, labels)
    assert (slope, offset) == pytest.approx((-expected.a_, -expected.b_), rel=1e-3, abs=1e-3)
    of_chances = fit_sigmoid(counted(labels, np.round(expit(scores), 12)), of_probabilities=True)
    assert of_chances == pytest.approx((slope, offset), rel=1e-6)


@pytest.mark.parametrize("scores", [[-1.0, -1.0, 1.0, 1.0], [0.5, 0.5, 0.5, 0.5], [1e6, 2e6, 3e6, 4e6]])
def test_separated_or_equal_scores_have_a_finite_curve(scores: list[float]) -> None:
    labels = np.array([0, 0, 1, 1])
    slope, offset = fit_sigmoid(counted(labels, np.array(scores)), of_probabilities=False)
    chances = expit(slope * np.array(scores) + offset)
    assert np.isfinite([slope, offset]).all()
    assert chances.mean() == pytest.approx(0.5, abs=1e-6)


def test_the_method() -> None:
    assert [find_method("auto", probabilities=known) for known in (True, False)] == ["none", "sigmoid"]
    assert find_method("isotonic", probabilities=True) == "isotonic"


def vectors(spark: SparkSession, table: NDArray[np.float64], labels: NDArray[np.int64]) -> DataFrame:
    from pyspark.ml.linalg import Vectors

    found = [
        (Vectors.dense(row), float(label)) for row, label in zip(table.tolist(), labels.tolist(), strict=True)
    ]
    return spark.createDataFrame(found, ["rawPrediction", LABEL])


def column(rows: DataFrame, name: str) -> NDArray[Any]:
    return np.array([row[0] for row in rows.select(name).collect()])


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_two_classes(spark: SparkSession, method: str) -> None:
    labels, scores = rows(5)
    table = vectors(spark, np.column_stack([-scores, scores]), labels)
    given = Scores((("rawPrediction", 1),), are_probabilities=False, temporary=("rawPrediction",))
    stages, found = calibrate(table, LABEL, given, method)
    calibrated = table
    for stage in stages:
        calibrated = stage.transform(calibrated)
    decision = ClassDecision(found.sources, [False, True], "boolean", 0.4, found.temporary)
    decided = decision.transform(calibrated)
    reference: Any = (
        _SigmoidCalibration() if method == "sigmoid" else IsotonicRegression(out_of_bounds="clip")
    )
    with warnings.catch_warnings():
        expected = reference.fit(scores, labels).predict(scores)
    tolerance = 1e-3 if method == "sigmoid" else 1e-9
    np.testing.assert_allclose(column(decided, "score"), expected, atol=tolerance)
    chances = column(decided, "probability")
    np.testing.assert_allclose(chances[:, 1], column(decided, "score"))
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    above = column(decided, "score") >= 0.4
    assert column(decided, "prediction").tolist() == above.astype(float).tolist()
    assert column(decided, "predicted_label").tolist() == above.tolist()
    assert set(decided.columns) == {LABEL, "score", "probability", "prediction", "predicted_label"}


def test_several_classes_add_up_to_one(spark: SparkSession) -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, 3, 150)
    scores = np.round(random.normal(np.eye(3)[labels] * 2, 1), 1)
    table = vectors(spark, scores, labels)
    given = Scores(tuple(("rawPrediction", number) for number in range(3)), are_probabilities=False)
    stages, found = calibrate(table, LABEL, given, "sigmoid")
    decided = ClassDecision(found.sources, ["a", "b", "c"]).transform(stages[0].transform(table))
    each = np.column_stack(
        [_SigmoidCalibration().fit(scores[:, k], labels == k).predict(scores[:, k]) for k in range(3)]
    )
    expected = each / each.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(column(decided, "probability"), expected, atol=1e-3)
    assert column(decided, "prediction").tolist() == column(decided, "probability").argmax(axis=1).tolist()
    assert column(decided, "predicted_label").tolist() == [
        "abc"[k] for k in column(decided, "prediction").astype(int)
    ]


def test_classes_without_any_probability_are_equally_likely(spark: SparkSession) -> None:
    table = spark.createDataFrame([(0.0, 0.0), (0.0, 0.5)], "a double, b double")
    decided = ClassDecision([("a", -1), ("b", -1), ("a", -1)], [3, 5, 7], "int", drop=("a", "b")).transform(
        table
    )
    assert decided.columns == ["probability", "prediction", "predicted_label"]
    assert column(decided, "predicted_label").tolist() == [3, 5]
    np.testing.assert_allclose(column(decided, "probability"), [[1 / 3] * 3, [0, 1, 0]])


def test_log_odds_stay_finite(spark: SparkSession) -> None:
    table = spark.createDataFrame([(0.0,), (0.3,), (1.0,)], "p double")
    stage = SigmoidCalibration([("p", -1)], ["q"], [(1.0, 0.0)])
    found = column(stage.transform(table), "q")
    np.testing.assert_allclose(logit(found), logit([1e-6, 0.3, 1 - 1e-6]))


def test_unknown_users_get_the_mean(spark: SparkSession) -> None:
    table = spark.createDataFrame([(1.5, 1), (float("nan"), 2)], "prediction float, u int")
    filled = FilledPrediction(4.25, drop=("u",)).transform(table)
    assert column(filled, "prediction").tolist() == [1.5, 4.25]
    assert filled.columns == ["prediction"]


@pytest.mark.parametrize("seed", range(4))
def test_areas_are_scikit_learns(seed: int) -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    labels, scores = rows(seed)
    counts = counted(labels, scores)
    assert roc_auc(counts) == pytest.approx(roc_auc_score(labels, scores))
    assert average_precision(counts) == pytest.approx(average_precision_score(labels, scores))
    none = counted(np.zeros_like(labels), scores)
    assert np.isnan([roc_auc(none), average_precision(none)]).all()
