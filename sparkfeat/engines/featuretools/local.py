"""Featuretools on canonical frames, in this process."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import featuretools
import pandas as pd
from featuretools.feature_base import FeatureBase
from featuretools.feature_base.feature_base import _ES_REF

from sparkfeat.engines.featuretools.schema import Schema, needed_schema
from sparkfeat.engines.featuretools.values import logical_type, typed_frame
from sparkfeat.entityset import EntitySet, Table
from sparkfeat.errors import EngineError

_PLACED_TAGS = {"index", "time_index"}


@dataclass(frozen=True)
class Options:
    """The arguments of `featuretools.calculate_feature_matrix` that change values."""

    training_window: Any = None
    include_cutoff_time: bool = True
    approximate: Any = None


def build_entityset(
    schema: EntitySet | Schema, frames: Mapping[str, pd.DataFrame], name: str = "sparkfeat"
) -> featuretools.EntitySet:
    """Build a Featuretools EntitySet in which nothing is inferred: the schema says every type and tag.

    Args:
        schema: tables, columns and relationships (a `sparkfeat.EntitySet`).
        frames: canonical values of every table of the schema, rows in the table's order.
        name: id of the EntitySet; Featuretools keeps the last one of each id in memory.

    Raises:
        EngineError: values that do not fit their logical type.
    """
    entityset = featuretools.EntitySet(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for table in schema.tables.values():
            _add_table(entityset, table, frames[table.name])
        for link in schema.relationships:
            entityset.add_relationship(link.parent, link.parent_column, link.child, link.child_column)
    return entityset


def _add_table(entityset: featuretools.EntitySet, table: Table, values: pd.DataFrame) -> None:
    frame = typed_frame(table, values)
    frame.ww.init(
        name=table.name,
        index=table.index,
        time_index=table.time_index,
        logical_types={column.name: logical_type(column) for column in table.columns},
        semantic_tags={column.name: set(column.semantic_tags) - _PLACED_TAGS for column in table.columns},
        use_standard_tags=False,
        already_sorted=True,
    )
    for column in table.columns:
        if column.interesting_values:
            frame.ww.columns[column.name].metadata["interesting_values"] = list(column.interesting_values)
    if table.last_time_index in table.column_names:
        frame.ww.metadata["last_time_index"] = table.last_time_index
    masks = {key: list(masked) for key, masked in table.secondary_time_index.items()}
    entityset.add_dataframe(frame, secondary_time_index=masks or None)


def compute_local(
    schema: EntitySet | Schema,
    frames: Mapping[str, pd.DataFrame],
    features: Sequence[FeatureBase],
    cutoffs: pd.DataFrame,
    *,
    training_window: Any = None,
    include_cutoff_time: bool = True,
    approximate: Any = None,
) -> pd.DataFrame:
    """Compute features with Featuretools on frames in memory.

    Args:
        schema: tables, columns and relationships; only what the features read is looked at.
        frames: canonical values by table, rows in the table's order.
        features: Featuretools features of one target.
        cutoffs: columns instance_id and time, one output row for each; pairs are unique. All rows that share
            a time are computed in one pass. A row whose time is null is all null.
        training_window: as in Featuretools.
        include_cutoff_time: as in Featuretools.
        approximate: as in Featuretools.

    Returns:
        Columns instance_id and time, then those of `feature.get_feature_names()`, in the order of `cutoffs`.
        Names can repeat when a feature is called like one of the first two: take columns by position.

    Raises:
        EngineError: Featuretools cannot compute a feature; names it and keeps the original as the cause.
    """
    options = Options(training_window, include_cutoff_time, approximate)
    rows = cutoffs[["instance_id", "time"]].reset_index(drop=True)
    known = rows["time"].notna()
    if not known.any():
        return pd.concat([rows, _all_null(features, len(rows))], axis=1)
    entityset = build_entityset(needed_schema(schema, features), frames, name="sparkfeat.local")
    try:
        matrix = _matrix(entityset, list(features), rows[known], options)
    finally:
        _ES_REF.pop(entityset.id, None)
    return pd.concat([rows, _spread(matrix, known)], axis=1)


def _all_null(features: Sequence[FeatureBase], count: int) -> pd.DataFrame:
    names = [name for feature in features for name in feature.get_feature_names()]
    return pd.DataFrame(None, index=range(count), columns=names, dtype="object")


def _matrix(
    entityset: featuretools.EntitySet, features: list[FeatureBase], rows: pd.DataFrame, options: Options
) -> pd.DataFrame:
    try:
        return _calculate(entityset, features, rows, options)
    except Exception as error:
        culprits = _culprits(entityset, features, rows, options)
        raise _engine_error(culprits, features, error) from error


def _calculate(
    entityset: featuretools.EntitySet, features: list[FeatureBase], rows: pd.DataFrame, options: Options
) -> pd.DataFrame:
    """Run Featuretools; its deprecation and performance notes are no news to who asked for features."""
    # Featuretools casts ids to the index type of the first feature's EntitySet, which it looks up by id: it
    # may find another of the same id.
    first = copy(features[0])
    first.entityset = entityset
    features = [first, *features[1:]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        matrix: pd.DataFrame = featuretools.calculate_feature_matrix(
            features,
            entityset,
            cutoff_time=rows.copy(),
            training_window=options.training_window,
            include_cutoff_time=options.include_cutoff_time,
            approximate=options.approximate,
        )
    return matrix


def _culprits(
    entityset: featuretools.EntitySet, features: list[FeatureBase], rows: pd.DataFrame, options: Options
) -> list[FeatureBase]:
    """Halve the list until one feature that fails by itself is left, or no half fails."""
    while len(features) > 1:
        middle = len(features) // 2
        halves = (features[:middle], features[middle:])
        failing = next((half for half in halves if _fails(entityset, half, rows, options)), None)
        if failing is None:
            break
        features = failing
    return features


def _fails(
    entityset: featuretools.EntitySet, features: list[FeatureBase], rows: pd.DataFrame, options: Options
) -> bool:
    try:
        _calculate(entityset, features, rows, options)
    except Exception:  # noqa: BLE001 - custom primitives raise what they like
        return True
    return False


def _engine_error(culprits: list[FeatureBase], features: list[FeatureBase], error: Exception) -> EngineError:
    names = ", ".join(feature.get_name() for feature in culprits[:5]) + (", ..." if len(culprits) > 5 else "")
    return EngineError(
        f"Featuretools cannot compute {names}",
        where=f"target '{features[0].dataframe_name}'",
        why=f"It raised {type(error).__name__}: {error}",
        hint="Drop the feature, or change what it is stacked on",
    )


def _spread(matrix: pd.DataFrame, known: pd.Series[bool]) -> pd.DataFrame:
    """Put the computed rows at their places; the others, without a time, become null."""
    plain = pd.DataFrame(matrix, copy=False).set_axis(known.index[known], axis=0)
    if known.all():
        return plain
    for position in range(plain.shape[1]):
        column = plain.iloc[:, position]
        if column.dtype == "int64":
            plain.isetitem(position, column.astype("Int64").array)
        elif column.dtype == "bool":
            plain.isetitem(position, column.astype("boolean").array)
    return plain.reindex(known.index)
