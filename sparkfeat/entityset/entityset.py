"""EntitySet: tables, their keys and times, and how they relate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sparkfeat.entityset import display, interesting, twin
from sparkfeat.entityset.build import build_table
from sparkfeat.entityset.options import TableOptions
from sparkfeat.entityset.schema import Column, Relationship, Table
from sparkfeat.entityset.types import INTEGER_TYPES, standard_tags
from sparkfeat.errors import SchemaError, did_you_mean

if TYPE_CHECKING:
    import featuretools

_NUMBERS = INTEGER_TYPES | {"Double", "AgeFractional"}


class EntitySet:
    """A set of related tables, described once and computed by any engine.

    Arguments and methods are those of `featuretools.EntitySet`; the rows may also stay where they
    are: in Parquet files or behind a Spark DataFrame.

    Args:
        id: name shown in messages.
        dataframes: name -> (dataframe, index[, time_index[, logical_types[, semantic_tags[, make_index]]]]).
        relationships: (parent, parent column, child, child column) each.
    """

    def __init__(
        self,
        id: str | None = None,  # noqa: A002 - Featuretools' name
        dataframes: Mapping[str, tuple[Any, ...]] | None = None,
        relationships: Iterable[tuple[str, str, str, str]] | None = None,
    ) -> None:
        self.id = id or "entityset"
        self.tables: dict[str, Table] = {}
        self.relationships: list[Relationship] = []
        names = ("dataframe", "index", "time_index", "logical_types", "semantic_tags", "make_index")
        for name, parts in (dataframes or {}).items():
            self.add_dataframe(dataframe_name=name, **dict(zip(names, parts, strict=False)))
        self.add_relationships(relationships or ())

    def add_dataframe(
        self,
        dataframe: Any,
        dataframe_name: str | None = None,
        index: str | None = None,
        logical_types: Mapping[str, Any] | None = None,
        semantic_tags: Mapping[str, Any] | None = None,
        make_index: bool = False,
        time_index: str | None = None,
        secondary_time_index: Mapping[str, Iterable[str]] | None = None,
        already_sorted: bool = False,
    ) -> EntitySet:
        """Add a table.

        Args:
            dataframe: pandas or Spark DataFrame, Arrow table, or the path of a Parquet file, a folder
                of files, or Hive-style partitions.
            dataframe_name: name of the table.
            index: column whose values are unique and not null.
            logical_types: Woodwork types by column (name, class or instance); the rest is inferred from
                the schema, and for text from the values (a sample of them where they are stored).
            semantic_tags: additional tags by column.
            make_index: make `index` a new column 0..n-1 in the order given; for rows in memory only.
            time_index: when each row became known: a datetime or a number.
            secondary_time_index: column -> columns that became known only at that time.
            already_sorted: rows in memory are in the order wanted; else they count as sorted by
                (time_index, index).

        Returns:
            This EntitySet.

        Raises:
            SchemaError, DataError, StorageError: see `sparkfeat.errors`.
        """
        if not dataframe_name:
            raise SchemaError("A dataframe needs a name", hint="Give dataframe_name")
        if dataframe_name.casefold() == "__cutoffs":
            raise SchemaError(
                f"A dataframe cannot be called '{dataframe_name}'",
                why="Queries read the cutoff rows under this name",
                hint="Choose another name",
            )
        if dataframe_name.casefold() in {name.casefold() for name in self.tables}:
            raise SchemaError(
                f"There is a dataframe '{dataframe_name}' already", where=f"EntitySet '{self.id}'"
            )
        if not index:
            raise SchemaError(
                "A dataframe needs an index",
                where=f"dataframe '{dataframe_name}'",
                hint="Give index=, and make_index=True to have the column made",
            )
        options = TableOptions(
            dataframe_name,
            index,
            time_index,
            dict(logical_types or {}),
            dict(semantic_tags or {}),
            make_index,
            dict(secondary_time_index or {}),
            already_sorted,
        )
        table = build_table(dataframe, options)
        self._check_time_kind(table)
        self.tables[dataframe_name] = table
        return self

    def _check_time_kind(self, table: Table) -> None:
        """Check that all time indexes are datetimes or all are numbers."""
        for other in self.tables.values():
            if table.time_index and other.time_index and _is_numeric_time(table) != _is_numeric_time(other):
                raise SchemaError(
                    f"Time index '{table.time_index}' differs in kind from '{other.name}.{other.time_index}'",
                    where=f"dataframe '{table.name}'",
                    why="All time indexes of an EntitySet are datetimes, or all are numbers",
                )

    @property
    def time_type(self) -> str | None:
        """'Datetime', 'numeric', or None when no table has a time index."""
        for table in self.tables.values():
            if table.time_index:
                return "numeric" if _is_numeric_time(table) else "Datetime"
        return None

    def __getitem__(self, dataframe_name: str) -> Table:
        """Return a table by its name.

        Raises:
            SchemaError: there is none; names the nearest.
        """
        if dataframe_name not in self.tables:
            raise SchemaError(
                f"No dataframe '{dataframe_name}'",
                where=f"EntitySet '{self.id}'",
                hint=did_you_mean(dataframe_name, self.tables),
            )
        return self.tables[dataframe_name]

    def add_relationship(
        self,
        parent_dataframe_name: str,
        parent_column_name: str,
        child_dataframe_name: str,
        child_column_name: str,
    ) -> EntitySet:
        """Relate a parent's index to the column of a child that refers to it.

        Raises:
            SchemaError: a table or column is missing, the parent's column is not its index, the child's
                is its own index, or the key types differ.
        """
        link = Relationship(
            parent_dataframe_name, parent_column_name, child_dataframe_name, child_column_name
        )
        parent, child = self[link.parent], self[link.child]
        key, foreign = parent.column(link.parent_column), child.column(link.child_column)
        _check_keys(link, parent, child, key, foreign)
        if link not in self.relationships:
            self.relationships.append(link)
            self._replace_column(child, _as_foreign_key(foreign, key))
        return self

    def _replace_column(self, table: Table, column: Column) -> None:
        columns = tuple(column if old.name == column.name else old for old in table.columns)
        self.tables[table.name] = replace(table, columns=columns)

    def add_relationships(self, relationships: Iterable[tuple[str, str, str, str]]) -> EntitySet:
        """Add several relationships, each (parent, parent column, child, child column)."""
        for relationship in relationships:
            self.add_relationship(*relationship)
        return self

    def add_interesting_values(
        self,
        max_values: int = 5,
        verbose: bool = False,
        dataframe_name: str | None = None,
        values: Mapping[str, Iterable[Any]] | None = None,
    ) -> EntitySet:
        """Set the values that `where` conditions are made of.

        Args:
            max_values: how many of a column's most frequent values to take where `values` is not given.
            verbose: print the values found.
            dataframe_name: only this table; required with `values`.
            values: the values by column.

        Without `values` the rows of the tables are counted, in memory or by DuckDB or Spark.
        """
        if values is not None and not dataframe_name:
            raise SchemaError("values need a dataframe_name", hint="Give dataframe_name=")
        for name in [dataframe_name] if dataframe_name else list(self.tables):
            table = self[name]
            found = interesting.frequent_values(table, max_values) if values is None else values
            for column_name, chosen in found.items():
                column = replace(table.column(column_name), interesting_values=tuple(chosen))
                self._replace_column(self[name], column)
                if verbose:
                    print(f"{name}.{column_name}: {', '.join(map(str, chosen))}")  # noqa: T201
        return self

    def schema_twin(self) -> featuretools.EntitySet:
        """Return a Featuretools EntitySet of empty frames with this schema, for definitions."""
        return twin.schema_twin(self.id, self.tables, self.relationships)

    @classmethod
    def from_featuretools(cls, entityset: featuretools.EntitySet) -> EntitySet:
        """Take over a Featuretools EntitySet: rows in their order, types, tags, keys, times, values."""
        new = cls(entityset.id)
        new.tables, new.relationships = twin.read(entityset)
        return new

    def __repr__(self) -> str:
        return display.as_text(self.id, self.tables, self.relationships)

    def _repr_html_(self) -> str:
        return display.as_html(self.id, self.tables, self.relationships)


def _as_foreign_key(foreign: Column, key: Column) -> Column:
    """Give a child's key its parent's type, as Featuretools does, unless its nulls need their own."""
    if foreign.logical_type == key.logical_type or foreign.logical_type in _NUMBERS:
        return replace(foreign, semantic_tags=foreign.semantic_tags | {"foreign_key"})
    tags = standard_tags(key.logical_type) | {"foreign_key"}
    return replace(foreign, logical_type=key.logical_type, semantic_tags=tags, categories=key.categories)


def _is_numeric_time(table: Table) -> bool:
    return table.column(str(table.time_index)).logical_type != "Datetime"


def _check_keys(link: Relationship, parent: Table, child: Table, key: Column, foreign: Column) -> None:
    where = f"relationship {link}"
    if link.parent_column != parent.index:
        raise SchemaError(
            f"'{link.parent_column}' is not the index of '{parent.name}'",
            where=where,
            why=f"The index is '{parent.index}'",
            hint="A relationship goes from a parent's index to a child's column; are the two swapped?",
        )
    if link.child_column == child.index:
        raise SchemaError(f"'{link.child_column}' is the index of '{child.name}' itself", where=where)
    if _key_kind(key, parent) != _key_kind(foreign, child):
        raise SchemaError(
            f"The key types differ: {key.logical_type} and {foreign.logical_type}",
            where=where,
            hint="Give both columns the same type, in the data or by logical_types",
        )


def _key_kind(column: Column, table: Table) -> str:
    """Return 'number', 'text', ...: keys of one kind can be compared."""
    if column.logical_type in _NUMBERS:
        return "number"
    if column.logical_type in {"Datetime", "Boolean", "BooleanNullable"}:
        return column.logical_type.removesuffix("Nullable")
    stored = table.source.schema.field(column.name).type
    stored = getattr(stored, "value_type", stored)
    return "number" if str(stored).startswith(("int", "uint", "double", "float")) else "text"
