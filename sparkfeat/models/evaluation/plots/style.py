"""How all pictures look, and how they are written."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sparkfeat.storage.failures import explained

BLUE, RED, AMBER = "#2f6f9f", "#c8402f", "#c77c2b"
DARK, MUTED, GRID = "#1f2933", "#5b6770", "#dde3e8"
COLOURS = (BLUE, AMBER, "#4b8b5a", "#7a5aa6", RED, "#3b9aa5", "#8a6d3b", "#5b6770")
"""One a line; used again from the start after the last."""
DPI = 150
Place = Literal["best", "lower right", "upper right", "upper left"]
_ABOVE, _BELOW, _RIGHT = 0.85, 0.65, 0.25
"""Inches around the axes."""


def blank(
    title: str, subtitle: str, *, width: float = 7.5, height: float = 5.2, left: float = 0.85
) -> tuple[Figure, Axes]:
    """Return a figure with its title and empty axes; lengths in inches, `left` is the room for names."""
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    size = (1 - (left + _RIGHT) / width, 1 - (_ABOVE + _BELOW) / height)
    axes = figure.add_axes((left / width, _BELOW / height, *size))
    figure.text(0.18 / width, 1 - 0.16 / height, title, fontsize=14, fontweight="bold", color=DARK, va="top")
    figure.text(0.18 / width, 1 - 0.47 / height, subtitle, fontsize=9.5, color=MUTED, va="top")
    axes.tick_params(length=0, colors=DARK, labelsize=9.5)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    return figure, axes


def label(axes: Axes, x: str, y: str, grid: str = "both") -> None:
    """Name the axes and draw the grid: 'x', 'y', 'both' or none where empty."""
    axes.set_xlabel(x, fontsize=9.5, color=MUTED)
    axes.set_ylabel(y, fontsize=9.5, color=MUTED)
    if grid in ("x", "y", "both"):
        axes.grid(axis=grid, color=GRID, zorder=0)  # type: ignore[arg-type]


def key(axes: Axes, place: Place = "best") -> None:
    """Draw the legend."""
    axes.legend(loc=place, fontsize=9, frameon=True, edgecolor=GRID, framealpha=1)


def write(figure: Figure, file: Path) -> Path:
    """Write the figure as a PNG file and return its path.

    Raises:
        StorageError: the file cannot be written.
    """
    with explained("write the picture", str(file)):
        FigureCanvasAgg(figure).print_png(str(file))  # type: ignore[no-untyped-call]
    return file


def short(text: str, most: int = 46) -> str:
    """Leave out the middle of a long name; a dollar sign would begin a formula."""
    half = most // 2 - 1
    kept = text if len(text) <= most else f"{text[:half]}...{text[-half:]}"
    return kept.replace("$", r"\$")
