"""The picture of a benchmark: seconds and peak memory of each contender, as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from benchmarks.outcome import times
from sparkfeat.pipelines.demo.chart import DARK, GRID, HONEST, LEAK, MUTED

PALE = "#b9cfdf"
ROOM = 1.18  # for the figure behind the longest bar
BAR, MARGIN = 0.44, 1.15  # inches: of a contender, and of all above and below the bars
WIDTH, NAMES = 11.0, 0.28  # inches; the share of the width that names take


class Bar(NamedTuple):
    """A bar of a picture; rows count from 0 at the top."""

    row: float
    value: float
    height: float
    colour: str


def draw(told: Mapping[str, Any], file: Path) -> None:
    """Draw what is kept of a benchmark into a PNG file."""
    names = list(told["contenders"])
    shown = [told["contenders"][name] for name in names]
    height = MARGIN + BAR * len(names)
    figure = Figure(figsize=(WIDTH, height), dpi=120, facecolor="white")
    bottom, top = 0.62 / height, 1 - 0.5 / height
    seconds = figure.add_axes((NAMES, bottom, 0.34, top - bottom))
    memory = figure.add_axes((NAMES + 0.41, bottom, 0.28, top - bottom))
    _bars(seconds, [bar for row, one in enumerate(shown) for bar in _seconds(one, row)], len(names))
    _bars(memory, [bar for row, one in enumerate(shown) for bar in _memory(one, row)], len(names))
    _plain(seconds, "seconds: pale the first run, dark the best later one or the only one")
    _plain(memory, "peak resident memory, MB")
    seconds.set_yticks(range(len(names)), names, fontsize=9.5, color=DARK)
    memory.set_yticks([])
    figure.text(
        0.012, 1 - 0.2 / height, _title(told["title"]), fontsize=13, fontweight="bold", color=DARK, va="top"
    )
    FigureCanvasAgg(figure).print_png(str(file))  # type: ignore[no-untyped-call]


def _title(text: str) -> str:
    """Return the name of the benchmark; the page says the rest."""
    return text.partition(": ")[0]


def _seconds(one: Mapping[str, Any], row: int) -> list[Bar]:
    """Return the first run above the best later one, or the only run alone."""
    if "error" in one:
        return []
    first, warm = times(one)
    if len(one["seconds"]) == 1:
        return [Bar(row, first, 0.6, HONEST)]
    return [Bar(row - 0.2, first, 0.38, PALE), Bar(row + 0.2, warm, 0.38, HONEST)]


def _memory(one: Mapping[str, Any], row: int) -> list[Bar]:
    return [] if "error" in one else [Bar(row, one["peak_mb"], 0.6, HONEST)]


def _bars(axes: Axes, bars: Sequence[Bar], rows: int) -> None:
    """Draw bars, each with its figure behind it; a row without one failed."""
    for bar in bars:
        axes.barh(bar.row, bar.value, bar.height, color=bar.colour)
        _write(axes, bar.value, bar.row, _figure(bar.value), DARK)
    for row in set(range(rows)) - {round(bar.row) for bar in bars}:
        _write(axes, 0, row, "failed", LEAK)
    axes.set_xlim(0, max([bar.value * ROOM for bar in bars], default=1))
    axes.set_ylim(rows - 0.5, -0.5)


def _write(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    axes.annotate(text, (x, y), (4, 0), textcoords="offset points", va="center", fontsize=8.5, color=colour)


def _figure(value: float) -> str:
    """Return three digits of a small figure, and all before the point of a large one."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _plain(axes: Axes, label: str) -> None:
    axes.set_axisbelow(True)
    axes.set_xlabel(label, fontsize=9.5, color=MUTED)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    axes.grid(axis="x", color=GRID)
    axes.tick_params(length=0, colors=DARK, labelsize=9)
    for side in axes.spines.values():
        side.set_visible(False)
