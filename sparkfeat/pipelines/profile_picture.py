"""A picture of a profile: the steps that took longest, as bars."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sparkfeat.engines.profile import Profile, Step
from sparkfeat.storage.failures import explained

MOST_STEPS = 15
COLOURS = {"duckdb": "#2f6f9f", "spark": "#c77c2b", "featuretools": "#7a5aa6"}
DARK, MUTED, GRID = "#1f2933", "#5b6770", "#dde3e8"
WIDTH, STEP_HEIGHT, ABOVE, BELOW = 11.0, 0.46, 0.95, 0.65
"""Lengths in inches."""
_LABEL = 60


def draw_profile(profile: Profile, file: Path | IO[bytes]) -> None:
    """Draw the slowest steps as bars, the slowest on top, into a PNG file.

    Raises:
        StorageError: the file cannot be written.
    """
    steps = profile.slowest[:MOST_STEPS]
    height = ABOVE + STEP_HEIGHT * max(len(steps), 1) + BELOW
    figure = Figure(figsize=(WIDTH, height), dpi=150, facecolor="white")
    axes = figure.add_axes((0.47, BELOW / height, 0.42, 1 - (ABOVE + BELOW) / height))
    _bars(axes, profile, steps)
    figure.text(0.02, 1 - 0.2 / height, _title(profile), fontsize=14, fontweight="bold", color=DARK, va="top")
    figure.text(0.02, 1 - 0.52 / height, _subtitle(profile, steps), fontsize=9.5, color=MUTED, va="top")
    with explained("write the picture", str(file)):
        FigureCanvasAgg(figure).print_png(file)  # type: ignore[no-untyped-call]


def _title(profile: Profile) -> str:
    return f"Where the time went: {profile.seconds:,.1f} s on {profile.engine}"


def _subtitle(profile: Profile, steps: Sequence[Step]) -> str:
    all_of_them = len(steps) == len(profile.steps)
    which = "All steps" if all_of_them else f"The {len(steps)} slowest of {len(profile.steps)} steps"
    threads = ", of all threads together" if profile.engine == "duckdb" else ""
    return f"{which}: seconds{threads}, share of all steps, and rows given"


def _bars(axes: Axes, profile: Profile, steps: Sequence[Step]) -> None:
    places = range(len(steps))
    colours = [COLOURS[step.engine] for step in steps]
    axes.barh(places, [step.seconds for step in steps], color=colours, height=0.6, zorder=2)
    longest = max((step.seconds for step in steps), default=0.0) or 1.0
    for place, step in zip(places, steps, strict=True):
        x, told = step.seconds + longest * 0.015, _told(profile, step)
        text = axes.text(x, place, told, va="center", fontsize=8.5, color=DARK)
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})  # not crossed by the grid
    axes.set_yticks(list(places), [_label(step) for step in steps], fontsize=8.5)
    axes.set_ylim(len(steps) - 0.4, -0.6)
    axes.set_xlim(0, longest * 1.3)
    axes.set_xlabel("seconds", fontsize=9.5, color=MUTED)
    _plain(axes)
    engines = list(dict.fromkeys(step.engine for step in steps))
    if len(engines) > 1:
        key = [Patch(color=COLOURS[engine], label=engine) for engine in engines]
        axes.legend(handles=key, loc="lower right", fontsize=9, frameon=True, edgecolor=GRID)


def _told(profile: Profile, step: Step) -> str:
    rows = "" if step.rows is None else f", {step.rows:,} rows"
    return f"{step.seconds:,.2f} s, {profile.share(step):.0%}{rows}"


def _label(step: Step) -> str:
    """Return a step's name and, below it, what it is."""
    # A dollar sign would begin a formula.
    return f"{_short(step.name)}\n{_short(step.what)}".replace("$", r"\$")


def _short(text: str) -> str:
    """Leave out the middle of a long text: relations of one table begin alike."""
    return text if len(text) <= _LABEL else f"{text[: _LABEL // 2]}...{text[-_LABEL // 2 :]}"


def _plain(axes: Axes) -> None:
    axes.grid(axis="x", color=GRID, zorder=0)
    axes.tick_params(length=0, colors=DARK)
    for side in axes.spines.values():
        side.set_visible(False)
