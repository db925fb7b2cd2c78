"""Evaluation of predictions of two classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sparkfeat.models.evaluation.bootstrap import measured
from sparkfeat.models.evaluation.config import EvaluationConfig
from sparkfeat.models.evaluation.histogram import GROUP, count_scores
from sparkfeat.models.evaluation.points import Floats, Points, auc_resolution, binary_metrics, ratio
from sparkfeat.models.evaluation.results import Calibrated, Confusion, Curve, Decile, Evaluation, Metric

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

DRAWN = 1_000
"""Points that a curve keeps."""
GROUPS = 15
"""Groups of the calibration curve, of equal numbers of rows."""


def evaluate_binary(
    scored: DataFrame, classes: tuple[str, str], threshold: float, config: EvaluationConfig
) -> Evaluation:
    """Evaluate scores.

    Args:
        scored: columns `score` and `positive`.
        classes: what the labels are called, the positive one last.
        threshold: the score from which a row counts as positive.
        config: intervals and costs.
    """
    from pyspark.sql import functions as fn

    points = count_scores(scored.select(fn.lit(0).alias(GROUP), "score", "positive"), threshold)[0]
    metrics = metrics_of(points, config) | {"calibration_error": Metric(_calibration_error(points))}
    return Evaluation(
        "binary",
        points.rows,
        metrics,
        curves=_curves(points, config),
        confusion=_confusion(points, classes),
        deciles=_deciles(points),
        calibration=_calibration(points),
        classes=classes,
        threshold=threshold,
        exact=points.exact,
        resolution=auc_resolution(points),
        notes=_notes(points),
    )


def metrics_of(points: Points, config: EvaluationConfig) -> dict[str, Metric]:
    """Return the metrics of counted scores with their intervals; without those that need another class."""

    def measure(positive: Floats, negative: Floats) -> Mapping[str, Floats]:
        return binary_metrics(points, positive, negative)

    found = measured(measure, config, points.positive, points.negative)
    return {name: metric for name, metric in found.items() if np.isfinite(metric.value)}


def _curves(points: Points, config: EvaluationConfig) -> dict[str, Curve]:
    hits = np.concatenate([[0.0], points.positive.cumsum()])
    alarms = np.concatenate([[0.0], points.negative.cumsum()])
    score = np.concatenate([[1.0], points.score])
    recall, precision = hits / hits[-1], ratio(hits, hits + alarms)
    precision[0] = 1.0  # nothing is taken for positive: the convention of scikit-learn's curve
    missed = hits[-1] - hits
    cost = (config.false_positive_cost * alarms + config.false_negative_cost * missed) / points.rows
    return {
        "roc": _thinned(alarms / alarms[-1], recall, score),
        "precision_recall": _thinned(recall, precision, score),
        "cost": _thinned(score, cost, score),
    }


def _thinned(x: Floats, y: Floats, threshold: Floats) -> Curve:
    keep = np.unique(np.linspace(0, len(x) - 1, min(len(x), DRAWN)).round().astype(int))
    return Curve(*(tuple(one[keep].tolist()) for one in (x, y, threshold)))


def _confusion(points: Points, classes: tuple[str, str]) -> Confusion:
    hits, alarms = points.positive[points.above].sum(), points.negative[points.above].sum()
    ones, zeros = points.positive.sum(), points.negative.sum()
    return Confusion(classes, ((int(zeros - alarms), int(alarms)), (int(ones - hits), int(hits))))


def _shares(points: Points, parts: int) -> tuple[Floats, Floats, Floats]:
    """Return rows, positives and the sum of scores up to each of so many equal shares of the rows."""
    rows = np.concatenate([[0.0], (points.positive + points.negative).cumsum()])
    scores = np.concatenate([[0.0], ((points.positive + points.negative) * points.score).cumsum()])
    ones = np.concatenate([[0.0], points.positive.cumsum()])
    cuts = np.linspace(0, rows[-1], parts + 1)
    return cuts, np.interp(cuts, rows, ones), np.interp(cuts, rows, scores)


def _deciles(points: Points) -> tuple[Decile, ...]:
    rows, ones, _ = _shares(points, 10)
    rate = ones[-1] / rows[-1]
    return tuple(
        Decile(
            n + 1,
            float(rows[n + 1] - rows[n]),
            float(ones[n + 1] - ones[n]),
            float((ones[n + 1] - ones[n]) / (rows[n + 1] - rows[n]) / rate),
            float(ones[n + 1] / ones[-1]),
        )
        for n in range(10)
    )


def _calibration(points: Points) -> tuple[Calibrated, ...]:
    """Return groups of neighbouring scores, equal scores never in two of them."""
    size = points.positive + points.negative
    group = np.minimum((size.cumsum() - size / 2) / size.sum() * GROUPS, GROUPS - 1).astype(int)
    rows, ones = np.bincount(group, size), np.bincount(group, points.positive)
    scores = np.bincount(group, size * points.score)
    filled = np.nonzero(rows)[0][::-1]
    return tuple(
        Calibrated(float(rows[g]), float(scores[g] / rows[g]), float(ones[g] / rows[g])) for g in filled
    )


def _calibration_error(points: Points) -> float:
    groups = _calibration(points)
    return sum(one.rows * abs(one.predicted - one.observed) for one in groups) / points.rows


def _notes(points: Points) -> tuple[str, ...]:
    if points.exact:
        return ()
    most = auc_resolution(points)
    binned = (
        f"{len(points.score):,} bins hold the scores, of which there are more than are counted one by one"
    )
    return (f"{binned}: AUC is exact within {most:.2g}, log loss, Brier score and confusion wholly",)
