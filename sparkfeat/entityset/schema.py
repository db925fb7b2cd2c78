"""The schema of an EntitySet as plain frozen data: columns, tables, relationships."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sparkfeat.errors import SchemaError, did_you_mean

if TYPE_CHECKING:
    from sparkfeat.entityset.sources import Source

POSITION = "__row__"
"""Name of the column that keeps the row order of a source that has one (pandas, Arrow)."""


@dataclass(frozen=True)
class Column:
    """One column: its Woodwork logical type, semantic tags, and what is known of its values.

    `categories` lists the values in category order, for types where an order or a fixed list
    matters (Ordinal, and Categorical columns of a pandas source); None otherwise.
    """

    name: str
    logical_type: str
    semantic_tags: frozenset[str] = frozenset()
    interesting_values: tuple[Hashable, ...] = ()
    categories: tuple[Hashable, ...] | None = None


@dataclass(frozen=True)
class Relationship:
    """A parent table's index and the child column that refers to it."""

    parent: str
    parent_column: str
    child: str
    child_column: str

    def __str__(self) -> str:
        return f"{self.child}.{self.child_column} -> {self.parent}.{self.parent_column}"


@dataclass(frozen=True)
class Table:
    """One table: where its rows are, its columns, keys and time indexes.

    `order` names the columns that fix the row order, most significant first; `rows_by_time` says that
    this order is known to be ascending in time although the time index is not its first column.
    """

    name: str
    source: Source
    columns: tuple[Column, ...]
    index: str
    time_index: str | None = None
    secondary_time_index: dict[str, tuple[str, ...]] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    last_time_index: str | None = None
    rows_by_time: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the column called `name`.

        Raises:
            SchemaError: there is none; names the nearest one.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise SchemaError(
            f"No column '{name}'",
            where=f"dataframe '{self.name}'",
            hint=did_you_mean(name, self.column_names),
        )

    @property
    def ordered_by_time(self) -> bool:
        """Whether rows are known to come in ascending time, or time plays no part."""
        return self.rows_by_time or self.time_index is None or self.order[0] == self.time_index
