"""Features sorted by where they are computed: one trie node for each path from the target.

The rules are those of Featuretools' FeatureSet: a primitive that uses the full dataframe, and all it
needs, is computed on every visible row of its table; the rest on the rows that the instances reach.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from sparkfeat.definitions import AggregationFeature, DirectFeature, Duration, Feature, primitive_of
from sparkfeat.definitions.facts import INSTANCE_SET_TRANSFORMS, ORDERED_AGGREGATIONS
from sparkfeat.entityset import Relationship


class Edge(NamedTuple):
    """A step along a relationship: to the parent (forward) or to the children."""

    forward: bool
    relationship: Relationship


@dataclass(eq=False)
class PathNode:
    """The features to compute for one table as reached along one path.

    `full` are computed on all rows of the table, `rest` on the rows reached. `needs_full` asks for all
    rows, `ordered` for the columns that order them, `timed` for their time. `carried` tells which ancestors'
    keys the rows must have: 2 is the parent's parent, and so on.
    """

    table: str
    full: dict[tuple[str, str], Feature] = field(default_factory=dict)
    rest: dict[tuple[str, str], Feature] = field(default_factory=dict)
    needs_full: bool = False
    ordered: bool = False
    timed: bool = False
    carried: set[int] = field(default_factory=set)
    children: dict[Edge, PathNode] = field(default_factory=dict)

    def child(self, edge: Edge) -> PathNode:
        """Return the node one step away, made if it is new."""
        if edge not in self.children:
            link = edge.relationship
            self.children[edge] = PathNode(link.parent if edge.forward else link.child)
        return self.children[edge]

    @property
    def features(self) -> dict[tuple[str, str], Feature]:
        """All features of the node."""
        return self.full | self.rest


def build_trie(target: str, features: tuple[Feature, ...]) -> PathNode:
    """Return the root of the trie of `features` and all they depend on."""
    root = PathNode(target)
    for feature in features:
        _add(root, feature, full=False)
    return root


def steps(feature: Feature) -> tuple[Edge, ...]:
    """Return the steps from a feature's table to its inputs' table."""
    if isinstance(feature, DirectFeature):
        return (Edge(True, feature.relationship),)
    if isinstance(feature, AggregationFeature):
        return tuple(Edge(False, link) for link in feature.path)
    return ()


def _add(node: PathNode, feature: Feature, *, full: bool) -> None:
    primitive = primitive_of(feature)
    full = full or (primitive is not None and primitive.uses_full_dataframe)
    if feature.key in node.full or (not full and feature.key in node.rest):
        return
    if full:
        node.full[feature.key] = feature
        node.rest.pop(feature.key, None)
        node.needs_full = True
    else:
        node.rest[feature.key] = feature
    below = _descend(node, steps(feature), full=full)
    below.ordered |= _looks_at_order(feature)
    below.timed |= isinstance(feature, AggregationFeature) and isinstance(feature.use_previous, Duration)
    for base in feature.inputs:
        _add(below, base, full=full)


def _looks_at_order(feature: Feature) -> bool:
    """Tell whether the value depends on the order of the rows it is computed from, or may do so."""
    primitive = primitive_of(feature)
    if primitive is None or not primitive.standard:
        return primitive is not None
    if isinstance(feature, AggregationFeature):
        return primitive.name in ORDERED_AGGREGATIONS or isinstance(feature.use_previous, int)
    return primitive.uses_full_dataframe or primitive.name in INSTANCE_SET_TRANSFORMS


def _descend(node: PathNode, path: tuple[Edge, ...], *, full: bool) -> PathNode:
    for distance, edge in enumerate(path, start=1):
        node = node.child(edge)
        node.needs_full |= full
        if distance > 1:
            node.carried.add(distance)
    return node
