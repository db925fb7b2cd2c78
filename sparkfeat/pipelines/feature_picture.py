"""A picture of how a feature is made: from the tables' columns on the left to the feature on the right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, Patch, PathPatch
from matplotlib.path import Path as Curve
from matplotlib.textpath import TextPath

from sparkfeat.definitions import (
    AggregationFeature,
    DirectFeature,
    Feature,
    GroupByTransformFeature,
    IdentityFeature,
    TransformFeature,
    walk,
)
from sparkfeat.pipelines.definitions import condition, say
from sparkfeat.pipelines.feature_layout import Layout, Line, Spot, lay_out
from sparkfeat.storage.failures import explained

# All lengths are inches: the axes cover the figure and count in inches.
BOX_WIDTH, COLUMN_GAP, ROW_GAP, MARGIN = 2.5, 0.8, 0.3, 0.3
PADDING, NAME_LINE, NOTE_LINE, LEGEND_HEIGHT = 0.12, 0.19, 0.16, 0.35
POINTS_AN_INCH = 72
DPI = 150
FILLS = ("#dbe9f6", "#fde5cc", "#dcefdc", "#f7d9dc", "#e6ddf0", "#f3ecc8", "#d5eef0", "#e8e3dc")
"""Light colours, one a table, that dark text is readable on; used again from the start after the last."""
DARK, MUTED = "#1f2933", "#5b6770"
NAME_FONT = FontProperties(size=9.5, weight="bold")
NOTE_FONT = FontProperties(size=8)


@dataclass(frozen=True)
class _Text:
    """What a box says: the feature's name, and how it is made, each broken into lines."""

    name: tuple[str, ...]
    note: tuple[str, ...]

    @property
    def height(self) -> float:
        return 2 * PADDING + NAME_LINE * len(self.name) + NOTE_LINE * len(self.note)


def draw_feature(feature: Feature, file: Path) -> None:
    """Draw a feature and everything it is made of into a PNG file.

    Args:
        feature: what to draw.
        file: where to write; its folder must exist.

    Raises:
        EnvironmentProblem, StorageError: the file cannot be written.
    """
    texts = {node: _text(node) for node in walk(feature)}
    layout = lay_out(feature, {node: text.height for node, text in texts.items()}, ROW_GAP)
    tables = list(dict.fromkeys(node.table for node in texts))
    fills = {table: FILLS[at % len(FILLS)] for at, table in enumerate(tables)}
    figure, axes = _page(layout)
    for line in layout.lines:
        _draw_line(axes, line)
    for spot, node in _boxes(layout):
        _draw_box(axes, spot, texts[node], fills[node.table], is_result=node is feature)
    handles = [Patch(facecolor=fill, edgecolor=MUTED, label=table) for table, fill in fills.items()]
    figure.legend(handles=handles, loc="lower center", ncols=len(handles), frameon=False, fontsize=9)
    with explained("write the picture", str(file)):
        figure.savefig(file, dpi=DPI)


def _text(feature: Feature) -> _Text:
    others = len(feature.names) - 1
    name = f"{feature.name} and {others} more" if others else feature.name
    return _Text(tuple(_wrapped(name, NAME_FONT)), tuple(_wrapped(_note(feature), NOTE_FONT)))


def _note(feature: Feature) -> str:
    match feature:
        case IdentityFeature():
            note = f"column of {feature.table}"
        case DirectFeature(relationship=link):
            note = f"from {link.parent}, by {link.child_column}"
        case AggregationFeature(primitive=primitive, path=path):
            note = f"{primitive.name} over {path[-1].child}{condition(feature)}"
        case GroupByTransformFeature(primitive=primitive, groupby=groupby):
            note = f"{primitive.name} for each {groupby.name}"
        case TransformFeature(primitive=primitive):
            note = primitive.name
        case _:
            note = say(feature)
    return note


def _wrapped(text: str, font: FontProperties) -> Iterator[str]:
    """Break a text into lines that fit a box, after brackets, dots, commas, underscores and spaces."""
    line = ""
    for piece in re.findall(r"[^(.,_ ]*[(.,_ ]+|[^(.,_ ]+", text):
        if line and _width(line + piece.rstrip(), font) > BOX_WIDTH - 2 * PADDING:
            yield line.rstrip()
            line = ""
        line += piece
    yield line.rstrip()


def _width(text: str, font: FontProperties) -> float:
    path = TextPath((0, 0), text.replace("$", r"\$"), prop=font)
    return float(path.get_extents().width) / POINTS_AN_INCH


def _page(layout: Layout) -> tuple[Figure, Axes]:
    width = len(layout.columns) * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP + 2 * MARGIN
    top = max(spot.y + spot.height / 2 for spot, _ in _boxes(layout)) + MARGIN
    figure = Figure(figsize=(width, 2 * top + LEGEND_HEIGHT), facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-MARGIN, width - MARGIN), ylim=(-top - LEGEND_HEIGHT, top))
    axes.axis("off")
    return figure, axes


def _boxes(layout: Layout) -> Iterator[tuple[Spot, Feature]]:
    for column in layout.columns:
        for spot in column:
            if spot.feature is not None:
                yield spot, spot.feature


def _left(spot: Spot) -> float:
    return spot.column * (BOX_WIDTH + COLUMN_GAP)


def _draw_box(axes: Axes, spot: Spot, text: _Text, fill: str, *, is_result: bool) -> None:
    corner = (_left(spot), spot.y - spot.height / 2)
    box = FancyBboxPatch(corner, BOX_WIDTH, spot.height, boxstyle="round,pad=0,rounding_size=0.08")
    box.set(facecolor=fill, edgecolor=DARK if is_result else MUTED, linewidth=1.8 if is_result else 0.8)
    axes.add_patch(box)
    x, y = _left(spot) + PADDING, spot.y + spot.height / 2 - PADDING
    for name in text.name:
        axes.text(x, y, name, va="top", color=DARK, fontproperties=NAME_FONT, parse_math=False)
        y -= NAME_LINE
    for note in text.note:
        axes.text(x, y, note, va="top", color=MUTED, fontproperties=NOTE_FONT, parse_math=False)
        y -= NOTE_LINE


def _draw_line(axes: Axes, line: Line) -> None:
    """Draw a line that leaves and enters boxes level, straight across the columns it passes."""
    start, *between, end = line.spots
    points = [(_left(start) + BOX_WIDTH, start.y)]
    for spot in between:
        points += [(_left(spot), spot.y), (_left(spot) + BOX_WIDTH, spot.y)]
    points.append((_left(end), end.y))
    vertices, codes = [points[0]], [Curve.MOVETO]
    for (x, y), (next_x, next_y) in pairwise(points):
        middle = (x + next_x) / 2
        vertices += [(middle, y), (middle, next_y), (next_x, next_y)]
        codes += [Curve.CURVE4] * 3
    style = "--" if line.role else "-"
    axes.add_patch(
        PathPatch(Curve(vertices, codes), fill=False, edgecolor=MUTED, linewidth=1.1, linestyle=style)
    )
    axes.plot(*points[-1], marker=5, markersize=6, color=MUTED)
    if line.role:
        (x, y), (next_x, next_y) = points[-2:]
        x, y = (x + next_x) / 2, (y + next_y) / 2
        backing = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        axes.text(x, y, line.role, ha="center", va="center", fontsize=7.5, color=MUTED, bbox=backing)
