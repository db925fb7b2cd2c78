"""Evaluation of predictions of several classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sparkfeat.models.evaluation.binary import DRAWN
from sparkfeat.models.evaluation.bootstrap import Measure, measured
from sparkfeat.models.evaluation.cells import summed
from sparkfeat.models.evaluation.config import EvaluationConfig
from sparkfeat.models.evaluation.histogram import TINY, count_scores
from sparkfeat.models.evaluation.points import Floats, Points, auc_resolution, binary_metrics, ratio
from sparkfeat.models.evaluation.results import MOST_POINTS, Confusion, Curve, Evaluation, Metric

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def evaluate_multiclass(
    scored: DataFrame, classes: Sequence[str], key: Sequence[str], config: EvaluationConfig
) -> Evaluation:
    """Evaluate probabilities and predicted classes.

    Args:
        scored: columns `truth` and `guess` (positions in `classes`) and `probabilities` (an array).
        classes: what the labels are called.
        key: columns that tell rows apart.
        config: intervals.
    """
    counts = _counts(scored, len(classes))
    metrics = measured(_confusion_metrics(len(classes)), config, counts.ravel())
    points = _one_against_the_rest(scored, len(classes))
    per_class = {n: _auc(one, config) for n, one in sorted(points.items())}
    rows = counts.sum(axis=1)
    known = [n for n in per_class if np.isfinite(per_class[n].value)]
    if known:
        value = np.array([per_class[n].value for n in known])
        metrics["roc_auc_ovr_macro"] = Metric(float(value.mean()))
        metrics["roc_auc_ovr_weighted"] = Metric(float(np.average(value, weights=rows[known])))
    metrics |= _log_loss(scored, key, config)
    metrics |= {f"roc_auc_{classes[n]}": per_class[n] for n in known}
    return Evaluation(
        "multiclass",
        int(counts.sum()),
        metrics,
        curves={f"roc {classes[n]}": _roc(points[n]) for n in known},
        confusion=Confusion(tuple(classes), tuple(tuple(int(c) for c in row) for row in counts)),
        classes=tuple(classes),
        exact=all(one.exact for one in points.values()),
        resolution=max((auc_resolution(one) for one in points.values()), default=0.0),
    )


def _counts(scored: DataFrame, classes: int) -> Floats:
    counts = np.zeros((classes, classes))
    for row in scored.groupBy("truth", "guess").count().collect():
        counts[row["truth"], row["guess"]] = row["count"]
    return counts


def _confusion_metrics(classes: int) -> Measure:
    """Return what measures samples of a confusion matrix laid out in one line."""

    def measure(cells: Floats) -> Mapping[str, Floats]:
        matrix = cells.reshape(len(cells), classes, classes)
        right: Floats = np.diagonal(matrix, axis1=1, axis2=2)
        actual, guessed = matrix.sum(axis=2), matrix.sum(axis=1)
        precision, recall = ratio(right, guessed), ratio(right, actual)
        one_each = {"f1": ratio(2 * right, actual + guessed), "precision": precision, "recall": recall}
        share = ratio(actual, actual.sum(axis=1, keepdims=True))
        seen = ((actual + guessed) > 0).astype(float)
        found = {"accuracy": ratio(right.sum(axis=1), matrix.sum(axis=(1, 2)))}
        for name, value in one_each.items():
            found[f"{name}_macro"] = ratio((value * seen).sum(axis=1), seen.sum(axis=1))
            found[f"{name}_weighted"] = (value * share).sum(axis=1)
        return found

    return measure


def _one_against_the_rest(scored: DataFrame, classes: int) -> dict[int, Points]:
    from pyspark.sql import functions as fn

    parts = [
        fn.struct(
            fn.lit(n).alias("group"),
            fn.col("probabilities")[n].alias("score"),
            (fn.col("truth") == n).alias("positive"),
        )
        for n in range(classes)
    ]
    each = scored.select(fn.explode(fn.array(*parts)).alias("part")).select("part.*")
    found = count_scores(each, most=MOST_POINTS, groups=classes)
    return {n: found[n] for n in range(classes) if n in found}


def _auc(points: Points, config: EvaluationConfig) -> Metric:
    def measure(positive: Floats, negative: Floats) -> Mapping[str, Floats]:
        return {"roc_auc": binary_metrics(points, positive, negative)["roc_auc"]}

    return measured(measure, config, points.positive, points.negative)["roc_auc"]


def _log_loss(scored: DataFrame, key: Sequence[str], config: EvaluationConfig) -> dict[str, Metric]:
    from pyspark.sql import functions as fn

    def measure(weights: Floats) -> Mapping[str, Floats]:
        return {"log_loss": ratio(weights @ sums["loss"], weights @ sums["rows"])}

    sums = summed(scored, key, {"loss": -fn.log(_inside(fn.col("probabilities")[fn.col("truth")]))})
    return measured(measure, config, np.ones(len(sums["rows"])))


def _inside(probability: Column) -> Column:
    from pyspark.sql import functions as fn

    return fn.least(fn.greatest(probability, fn.lit(TINY)), fn.lit(1 - TINY))


def _roc(points: Points) -> Curve:
    x = np.concatenate([[0.0], points.negative.cumsum() / points.negative.sum()])
    y = np.concatenate([[0.0], points.positive.cumsum() / points.positive.sum()])
    keep = np.unique(np.linspace(0, len(x) - 1, min(len(x), DRAWN)).round().astype(int))
    return Curve(tuple(x[keep].tolist()), tuple(y[keep].tolist()))
