"""Metrics of two classes from counted scores: one code for the data and for its bootstrap samples.

Arrays of counts have the shape (..., points): one row a sample. Scores fall along the points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """Scores, the highest first, with the rows that have them.

    Attributes:
        score: the score, or the mean of the scores where they were binned.
        positive, negative: rows of each class.
        positive_loss, negative_loss: mean log loss of these rows.
        positive_square, negative_square: mean squared error of the score for these rows.
        above: whether the scores are at or above the chosen threshold.
        exact: whether a point is one score.
    """

    score: Floats
    positive: Floats
    negative: Floats
    positive_loss: Floats
    negative_loss: Floats
    positive_square: Floats
    negative_square: Floats
    above: npt.NDArray[np.bool_]
    exact: bool

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self.positive.sum() + self.negative.sum())


def ratio(upper: Floats, lower: Floats) -> Floats:
    """Divide; 0 where nothing is divided by nothing, as scikit-learn's `zero_division=0`."""
    return np.divide(upper, lower, out=np.zeros(np.broadcast(upper, lower).shape), where=lower != 0)


def binary_metrics(points: Points, positive: Floats, negative: Floats) -> dict[str, Floats]:
    """Return the metrics of samples of the rows.

    Args:
        points: the scores.
        positive, negative: rows of each class at each point, shape (samples, points).

    Returns:
        Metric -> one value a sample; NaN where a sample lacks a class that the metric needs.
    """
    ones, zeros = positive.sum(axis=-1), negative.sum(axis=-1)
    rows = ones + zeros
    hits, alarms = positive.cumsum(axis=-1), negative.cumsum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        below = zeros[..., None] - alarms + negative / 2
        auc = (positive * below).sum(axis=-1) / (ones * zeros)
        precision_so_far = ratio(hits, hits + alarms)
        average = (positive * precision_so_far).sum(axis=-1) / ones
        gap = np.abs(hits / ones[..., None] - alarms / zeros[..., None]).max(axis=-1)
        loss = (positive @ points.positive_loss + negative @ points.negative_loss) / rows
        square = (positive @ points.positive_square + negative @ points.negative_square) / rows
        lift = _at_share(hits, alarms, 0.1) / ones / 0.1
    found = {"roc_auc": auc, "average_precision": average, "log_loss": loss, "brier": square, "ks": gap}
    return found | _at_threshold(points, positive, negative) | {"lift_top_decile": lift}


def _at_threshold(points: Points, positive: Floats, negative: Floats) -> dict[str, Floats]:
    ones, rows = positive.sum(axis=-1), positive.sum(axis=-1) + negative.sum(axis=-1)
    hits, alarms = positive @ points.above.astype(float), negative @ points.above.astype(float)
    precision, recall = ratio(hits, hits + alarms), ratio(hits, ones)
    right = hits + negative.sum(axis=-1) - alarms
    return {
        "f1": ratio(2 * hits, hits + alarms + ones),
        "precision": precision,
        "recall": recall,
        "accuracy": ratio(right, rows),
    }


def _at_share(hits: Floats, alarms: Floats, share: float) -> Floats:
    """Return the positives among the share of the rows with the highest scores, ties shared out evenly."""
    seen = hits + alarms
    wanted = seen[..., -1] * share
    at = (seen < wanted[..., None]).sum(axis=-1).clip(max=seen.shape[-1] - 1)[..., None]
    before = np.maximum(at - 1, 0)
    first = at == 0

    def reached(of: Floats) -> Floats:
        return np.where(first, 0.0, np.take_along_axis(of, before, axis=-1))

    rows, ones = reached(seen), reached(hits)
    inside = np.take_along_axis(seen, at, axis=-1) - rows
    part = ratio(wanted[..., None] - rows, inside)
    found: Floats = (ones + part * (np.take_along_axis(hits, at, axis=-1) - ones))[..., 0]
    return found


def auc_resolution(points: Points) -> float:
    """Return how far binning can move the AUC: half of the pairs that share a bin."""
    if points.exact:
        return 0.0
    pairs = points.positive.sum() * points.negative.sum()
    return float((points.positive * points.negative).sum() / pairs / 2) if pairs else 0.0
