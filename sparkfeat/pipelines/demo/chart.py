"""The picture of the demonstration: the features that tell the label best."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sparkfeat.pipelines.demo.ranking import Ranked
from sparkfeat.storage.failures import explained

HONEST, LEAK = "#2f6f9f", "#c8402f"
DARK, MUTED, GRID = "#1f2933", "#5b6770", "#dde3e8"


def draw(best: Sequence[Ranked], title: str, subtitle: str, file: Path) -> None:
    """Draw the features as bars, best on top, into a PNG file.

    Args:
        best: the features to show, best first.
        title: what the picture says.
        subtitle: how it was measured.
        file: where it goes.

    Raises:
        StorageError: the file cannot be written.
    """
    figure = Figure(figsize=(10, 1.9 + 0.38 * len(best)), dpi=150, facecolor="white")
    axes = figure.add_axes((0.42, 0.13, 0.54, 0.69))
    _bars(axes, best)
    figure.text(0.02, 0.955, title, fontsize=15, fontweight="bold", color=DARK, va="top")
    figure.text(0.02, 0.89, subtitle, fontsize=9.5, color=MUTED, va="top", linespacing=1.4)
    with explained("write the picture", str(file)):
        FigureCanvasAgg(figure).print_png(str(file))  # type: ignore[no-untyped-call]


def _bars(axes: Axes, best: Sequence[Ranked]) -> None:
    rows = range(len(best))
    colours = [LEAK if one.leak else HONEST for one in best]
    axes.barh(rows, [one.auc - 0.5 for one in best], left=0.5, color=colours, height=0.66, zorder=2)
    for row, one in zip(rows, best, strict=True):
        value = axes.text(one.auc + 0.006, row, f"{one.auc:.2f}", va="center", fontsize=9.5, color=DARK)
        value.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})  # not crossed by the grid
    axes.set_yticks(list(rows), [f"{one.name}  {'↑' if one.rising else '↓'}" for one in best], fontsize=9.5)
    axes.invert_yaxis()
    axes.set_xlim(0.5, 1.04)
    axes.set_xticks([0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    axes.set_xlabel(
        "AUC of the feature alone: 0.5 tells nothing, 1 tells everything", fontsize=9.5, color=MUTED
    )
    _plain(axes)
    if any(one.leak for one in best):
        key = [
            Patch(color=HONEST, label="known at the cutoff"),
            Patch(color=LEAK, label="leak: knows the future"),
        ]
        axes.legend(handles=key, loc="lower right", fontsize=9.5, frameon=True, edgecolor=GRID)


def _plain(axes: Axes) -> None:
    axes.grid(axis="x", color=GRID, zorder=0)
    axes.tick_params(length=0, colors=DARK)
    for side in axes.spines.values():
        side.set_visible(False)
