"""Features sorted by where they are computed: one trie node for each path from the target.

The rules are those of Featuretools' FeatureSet: a primitive that uses the full dataframe, and all it
needs, is computed on every visible row of its table; the rest on the rows that the instances reach.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from sparkfeat.definitions import AggregationFeature, DirectFeature, Duration, Feature, primitive_of, walk
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
    keys the rows must have: 2 is the parent's parent, and so on. `binned` are aggregations to compute at
    the start of the cutoff's bin.
    """

    table: str
    full: dict[tuple[str, str], Feature] = field(default_factory=dict)
    rest: dict[tuple[str, str], Feature] = field(default_factory=dict)
    needs_full: bool = False
    ordered: bool = False
    timed: bool = False
    carried: set[int] = field(default_factory=set)
    binned: dict[tuple[str, str], Feature] = field(default_factory=dict)
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


Approximated = frozenset[tuple[tuple[Edge, ...], tuple[str, str]]]
"""Aggregations to compute at the start of a bin: the path up from the target, and the feature's key."""


def build_trie(
    target: str, features: tuple[Feature, ...], approximated: Approximated = frozenset()
) -> PathNode:
    """Return the root of the trie of `features` and all they depend on."""
    root = PathNode(target)
    for feature in features:
        _add(root, feature, (), approximated, full=False)
    return root


def find_approximated(features: tuple[Feature, ...]) -> Approximated:
    """Return what Featuretools approximates: aggregations of which a requested feature is a direct one.

    Not those that a transform of whole tables is made of.
    """
    whole = {part.key for feature in features for part in walk(feature) if _uses_full(part)}
    kept = {
        part.key for feature in features for one in walk(feature) if one.key in whole for part in walk(one)
    }
    found = set()
    for feature in features:
        base: Feature = feature
        path: tuple[Edge, ...] = ()
        while isinstance(base, DirectFeature):
            path, base = path + steps(base), base.base
        if path and isinstance(base, AggregationFeature) and not kept & {feature.key, base.key}:
            found.add((path, base.key))
    return frozenset(found)


def _uses_full(feature: Feature) -> bool:
    primitive = primitive_of(feature)
    return primitive is not None and primitive.uses_full_dataframe


def steps(feature: Feature) -> tuple[Edge, ...]:
    """Return the steps from a feature's table to its inputs' table."""
    if isinstance(feature, DirectFeature):
        return (Edge(True, feature.relationship),)
    if isinstance(feature, AggregationFeature):
        return tuple(Edge(False, link) for link in feature.path)
    return ()


def _add(
    node: PathNode,
    feature: Feature,
    path: tuple[Edge, ...],
    approximated: Approximated,
    *,
    full: bool,
) -> None:
    if (path, feature.key) in approximated:
        node.binned[feature.key] = feature
        return
    full = full or _uses_full(feature)
    if feature.key in node.full or (not full and feature.key in node.rest):
        return
    if full:
        node.full[feature.key] = feature
        node.rest.pop(feature.key, None)
        node.needs_full = True
    else:
        node.rest[feature.key] = feature
    way = steps(feature)
    below = _descend(node, way, full=full)
    below.ordered |= _looks_at_order(feature)
    below.timed |= isinstance(feature, AggregationFeature) and isinstance(feature.use_previous, Duration)
    for base in feature.inputs:
        _add(below, base, path + way, approximated, full=full)


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
