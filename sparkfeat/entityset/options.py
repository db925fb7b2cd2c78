"""What `add_dataframe` was told about a table, and the check that its names are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sparkfeat.entityset.schema import POSITION
from sparkfeat.errors import SchemaError, did_you_mean


@dataclass(frozen=True)
class TableOptions:
    """What `EntitySet.add_dataframe` was told about a table."""

    name: str
    index: str
    time_index: str | None = None
    logical_types: Mapping[str, Any] = field(default_factory=dict)
    semantic_tags: Mapping[str, Any] = field(default_factory=dict)
    make_index: bool = False
    secondary_time_index: Mapping[str, str | Iterable[str]] = field(default_factory=dict)
    already_sorted: bool = False

    @property
    def secondary_columns(self) -> dict[str, tuple[str, ...]]:
        """The columns known only from each secondary time on; one column may be given by itself."""
        return {
            key: (names,) if isinstance(names, str) else tuple(names)
            for key, names in self.secondary_time_index.items()
        }

    @property
    def where(self) -> str:
        """The table, for messages."""
        return f"dataframe '{self.name}'"


def check_names(names: Iterable[Any], options: TableOptions) -> None:
    """Check that every column an option names is there, and that names are usable in SQL.

    Raises:
        SchemaError: a column is missing, not called by a string, or called twice but for case.
    """
    names = list(names)
    _check_strings(names, options)
    known = set(names)
    asked = {"index": [options.index], "time_index": [options.time_index] if options.time_index else []}
    asked["logical_types"] = list(options.logical_types)
    asked["semantic_tags"] = list(options.semantic_tags)
    asked["secondary_time_index"] = [
        name for key, columns in options.secondary_columns.items() for name in (key, *columns)
    ]
    for argument, columns in asked.items():
        for column in columns:
            if column not in known:
                raise SchemaError(
                    f"No column '{column}'",
                    where=f"{options.where}, {argument}",
                    hint=did_you_mean(str(column), known),
                )
    if options.secondary_time_index and not options.time_index:
        raise SchemaError("secondary_time_index needs a time_index", where=options.where)


def _check_strings(names: list[Any], options: TableOptions) -> None:
    if any(not isinstance(name, str) for name in names):
        raise SchemaError("Column names must be strings", where=options.where, why=f"They are {names[:10]}")
    reserved = {POSITION.casefold(), "__time"}
    folded: dict[str, str] = {}
    for name in names:
        if name.casefold() in reserved:
            raise SchemaError(
                f"A column cannot be called '{name}'",
                where=options.where,
                why="sparkfeat uses the name for the row order and the cutoff time",
                hint="Rename it",
            )
        if name.casefold() in folded:
            twin = folded[name.casefold()]
            raise SchemaError(
                f"Columns '{twin}' and '{name}' cannot be told apart",
                where=options.where,
                why="SQL names do not depend on case",
                hint="Rename one of them",
            )
        folded[name.casefold()] = name
