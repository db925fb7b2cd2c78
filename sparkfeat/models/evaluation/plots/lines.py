"""Pictures of lines: curves of two classes, calibration, costs, learning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sparkfeat.models.evaluation.plots.style import AMBER, BLUE, COLOURS, MUTED, RED, blank, key, label
from sparkfeat.models.evaluation.results import Evaluation

SMALL = 0.02
"""Room around shares, so that lines at 0 and 1 are seen whole."""


def roc(found: Evaluation) -> Figure:
    """Draw the ROC curve, or one for each class against the rest."""
    curves = {name: curve for name, curve in found.curves.items() if name.startswith("roc")}
    many = len(curves) > 1
    metric = found.metrics.get("roc_auc") or found.metrics.get("roc_auc_ovr_macro")
    told = f"{'Mean ' if many else ''}AUC {metric}" if metric else ""
    figure, axes = blank("ROC curve", told)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle="--", label="chance")
    for n, (name, curve) in enumerate(curves.items()):
        text = name.removeprefix("roc ") if many else "model"
        axes.plot(curve.x, curve.y, color=COLOURS[n % len(COLOURS)], linewidth=1.8, label=text)
    _shares(axes)
    label(axes, "false positives, share of the negative rows", "true positives, share of the positive rows")
    key(axes, "lower right")
    return figure


def precision_recall(found: Evaluation) -> Figure:
    """Draw precision over recall, with the chosen threshold and the share of positives."""
    curve, metrics = found.curves["precision_recall"], found.metrics
    figure, axes = blank("Precision and recall", f"Average precision {metrics['average_precision']}")
    rate = curve.y[-1]
    axes.axhline(rate, color=MUTED, linewidth=1, linestyle="--", label=f"chance: {rate:.1%} are positive")
    # The precision of a score holds for the recall that ends at it: a step, as the average precision sums.
    axes.step(curve.x, curve.y, where="pre", color=BLUE, linewidth=1.8, label="model")
    point = (metrics["recall"].value, metrics["precision"].value)
    axes.plot(*point, "o", color=RED, markersize=7, label=f"threshold {found.threshold:.3g}")
    _shares(axes)
    label(
        axes,
        "recall: share of the positive rows that are found",
        "precision: share of those found that are positive",
    )
    key(axes)
    return figure


def calibration(found: Evaluation) -> Figure:
    """Draw what share of rows of each score turned out positive."""
    groups = found.calibration
    error = found.metrics["calibration_error"].value
    figure, axes = blank(
        "Calibration", f"Mean gap between score and outcome: {error:.3f}; {len(groups)} groups of rows"
    )
    most = max(max(one.predicted, one.observed) for one in groups)
    axes.plot([0, most], [0, most], color=MUTED, linewidth=1, linestyle="--", label="what scores promise")
    # Normal approximation of the share's own spread: shows which gaps are chance.
    share = np.array([one.observed for one in groups])
    half = 1.96 * np.sqrt(share * (1 - share) / np.array([one.rows for one in groups]))
    predicted = [one.predicted for one in groups]
    axes.errorbar(
        predicted, share, half, fmt="o-", color=BLUE, ecolor=AMBER, markersize=5, label="outcome, 95 %"
    )
    label(axes, "mean score of the group", "share of its rows that are positive")
    key(axes, "upper left")
    return figure


def cost(found: Evaluation) -> Figure:
    """Draw the mean cost of a row by threshold."""
    curve = found.curves["cost"]
    best = int(np.argmin(curve.y))
    told = f"Lowest at {curve.x[best]:.3g}: {curve.y[best]:.4g} a row"
    figure, axes = blank("Cost by threshold", told)
    axes.step(curve.x, curve.y, where="pre", color=BLUE, linewidth=1.8)
    axes.plot(curve.x[best], curve.y[best], "o", color=AMBER, markersize=7, label="lowest cost")
    if found.threshold is not None:
        axes.axvline(found.threshold, color=RED, linewidth=1.2, label=f"chosen: {found.threshold:.3g}")
    axes.set_ylim(bottom=0)
    label(axes, "threshold: rows with at least this score count as positive", "mean cost of a row")
    key(axes)
    return figure


def learning(
    shares: Sequence[float], train: Sequence[float], validation: Sequence[float], metric: str
) -> Figure:
    """Draw a metric by the share of the training rows that were learned from."""
    figure, axes = blank(
        "Learning curve", "What more rows bring: the gap between the lines is what is learned by heart"
    )
    axes.plot(shares, train, "o-", color=AMBER, linewidth=1.8, label="rows learned from")
    axes.plot(shares, validation, "o-", color=BLUE, linewidth=1.8, label="validation rows")
    axes.set_xlim(0, 1 + SMALL)
    label(axes, "share of the training rows", metric)
    key(axes)
    return figure


def _shares(axes: Axes) -> None:
    axes.set_xlim(-SMALL, 1 + SMALL)
    axes.set_ylim(-SMALL, 1 + SMALL)
