"""The metrics that candidates are compared by; scikit-learn's names and definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sparkfeat.errors import ConfigError
from sparkfeat.models.learning import LABEL, PREDICTION, PROBABILITY
from sparkfeat.models.roles import FEATURES
from sparkfeat.models.scores import ScoreCounts, count_scores
from sparkfeat.models.settings import Metric, Problem

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

METRICS: Mapping[Problem, tuple[Metric, ...]] = {
    "binary": ("average_precision", "roc_auc", "log_loss", "f1", "accuracy"),
    "multiclass": ("log_loss", "f1", "accuracy"),
    "regression": ("rmse", "mae", "r2"),
    "recommendation": ("rmse", "mae", "r2"),
    "clustering": ("silhouette",),
}
"""Those of each problem, the default first. f1: of the positive class, or the mean over all classes."""
LOWER_IS_BETTER = frozenset({"log_loss", "rmse", "mae"})


def find_metric(given: Metric | None, problem: Problem) -> Metric:
    """Return the metric to compare by.

    Raises:
        ConfigError: it is not one of the problem.
    """
    known = METRICS[problem]
    if given is not None and given not in known:
        hint = f"Choose {', '.join(known)}"
        raise ConfigError(
            f"{given} does not fit the problem", where="search.metric", why=f"It is {problem}", hint=hint
        )
    return given or known[0]


def worth(metric: Metric, value: float) -> float:
    """Return a number that is higher for better values; not a number is the worst."""
    if np.isnan(value):
        return -np.inf
    return -value if metric in LOWER_IS_BETTER else value


def measure(predictions: DataFrame, metric: Metric) -> float:
    """Return a metric of rows with `__label` and predictions; NaN where it is not defined."""
    if metric in {"roc_auc", "average_precision"}:
        return _of_scores(predictions, metric)
    if metric in {"rmse", "mae", "r2"}:
        return _of_numbers(predictions, metric)
    if metric == "log_loss":
        return _log_loss(predictions)
    if metric == "silhouette":
        return _silhouette(predictions)
    return _of_confusion(predictions, metric)


def _of_scores(predictions: DataFrame, metric: Metric) -> float:
    from sparkfeat.models.stages import SCORE

    counts = count_scores(predictions, predictions[SCORE], predictions[LABEL] == 1.0)
    return roc_auc(counts) if metric == "roc_auc" else average_precision(counts)


def roc_auc(counts: ScoreCounts) -> float:
    """Return the area under the ROC curve; NaN where a class has no rows."""
    positives, negatives = counts.positives.sum(), counts.negatives.sum()
    if not positives or not negatives:
        return float("nan")
    below = np.cumsum(counts.negatives) - counts.negatives
    return float(counts.positives @ (below + counts.negatives / 2) / (positives * negatives))


def average_precision(counts: ScoreCounts) -> float:
    """Return the mean precision at each positive row; NaN where there is none."""
    if not counts.positives.sum():
        return float("nan")
    found = np.cumsum(counts.positives[::-1])
    precision = found / np.cumsum((counts.positives + counts.negatives)[::-1])
    return float(counts.positives[::-1] @ precision / found[-1])


def _of_numbers(predictions: DataFrame, metric: Metric) -> float:
    from pyspark.sql import functions

    label, error = functions.col(LABEL), functions.col(PREDICTION) - functions.col(LABEL)
    found = predictions.agg(
        functions.avg(error * error).alias("squared"),
        functions.avg(functions.abs(error)).alias("mae"),
        functions.var_pop(label).alias("variance"),
    ).collect()[0]
    if found["squared"] is None:
        return float("nan")
    if metric == "r2":
        return 1 - found["squared"] / found["variance"] if found["variance"] else float("nan")
    return float(np.sqrt(found["squared"])) if metric == "rmse" else float(found["mae"])


def _log_loss(predictions: DataFrame) -> float:
    from pyspark.ml.functions import vector_to_array
    from pyspark.sql import functions

    chances = vector_to_array(predictions[PROBABILITY])
    chance = functions.element_at(chances, functions.col(LABEL).cast("int") + 1)
    smallest = float(np.finfo(np.float64).eps)
    inside = functions.greatest(functions.least(chance, functions.lit(1 - smallest)), functions.lit(smallest))
    found = predictions.agg(functions.avg(-functions.log(inside))).collect()[0][0]
    return float("nan") if found is None else float(found)


def _of_confusion(predictions: DataFrame, metric: Metric) -> float:
    from sparkfeat.models.stages import SCORE

    found = predictions.groupBy(LABEL, PREDICTION).count().collect()
    size = int(max((max(one[0], one[1]) for one in found), default=0)) + 1
    table = np.zeros((max(size, 2), max(size, 2)))
    for label, prediction, count in found:
        table[int(label), int(prediction)] = count
    if not table.sum():
        return float("nan")
    if metric == "accuracy":
        return float(np.trace(table) / table.sum())
    both = table.sum(axis=0) + table.sum(axis=1)
    f1 = np.divide(2 * np.diag(table), both, out=np.zeros(len(both)), where=both > 0)
    return float(f1[1] if SCORE in predictions.columns else f1[both > 0].mean())


def _silhouette(predictions: DataFrame) -> float:
    from pyspark.ml.evaluation import ClusteringEvaluator

    if predictions.select(PREDICTION).distinct().limit(2).count() < 2:
        return float("nan")
    return float(ClusteringEvaluator(featuresCol=FEATURES, predictionCol=PREDICTION).evaluate(predictions))
