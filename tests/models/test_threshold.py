"""Thresholds against scikit-learn's curves, and against trying every one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.metrics import f1_score, precision_recall_curve, precision_score, recall_score

from sparkfeat.errors import DataError
from sparkfeat.models.scores import ScoreCounts, count_scores
from sparkfeat.models.threshold import CostConfig, ThresholdConfig, choose_threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pyspark.sql import SparkSession


def rows(seed: int, size: int = 300) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return labels and scores that tell something of them, with ties."""
    random = np.random.default_rng(seed)
    labels = (random.random(size) < 0.2).astype(int)
    return labels, np.clip(np.round(random.normal(0.3 + 0.2 * labels, 0.15), 2), 0, 1)


def counted(labels: NDArray[np.int64], scores: NDArray[np.float64]) -> ScoreCounts:
    found = np.unique(scores)
    positives = np.array([float(labels[scores == score].sum()) for score in found])
    return ScoreCounts(
        found, positives, np.array([float((scores == score).sum()) for score in found]) - positives
    )


def mean_cost(labels: NDArray[np.int64], predicted: NDArray[np.bool_], cost: CostConfig) -> float:
    costs = np.where(
        predicted,
        np.where(labels == 1, cost.true_positive, cost.false_positive),
        np.where(labels == 1, cost.false_negative, cost.true_negative),
    )
    return float(costs.mean())


@pytest.mark.parametrize("seed", range(5))
def test_the_best_f1_is_that_of_the_curve(seed: int) -> None:
    labels, scores = rows(seed)
    found = choose_threshold(counted(labels, scores), ThresholdConfig())
    precision, recall, _ = precision_recall_curve(labels, scores)
    assert found.f1 == pytest.approx(np.nanmax(2 * precision * recall / (precision + recall)))
    predicted = scores >= found.value
    assert found.f1 == pytest.approx(f1_score(labels, predicted))
    assert found.precision == pytest.approx(precision_score(labels, predicted))
    assert found.recall == pytest.approx(recall_score(labels, predicted))
    assert found.reached


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("cost", [(1, 5, 0, 0), (5, 1, -2, 0), (1, 1, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0)])
def test_no_threshold_costs_less(seed: int, cost: tuple[float, ...]) -> None:
    labels, scores = rows(seed)
    matrix = CostConfig(
        false_positive=cost[0], false_negative=cost[1], true_positive=cost[2], true_negative=cost[3]
    )
    found = choose_threshold(counted(labels, scores), ThresholdConfig(method="cost", cost=matrix))
    tried = [mean_cost(labels, scores >= value, matrix) for value in [*np.unique(scores), 2.0]]
    assert found.cost == pytest.approx(min(tried))
    assert mean_cost(labels, scores >= found.value, matrix) == pytest.approx(min(tried))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("target", [0.3, 0.5, 0.8])
def test_a_target_and_the_best_of_the_other(seed: int, target: float) -> None:
    labels, scores = rows(seed)
    precision, recall, _ = precision_recall_curve(labels, scores)
    precision, recall = precision[:-1], recall[:-1]  # the last: no row is predicted
    for method, reached, best in [("precision", precision, recall), ("recall", recall, precision)]:
        config = ThresholdConfig(method=method, target=target)  # type: ignore[arg-type]
        found = choose_threshold(counted(labels, scores), config)
        other = found.recall if method == "precision" else found.precision
        assert found.reached == (reached >= target).any()
        if found.reached:
            assert other == pytest.approx(best[reached >= target].max())
        else:
            assert found.precision == pytest.approx(precision.max())


def test_a_fixed_threshold_is_described() -> None:
    labels, scores = rows(1)
    for value in (0.0, 0.305, 0.5, 1.0):
        found = choose_threshold(counted(labels, scores), ThresholdConfig(method="fixed", value=value))
        assert found.value == value
        assert found.recall == pytest.approx(recall_score(labels, scores >= value))
        assert found.precision == pytest.approx(precision_score(labels, scores >= value, zero_division=1))


@pytest.mark.parametrize(
    "given",
    [
        {"method": "cost"},
        {"method": "recall"},
        {"target": 0.5},
        {"value": 0.3},
        {"method": "fixed", "value": 2},
    ],
)
def test_a_wrong_configuration(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ThresholdConfig.model_validate(given)


def test_scores_are_counted(spark: SparkSession, interpreted: SparkSession) -> None:
    from pyspark.sql.functions import col

    labels, scores = rows(3)
    table = spark.createDataFrame(list(zip(scores.tolist(), labels.tolist(), strict=True)), "s double, y int")
    found, expected = count_scores(table, col("s"), col("y") == 1), counted(labels, scores)
    for name in ("scores", "positives", "negatives"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    few = count_scores(table, col("s"), col("y") == 1, points=20)
    assert not few.exact
    assert len(few.scores) <= 20
    for at, score in enumerate(few.scores):
        assert few.positives[at:].sum() == labels[scores >= score].sum()
        assert few.negatives[at:].sum() == (1 - labels)[scores >= score].sum()


def test_scores_that_are_none(spark: SparkSession, interpreted: SparkSession) -> None:
    from pyspark.sql.functions import col

    table = spark.createDataFrame([(0.5, 1), (float("nan"), 0), (None, 0)], "s double, y int")
    with pytest.raises(DataError, match="The model gives no number for some rows"):
        count_scores(table, col("s"), col("y") == 1)
    with pytest.raises(DataError, match="The model gives no rows to score"):
        count_scores(table.limit(0), col("s"), col("y") == 1)
