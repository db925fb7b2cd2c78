"""Where the boxes of a feature's picture go: the tables' columns left, the feature right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from sparkfeat.definitions import AggregationFeature, Feature, GroupByTransformFeature, walk

SWEEPS = 8
"""Rounds of ordering; pictures of two dozen boxes do not change after four."""


@dataclass(eq=False)
class Spot:
    """A place in a column: a feature's box, or (feature None) a point that a long line passes.

    `y` is its middle, upwards from 0, the middle of the picture.
    """

    feature: Feature | None
    column: int
    height: float
    y: float = 0.0


@dataclass(frozen=True)
class Line:
    """From an input's box to the box made of it, through the columns between; `role`: "" or "where"..."""

    spots: tuple[Spot, ...]
    role: str


@dataclass(frozen=True)
class Layout:
    """Boxes by column, from left to right, and the lines between them."""

    columns: tuple[list[Spot], ...]
    lines: tuple[Line, ...]


def lay_out(feature: Feature, heights: Mapping[Feature, float], gap: float) -> Layout:
    """Place a feature and everything it is made of.

    Args:
        feature: the rightmost box.
        heights: height of each feature's box.
        gap: distance between two boxes of a column.
    """
    steps = _steps_to(feature)
    last = max(steps.values())
    spots = {node: Spot(node, last - step, heights[node]) for node, step in steps.items()}
    lines = tuple(
        Line(tuple(_route(spots[base], spots[node])), role)
        for node in steps
        for base, role in inputs_with_roles(node)
    )
    layout = Layout(tuple([] for _ in range(last + 1)), lines)
    for spot in dict.fromkeys([*spots.values(), *(spot for line in lines for spot in line.spots)]):
        layout.columns[spot.column].append(spot)
    _order(layout)
    _stack(layout, gap)
    return layout


def inputs_with_roles(feature: Feature) -> Iterator[tuple[Feature, str]]:
    """Yield a feature's inputs and what each is for: "where", "grouped by", or "" for a plain input."""
    where = feature.where if isinstance(feature, AggregationFeature) else None
    groupby = feature.groupby if isinstance(feature, GroupByTransformFeature) else None
    for base in feature.inputs:
        yield base, "where" if base is where else "grouped by" if base is groupby else ""


def _steps_to(feature: Feature) -> dict[Feature, int]:
    """Return the longest way from each node to the feature: an input stands left of all its uses."""
    steps = dict.fromkeys(walk(feature), 0)
    changed = True
    while changed:
        changed = False
        for node in steps:
            for base in node.inputs:
                if steps[base] <= steps[node]:
                    steps[base] = steps[node] + 1
                    changed = True
    return steps


def _route(start: Spot, end: Spot) -> Iterator[Spot]:
    yield start
    for column in range(start.column + 1, end.column):
        yield Spot(None, column, 0.0)
    yield end


def _order(layout: Layout) -> None:
    """Sort each column by the middle of its neighbours' places, which keeps lines from crossing."""
    neighbours: dict[Spot, list[Spot]] = {spot: [] for column in layout.columns for spot in column}
    for line in layout.lines:
        for left, right in pairwise(line.spots):
            neighbours[left].append(right)
            neighbours[right].append(left)
    for sweep in range(SWEEPS):
        columns = layout.columns if sweep % 2 else layout.columns[::-1]
        places = {spot: at / len(column) for column in layout.columns for at, spot in enumerate(column)}
        for column in columns:
            middles = {spot: fmean(places[other] for other in neighbours[spot] or [spot]) for spot in column}
            column.sort(key=middles.__getitem__)
            places |= {spot: (at + 0.5) / len(column) for at, spot in enumerate(column)}


def _stack(layout: Layout, gap: float) -> None:
    """Give every column's spots their y, from top to bottom around 0."""
    for column in layout.columns:
        y = (sum(spot.height for spot in column) + gap * (len(column) - 1)) / 2
        for spot in column:
            spot.y = y - spot.height / 2
            y -= spot.height + gap
