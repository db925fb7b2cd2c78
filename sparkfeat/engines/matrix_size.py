"""How large the Parquet files of a matrix will be, estimated from the types of its columns."""

from __future__ import annotations

from collections.abc import Mapping

from sparkfeat.definitions import DirectFeature, Feature, IdentityFeature
from sparkfeat.engines.computation import Computation
from sparkfeat.engines.duckdb.engine import BATCH_ROWS
from sparkfeat.engines.footers import Footer
from sparkfeat.engines.layout import Layout
from sparkfeat.entityset.types import BOOLEAN_TYPES, CATEGORY_TYPES, INTEGER_TYPES

DOUBLE, COUNT, CATEGORY, FLAG, TEXT = 5.0, 1.5, 1.5, 0.2, 16.0
"""Bytes of a value as it is stored: doubles that differ take 10, those that repeat 1 or 2."""
CHUNK = 200
"""Bytes that a footer takes for a column of a group of rows."""


def stored_bytes(
    computation: Computation, layout: Layout, footers: Mapping[str, Footer], matrix_rows: int
) -> int:
    """Return the estimated size of a matrix's files.

    A table's own column takes as many bytes a row as in its table's files; others what values of
    their type take on average.
    """
    own = {name: one.feature for one in computation.asked for name in one.names}
    index = _stored(footers, computation.target.name, computation.target.index) or DOUBLE
    widths = [index]
    for column in layout.columns:
        known = _known(own.get(column.name), footers)
        widths.append(_by_type(column.type_name) if known is None else known)
    groups = 1 + -(-matrix_rows // BATCH_ROWS)
    return round(matrix_rows * sum(widths) + groups * CHUNK * len(widths))


def _known(feature: Feature | None, footers: Mapping[str, Footer]) -> float | None:
    while isinstance(feature, DirectFeature):
        feature = feature.base
    return _stored(footers, feature.table, feature.column) if isinstance(feature, IdentityFeature) else None


def _stored(footers: Mapping[str, Footer], table: str, column: str) -> float | None:
    return footers[table].stored.get(column)


def _by_type(logical_type: str | None) -> float:
    if logical_type in BOOLEAN_TYPES:
        return FLAG
    if logical_type in CATEGORY_TYPES:
        return CATEGORY
    if logical_type in INTEGER_TYPES:
        return COUNT
    return DOUBLE if logical_type in {"Double", "AgeFractional", "Datetime", "Timedelta", None} else TEXT
