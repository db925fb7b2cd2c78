"""Pictures of counts and sizes: lift, importances, confusion, residuals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from sparkfeat.models.evaluation.importances import Importance
from sparkfeat.models.evaluation.plots.style import AMBER, BLUE, DARK, MUTED, blank, key, label, short
from sparkfeat.models.evaluation.results import Confusion, Evaluation

MOST_BARS = 25
WRITTEN = 12
"""So many classes have their counts written into the confusion matrix."""


def lift(found: Evaluation) -> Figure:
    """Draw how many more positives than average each tenth of the rows has."""
    deciles = found.deciles
    figure, axes = blank(
        "Lift by decile", f"The first three tenths hold {deciles[2].gain:.0%} of all positives"
    )
    numbers = [one.number for one in deciles]
    axes.bar(numbers, [one.lift for one in deciles], color=BLUE, width=0.7)
    axes.axhline(1, color=AMBER, linewidth=1.2, linestyle="--", label="average of all rows")
    for one in deciles:
        axes.annotate(
            f"{one.lift:.2f}",
            (one.number, one.lift),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
    axes.set_xticks(numbers)
    label(
        axes, "tenth of the rows, the first with the highest scores", "positives, times the average", grid="y"
    )
    key(axes, "upper right")
    return figure


def importances(found: Sequence[Importance], title: str, subtitle: str) -> Figure:
    """Draw the most important features as bars, with intervals where there are any."""
    shown = list(found[:MOST_BARS])
    left = 0.35 + 0.068 * max((len(short(one.name)) for one in shown), default=10)
    figure, axes = blank(title, subtitle, width=9.5, height=1.7 + 0.27 * max(len(shown), 2), left=left)
    rows = range(len(shown))
    axes.barh(rows, [one.value for one in shown], color=BLUE, height=0.62)
    for row, one in zip(rows, shown, strict=True):
        if one.low is not None and one.high is not None:
            axes.plot([one.low, one.high], [row, row], color=AMBER, linewidth=2.2, solid_capstyle="butt")
    axes.set_yticks(list(rows), [short(one.name) for one in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    label(axes, "importance", "", grid="x")
    return figure


def confusion(found: Confusion) -> Figure:
    """Draw the confusion matrix: colours are shares of the true label's rows, numbers are rows."""
    counts = np.array(found.counts, dtype=float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    right = np.trace(counts) / counts.sum()
    figure, axes = blank("Confusion matrix", f"{right:.1%} of {int(counts.sum()):,} rows are right", left=1.6)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    if len(counts) <= WRITTEN:
        for (row, column), share in np.ndenumerate(shares):
            text = f"{int(counts[row, column]):,}\n{share:.1%}"
            colour = "white" if share > 0.6 else DARK
            axes.text(column, row, text, ha="center", va="center", fontsize=10, color=colour)
    names = [short(name, 18) for name in found.labels]
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    label(axes, "predicted", "true label", grid="")
    return figure


def residuals(found: Evaluation) -> Figure:
    """Draw how far off rows of similar prediction are: the middle eight tenths, the median and the mean."""
    groups = found.residuals
    told = f"RMSE {found.metrics['rmse']}; truth minus prediction, {len(groups)} groups of rows"
    figure, axes = blank("Residuals", told)
    x = [one.predicted for one in groups]
    axes.axhline(0, color=MUTED, linewidth=1, linestyle="--")
    low, high = [one.low for one in groups], [one.high for one in groups]
    axes.fill_between(x, low, high, color=BLUE, alpha=0.18, linewidth=0, label="eight of ten rows")
    axes.plot(x, [one.median for one in groups], color=BLUE, linewidth=1.8, label="median")
    axes.plot(x, [one.mean for one in groups], "o", color=AMBER, markersize=5, label="mean")
    label(axes, "prediction", "truth minus prediction")
    key(axes)
    return figure
