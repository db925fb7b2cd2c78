"""Which column of a table is what to a model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sparkfeat.entityset.types import CATEGORY_TYPES, TEXT_TYPES
from sparkfeat.errors import SchemaError, did_you_mean

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType, StructField

FEATURES = "features"
"""The vector column that models read."""
WEIGHT = "weight"
"""The column of row weights, where there is one."""
TEXTS = TEXT_TYPES - {"Unknown", "IPAddress"}
"""Logical types of strings that differ from row to row."""


@dataclass(frozen=True)
class Roles:
    """The columns of a training table by what they are; every feature is in one group.

    Args:
        label: what is to be predicted; None where rows are only scored.
        numeric: integers, floats and decimals.
        boolean: truth values.
        categorical: strings, and numbers whose logical type is a category.
        times: timestamps and dates; a model sees how long before the cutoff time they are.
        instance_id: whose row it is; None where the table does not say.
        cutoff_time: up to when the row's features look; None where the table does not say.
        left_out: columns that are no features, with the reason.
    """

    label: str | None
    numeric: tuple[str, ...] = ()
    boolean: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    instance_id: str | None = None
    cutoff_time: str | None = None
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """All feature columns, by group."""
        return self.numeric + self.boolean + self.categorical + self.times

    def only(self, names: Collection[str]) -> Roles:
        """Return the roles with those of the features that are among `names`."""

        def some(group: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(name for name in group if name in names)

        return self._grouped(*map(some, self._groups))

    def beside(self, other: Roles) -> Roles:
        """Return the roles with the features of both, each once."""
        pairs = zip(self._groups, other._groups, strict=True)
        return self._grouped(*(tuple(dict.fromkeys(mine + theirs)) for mine, theirs in pairs))

    @property
    def _groups(self) -> tuple[tuple[str, ...], ...]:
        return self.numeric, self.boolean, self.categorical, self.times

    def _grouped(self, *groups: tuple[str, ...]) -> Roles:
        numeric, boolean, categorical, times = groups
        return replace(self, numeric=numeric, boolean=boolean, categorical=categorical, times=times)


def find_roles(
    table: DataFrame,
    label: str | None = None,
    *,
    instance_id: str | None = None,
    cutoff_time: str | None = None,
    exclude: Iterable[str] = (),
    logical_types: Mapping[str, str | None] | None = None,
) -> Roles:
    """Return what each column of a table is, by its Spark type and its Woodwork logical type.

    Args:
        table: the training table.
        label: the column to predict.
        instance_id: the column that says whose row it is.
        cutoff_time: the column of cutoff times; without it times are left out.
        exclude: columns that are no features.
        logical_types: column -> Woodwork's name, as in a manifest; None or missing: by the Spark type.

    Raises:
        SchemaError: a named column is missing, or no feature is left.
    """
    excluded = tuple(exclude)
    named = [name for name in (label, instance_id, cutoff_time, *excluded) if name is not None]
    _check_columns(table, named)
    groups: dict[str, list[str]] = {"numeric": [], "boolean": [], "categorical": [], "times": []}
    left_out = [(name, "excluded") for name in excluded]
    for field in table.schema.fields:
        if field.name in named:
            continue
        group, reason = _group(field, (logical_types or {}).get(field.name), timed=cutoff_time is not None)
        if group:
            groups[group].append(field.name)
        else:
            left_out.append((field.name, reason))
    if not any(groups.values()):
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out[:10])
        raise SchemaError(
            "No feature is left to learn from",
            where=label or "",
            why=reasons or "The table has no other columns",
            hint="Exclude fewer columns, or compute features of numbers, booleans or categories",
        )
    found = {name: tuple(columns) for name, columns in groups.items()}
    return Roles(label, **found, instance_id=instance_id, cutoff_time=cutoff_time, left_out=tuple(left_out))


def _check_columns(table: DataFrame, names: Iterable[str]) -> None:
    for name in names:
        if name not in table.columns:
            hint = did_you_mean(name, table.columns)
            raise SchemaError(f"No column '{name}'", where="the training table", hint=hint)


def _group(field: StructField, logical_type: str | None, *, timed: bool) -> tuple[str, str]:
    """Return the group of a column, or why it has none."""
    if logical_type in TEXTS:
        return "", f"text of type {logical_type}, different in every row"
    kind = _kind(field.dataType)
    if kind == "times" and not timed:
        return "", "a time, and the rows have no cutoff time to count from"
    if kind == "numeric" and logical_type in CATEGORY_TYPES:
        return "categorical", ""
    return (kind, "") if kind else ("", f"values of type {field.dataType.simpleString()}")


def _kind(given: DataType) -> str:
    from pyspark.sql import types

    if isinstance(given, types.BooleanType):
        return "boolean"
    if isinstance(given, types.NumericType):
        return "numeric"
    if isinstance(given, types.StringType):
        return "categorical"
    return "times" if isinstance(given, types.TimestampType | types.TimestampNTZType | types.DateType) else ""
