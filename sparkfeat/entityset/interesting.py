"""The most frequent values of a table's columns, by Featuretools' rule for interesting values."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import takewhile
from typing import Any

import pyarrow.compute as pc

from sparkfeat.entityset.schema import Column, Table
from sparkfeat.entityset.sources import ArrowSource, ParquetSource, SparkSource, spark_name
from sparkfeat.entityset.types import CATEGORY_TYPES

_SKIPPED_TAGS = frozenset({"index", "foreign_key"})
_FEW_VALUES = 25
_SHARE = (0.05, 0.95)


def frequent_values(table: Table, max_values: int) -> dict[str, list[Hashable]]:
    """Return up to `max_values` frequent values for each category column that is no key.

    A column of 25 or more distinct values only offers those that make up 5 to 95 percent of its rows.
    Counts every row: in memory or Parquet by Arrow, of a Spark DataFrame by Spark.
    """
    columns = [
        c for c in table.columns if c.logical_type in CATEGORY_TYPES and not c.semantic_tags & _SKIPPED_TAGS
    ]
    return {column.name: _choose(_counts(table, column), max_values) for column in columns}


def _counts(table: Table, column: Column) -> list[tuple[Any, int]]:
    """Count each value, null included, most frequent first."""
    source = table.source
    if isinstance(source, SparkSource):
        counted = source.frame.groupBy(spark_name(column.name)).count()
        found = [(row[0], int(row[1])) for row in counted.collect()]
    else:
        assert isinstance(source, ArrowSource | ParquetSource)
        rows = (
            source.table
            if isinstance(source, ArrowSource)
            else source.dataset.to_table(columns=[column.name])
        )
        found = [
            (row["values"], row["counts"]) for row in pc.value_counts(rows.column(column.name)).to_pylist()
        ]
    return sorted(found, key=lambda pair: (-pair[1], _place(pair[0], column)))


def _place(value: Any, column: Column) -> tuple[Any, ...]:
    """Return what equally frequent values are sorted by: their category order."""
    if value is None:
        return (1,)
    if column.categories is not None and value in column.categories:
        return (0, "", column.categories.index(value))
    return (0, type(value).__name__, value)


def _choose(counts: list[tuple[Any, int]], max_values: int) -> list[Hashable]:
    total = sum(count for _, count in counts)
    present = [(value, count) for value, count in counts if value is not None]
    if len(present) < _FEW_VALUES:
        return [value for value, _ in present[:max_values]]
    top = present[:max_values]
    return [value for value, _ in takewhile(lambda pair: _SHARE[0] < pair[1] / total < _SHARE[1], top)]
