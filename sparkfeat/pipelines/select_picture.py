"""The picture of a selection: which rule took how many features, and the most informative ones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sparkfeat.models.evaluation.plots.style import AMBER, BLUE, DARK, DPI, GRID, MUTED, RED, short, write
from sparkfeat.models.selection import Decision, Selection

MOST_BARS = 25
GONE = "#b9c3cb"
WORDS = {
    "": "stay",
    "nulls": "mostly without a value",
    "constant": "the same everywhere",
    "duplicate": "equal to another",
    "leak": "may know the future",
    "test": "tell nothing",
    "correlation": "say what another says",
    "importance": "not used by a forest",
    "cost": "not worth their seconds",
    "forward": "add nothing to the others",
    "backward": "not missed beside the others",
    "limit": "beyond the number wanted",
}
"""What happened to features, by rule, in the order of the rules."""


def draw_selection(found: Selection, file: Path) -> None:
    """Draw a selection into a PNG file.

    Raises:
        StorageError: the file cannot be written.
    """
    best = sorted(found.decisions, key=lambda one: (-found.measured[one.name].information, one.name))[
        :MOST_BARS
    ]
    height = 1.6 + 0.27 * max(len(best), 8)
    figure = Figure(figsize=(14, height), dpi=DPI, facecolor="white")
    bottom, size = 0.65 / height, 1 - 1.5 / height
    _rules(figure.add_axes((0.15, bottom, 0.22, size)), found)
    _best(figure.add_axes((0.64, bottom, 0.34, size)), found, best)
    title = f"{len(found.kept)} of {len(found.decisions)} features stay"
    figure.text(0.012, 1 - 0.16 / height, title, fontsize=14, fontweight="bold", color=DARK, va="top")
    figure.text(0.012, 1 - 0.47 / height, _subtitle(found), fontsize=9.5, color=MUTED, va="top")
    write(figure, file)


def _subtitle(found: Selection) -> str:
    if not found.seconds_before:
        return f"Pilot of {found.rows:,} rows"
    after = found.seconds_after or 0.0
    seconds = f"{after:,.2f} of the {found.seconds_before:,.2f} s ({after / found.seconds_before:.0%})"
    return f"Pilot of {found.rows:,} rows; those that stay need {seconds} that all features took"


def _rules(axes: Axes, found: Selection) -> None:
    counted = Counter(one.rule for one in found.decisions)
    rules = [rule for rule in WORDS if counted[rule]]
    axes.barh(
        range(len(rules)),
        [counted[rule] for rule in rules],
        color=[_colour(rule) for rule in rules],
        height=0.62,
    )
    for place, rule in enumerate(rules):
        axes.annotate(
            str(counted[rule]),
            (counted[rule], place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
        )
    axes.set_yticks(range(len(rules)), [WORDS[rule] for rule in rules])
    axes.set_ylim(max(len(rules), 6) - 0.4, -0.6)
    axes.set_xlim(0, max(counted.values()) * 1.15)
    _plain(axes, "features")


def _best(axes: Axes, found: Selection, best: list[Decision]) -> None:
    values = [found.measured[one.name].information for one in best]
    axes.barh(
        range(len(best)), values, color=[_colour(one.rule, one.suspicious) for one in best], height=0.66
    )
    axes.set_yticks(range(len(best)), [short(one.name) for one in best])
    axes.set_ylim(max(len(best), 6) - 0.4, -0.6)
    _plain(axes, "what it tells of the label alone: mutual information, nats")
    parts = [(BLUE, "stay"), (GONE, "go"), (AMBER, "not worth their seconds"), (RED, "may know the future")]
    used = {_colour(one.rule, one.suspicious) for one in best}
    key = [Patch(color=colour, label=text) for colour, text in parts if colour in used]
    axes.legend(handles=key, loc="lower right", fontsize=9, frameon=True, edgecolor=GRID)


def _colour(rule: str, suspicious: str = "") -> str:
    if suspicious or rule == "leak":
        return RED
    return {"": BLUE, "cost": AMBER}.get(rule, GONE)


def _plain(axes: Axes, below: str) -> None:
    axes.set_xlabel(below, fontsize=9.5, color=MUTED)
    axes.grid(axis="x", color=GRID)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=DARK, labelsize=9.5)
    for side in axes.spines.values():
        side.set_visible(False)
