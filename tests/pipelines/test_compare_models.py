"""A challenger beside the champion: the metric, and an interval that chance alone does not leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from sparkfeat.errors import UnsupportedError
from sparkfeat.models.evaluation import EvaluationConfig
from sparkfeat.pipelines.compare_models import Comparison, compare_scores


@dataclass(frozen=True)
class Named:
    """What a comparison reads of a model."""

    problem: str
    metric: str
    classes: tuple[Any, ...] = ()
    positive: Any = None


def binary_rows(noise: float, other_noise: float, rows: int = 1_000) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, rows)
    new = np.clip(truth * 0.4 + 0.3 + rng.normal(0, noise, rows), 0.01, 0.99)
    old = np.clip(truth * 0.4 + 0.3 + rng.normal(0, other_noise, rows), 0.01, 0.99)
    columns = {"truth": np.where(truth == 1, "yes", "no")}
    for name, score in (("new", new), ("old", old)):
        columns |= {
            f"{name}_score": score,
            f"{name}_prediction": np.where(score >= 0.5, "yes", "no"),
            f"{name}_probability": [[1 - one, one] for one in score],
        }
    return pd.DataFrame(columns)


def compared(rows: pd.DataFrame, metric: str, problem: str = "binary") -> Comparison:
    classes, positive = (("no", "yes"), "yes") if problem == "binary" else ((), None)
    return compare_scores(Named(problem, metric, classes, positive), rows, EvaluationConfig(replicates=40))


@pytest.mark.parametrize(
    ("metric", "oracle"),
    [
        ("roc_auc", metrics.roc_auc_score),
        ("average_precision", metrics.average_precision_score),
        ("log_loss", metrics.log_loss),
        ("f1", lambda truth, score: metrics.f1_score(truth, score >= 0.5)),
        ("accuracy", lambda truth, score: metrics.accuracy_score(truth, score >= 0.5)),
    ],
)
def test_metrics_of_classes_are_those_of_scikit_learn(metric: str, oracle: Any) -> None:
    rows = binary_rows(0.2, 0.3)
    truth = rows["truth"] == "yes"
    found = compared(rows, metric)
    assert found.challenger == pytest.approx(oracle(truth, rows["new_score"]))
    assert found.champion == pytest.approx(oracle(truth, rows["old_score"]))
    assert found.better
    assert found.low < found.gain < found.high


@pytest.mark.parametrize(
    ("metric", "oracle"),
    [
        ("rmse", metrics.root_mean_squared_error),
        ("mae", metrics.mean_absolute_error),
        ("r2", metrics.r2_score),
    ],
)
def test_metrics_of_numbers_are_those_of_scikit_learn(metric: str, oracle: Any) -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(size=500)
    rows = pd.DataFrame(
        {"truth": truth, "new_prediction": truth + 1, "old_prediction": truth + rng.normal(size=500) / 9}
    )
    found = compared(rows, metric, "regression")
    assert found.challenger == pytest.approx(oracle(truth, rows["new_prediction"]))
    assert found.champion == pytest.approx(oracle(truth, rows["old_prediction"]))
    assert found.gain < 0
    assert not found.better


def test_a_difference_by_chance_is_none() -> None:
    found = compared(binary_rows(0.3, 0.3, rows=300), "roc_auc")
    assert found.low < 0 < found.high
    assert not found.better


def test_the_same_scores_are_no_gain() -> None:
    rows = binary_rows(0.3, 0.3)
    for name in ("score", "prediction", "probability"):
        rows[f"old_{name}"] = rows[f"new_{name}"]
    found = compared(rows, "average_precision")
    assert (found.gain, found.low, found.high) == (0, 0, 0)
    assert not found.better


def test_the_interval_is_that_of_the_difference() -> None:
    """Rows that are hard for both models widen the interval of each, and not of their difference."""
    rows = binary_rows(0.5, 0.5)
    rows["old_score"] = rows["new_score"] * 0.98 + np.random.default_rng(2).normal(0, 0.01, len(rows))
    found = compared(rows, "roc_auc")
    weights = np.random.default_rng(0).poisson(1.0, (40, len(rows)))
    alone = [
        metrics.roc_auc_score(rows["truth"] == "yes", rows["new_score"], sample_weight=one) for one in weights
    ]
    assert found.high - found.low < np.ptp(np.quantile(alone, [0.025, 0.975])) / 4


def test_a_metric_without_labels_is_not_compared() -> None:
    with pytest.raises(UnsupportedError, match="not compared by silhouette"):
        compared(binary_rows(0.3, 0.3), "silhouette")
