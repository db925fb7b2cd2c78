"""Which tables features read, along which relationships, and whether customers can be told apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from featuretools.feature_base import (
    DirectFeature,
    FeatureBase,
    FeatureOutputSlice,
    GroupByTransformFeature,
    IdentityFeature,
    TransformFeature,
)

from sparkfeat.definitions.facts import INSTANCE_SET_TRANSFORMS
from sparkfeat.entityset import Relationship

if TYPE_CHECKING:
    from sparkfeat.engines.featuretools.schema import Schema
    from sparkfeat.entityset import EntitySet

# Aggregations that count the categories of the whole column, the absent ones included.
CATEGORY_LIST_AGGREGATIONS = frozenset(
    {"average_count_per_unique", "n_most_common", "n_most_common_frequency"}
)


@dataclass(frozen=True)
class Edge:
    """One step over a relationship: down to the child's rows, or (forward) up to the parent's."""

    forward: bool
    link: Relationship

    @classmethod
    def of(cls, forward: bool, step: Any) -> Edge:
        """Return a step of a Featuretools RelationshipPath."""
        tables = step._parent_dataframe_name, step._child_dataframe_name
        columns = step._parent_column_name, step._child_column_name
        return cls(forward, Relationship(tables[0], columns[0], tables[1], columns[1]))

    @property
    def target(self) -> str:
        """The table this step arrives at."""
        return self.link.parent if self.forward else self.link.child

    def reversed(self) -> Edge:
        """Return the same relationship in the other direction."""
        return Edge(not self.forward, self.link)


Path = tuple[Edge, ...]


def shortened(path: Path) -> Path:
    """Leave out steps up the relationship just come down: they lead back to rows that are there already."""
    kept: list[Edge] = []
    for edge in path:
        if edge.forward and kept and kept[-1] == edge.reversed():
            kept.pop()
        else:
            kept.append(edge)
    return tuple(kept)


def walk(features: Sequence[FeatureBase]) -> Iterator[tuple[FeatureBase, Path]]:
    """Yield every feature that computing `features` evaluates, with the (shortened) path to its table."""
    seen: set[tuple[str, Path]] = set()
    waiting: list[tuple[FeatureBase, Path]] = [(feature, ()) for feature in reversed(features)]
    while waiting:
        feature, path = waiting.pop()
        while isinstance(feature, FeatureOutputSlice):
            feature = feature.base_feature
        if (feature.unique_name(), path) in seen:
            continue
        seen.add((feature.unique_name(), path))
        yield feature, path
        below = shortened(path + _steps(feature))
        waiting.extend((dependency, below) for dependency in reversed(feature.get_dependencies()))


def reached_paths(features: Sequence[FeatureBase]) -> list[Path]:
    """Return the (shortened) path of every table that is read, shorter ones first; the target's is empty."""
    found: dict[Path, None] = {(): None}
    for feature, path in walk(features):
        whole = path + _steps(feature)
        found.update(dict.fromkeys(shortened(whole[:length]) for length in range(len(whole) + 1)))
    return sorted(found, key=len)


def _steps(feature: FeatureBase) -> Path:
    return tuple(Edge.of(*step) for step in feature.relationship_path)


def reached_edges(features: Sequence[FeatureBase]) -> frozenset[Edge]:
    """Return every step on any path."""
    return frozenset(edge for path in reached_paths(features) for edge in path)


def partition_reason(features: Sequence[FeatureBase], schema: EntitySet | Schema | None = None) -> str | None:
    """Say why customers cannot be computed in separate partitions, or return None when they can.

    Args:
        features: Featuretools features of one target.
        schema: the EntitySet. Without it the categories of every column count as unknown.

    Returns:
        A sentence that names the first such feature and what it reads.
    """
    for feature, path in walk(features):
        reason = _reason(feature, path) or _category_reason(feature, schema)
        if reason:
            return f"{feature.get_name()} {reason}"
    return None


def _reason(feature: FeatureBase, path: Path) -> str | None:
    whole = shortened(path + _steps(feature))
    if any(up.forward and not down.forward for up, down in pairwise(whole)):
        return "goes up to a parent table and down again, to rows of other customers"
    if isinstance(feature, TransformFeature) and not _groups_stay_whole(feature, path):
        if feature.primitive.uses_full_dataframe:
            return f"needs all rows of '{feature.dataframe_name}' at once"
        if feature.primitive.name in INSTANCE_SET_TRANSFORMS:
            return "depends on which instances are computed together"
    return None


def _groups_stay_whole(feature: TransformFeature, path: Path) -> bool:
    """Whether a transform is grouped by the very key that brings its rows down to one customer."""
    return (
        isinstance(feature, GroupByTransformFeature)
        and isinstance(feature.groupby, IdentityFeature)
        and bool(path)
        and not any(edge.forward for edge in path)
        and feature.groupby.column_name == path[-1].link.child_column
    )


def _category_reason(feature: FeatureBase, schema: EntitySet | Schema | None) -> str | None:
    """Say what is wrong when the schema does not list the categories: a partition knows only its own."""
    if feature.primitive.name not in CATEGORY_LIST_AGGREGATIONS:
        return None
    base = feature.base_features[0]
    while isinstance(base, DirectFeature):
        base = base.base_features[0]
    if not isinstance(base, IdentityFeature):
        return None
    table, column = base.dataframe_name, base.column_name
    if schema is not None and schema.tables[table].column(column).categories is not None:
        return None
    return f"counts all categories of '{table}.{column}', which the schema does not list"
