"""What this engine needs to know of an EntitySet: a small picklable copy, cut down to what features read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from featuretools.feature_base import FeatureBase, IdentityFeature

from sparkfeat.engines.featuretools.reach import Edge, reached_edges, walk
from sparkfeat.entityset import ArrowSource, EntitySet, Relationship, Table

_NO_ROWS = ArrowSource(pa.table({}))


@dataclass(frozen=True)
class Schema:
    """Tables without their rows, and relationships."""

    tables: dict[str, Table]
    relationships: tuple[Relationship, ...]


def whole_schema(entityset: EntitySet | Schema) -> Schema:
    """Copy a whole schema."""
    tables = {name: replace(table, source=_NO_ROWS) for name, table in entityset.tables.items()}
    return Schema(tables, tuple(entityset.relationships))


def needed_schema(entityset: EntitySet | Schema, features: Sequence[FeatureBase]) -> Schema:
    """Copy the tables, columns and relationships that computing `features` reads, in the schema's order."""
    edges = reached_edges(features)
    kept = _needed_columns(entityset, features, edges)
    tables = {name: _cut(table, kept[name]) for name, table in entityset.tables.items() if name in kept}
    links = {edge.link for edge in edges}
    return Schema(tables, tuple(link for link in entityset.relationships if link in links))


def _needed_columns(
    entityset: EntitySet | Schema, features: Sequence[FeatureBase], edges: Collection[Edge]
) -> dict[str, set[str]]:
    kept: dict[str, set[str]] = {features[0].dataframe_name: set()}
    for link in (edge.link for edge in edges):
        kept.setdefault(link.parent, set()).add(link.parent_column)
        kept.setdefault(link.child, set()).add(link.child_column)
    for feature, _ in walk(features):
        if isinstance(feature, IdentityFeature):
            kept[feature.dataframe_name].add(feature.column_name)
    for name, columns in kept.items():
        table = entityset.tables[name]
        columns.update(filter(None, (table.index, table.time_index, table.last_time_index)))
        columns.update(key for key, masked in table.secondary_time_index.items() if columns & set(masked))
    return kept


def _cut(table: Table, kept: Collection[str]) -> Table:
    masks = {
        key: tuple(name for name in masked if name in kept)
        for key, masked in table.secondary_time_index.items()
        if key in kept
    }
    columns = tuple(column for column in table.columns if column.name in kept)
    return replace(table, source=_NO_ROWS, columns=columns, secondary_time_index=masks)
