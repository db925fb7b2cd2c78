"""A wide table as one row for each value, so that one query measures every feature alike.

A query with an expression for each of hundreds of columns outgrows what Spark compiles; this one does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkfeat.errors import DataError, SchemaError
from sparkfeat.models.names import quoted
from sparkfeat.models.roles import Roles

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

FEATURE, NUMBER, TEXT, TARGET, KEY = "feature", "number", "text", "target", "key"
MOST_CLASSES = 100


@dataclass(frozen=True)
class Subject:
    """The rows that features are selected on.

    Args:
        table: one row an instance and cutoff time.
        roles: which column is what.
        names: the features; a feature's position here is its number in the long table.
        classes: the label's values; empty for a regression.
    """

    table: DataFrame
    roles: Roles
    names: tuple[str, ...]
    classes: tuple[bool | int | float | str, ...]

    @property
    def categorical(self) -> frozenset[int]:
        """Numbers of the features whose values are texts or codes."""
        return frozenset(n for n, name in enumerate(self.names) if name in self.roles.categorical)


def number(subject: Subject, name: str) -> Column:
    """Return a feature as a double, null where NaN or infinite; a time in days before the cutoff."""
    from pyspark.sql import functions as fn

    column, roles = quoted(name), subject.roles
    if name in roles.times:
        until = quoted(str(roles.cutoff_time)).cast("timestamp").cast("double")
        column = (until - column.cast("timestamp").cast("double")) / 86_400
    value = column.cast("double")
    return fn.when(fn.abs(value) < fn.lit(float("inf")), value)


def target(subject: Subject) -> Column:
    """Return the label as a double: the class's position, or the number."""
    from pyspark.sql import functions as fn

    label = quoted(str(subject.roles.label))
    if not subject.classes:
        return label.cast("double")
    places = (fn.when(label == fn.lit(one), float(n)) for n, one in enumerate(subject.classes))
    return fn.coalesce(*places)


def row_key(subject: Subject) -> Column:
    """Return a hash that tells rows apart: of instance and cutoff time, else of all features."""
    from pyspark.sql import functions as fn

    named = [name for name in (subject.roles.instance_id, subject.roles.cutoff_time) if name is not None]
    return fn.xxhash64(*(quoted(name) for name in named or subject.names))


def long_table(subject: Subject) -> DataFrame:
    """Return feature (its number), number, text, target and key, one row for each value."""
    from pyspark.sql import functions as fn

    texts = subject.categorical
    values = [
        fn.struct(
            fn.lit(n).alias(FEATURE),
            (fn.lit(None).cast("double") if n in texts else number(subject, name)).alias(NUMBER),
            (quoted(name).cast("string") if n in texts else fn.lit(None).cast("string")).alias(TEXT),
        )
        for n, name in enumerate(subject.names)
    ]
    rows = subject.table.select(
        target(subject).alias(TARGET), row_key(subject).alias(KEY), fn.explode(fn.array(*values)).alias("one")
    )
    return rows.select(TARGET, KEY, f"one.{FEATURE}", f"one.{NUMBER}", f"one.{TEXT}")


def make_subject(
    table: DataFrame, roles: Roles, classes: Sequence[bool | int | float | str] | None, *, regression: bool
) -> Subject:
    """Return the subject after a look at its labels.

    Raises:
        DataError: labels are null, of one class only, or of too many; a regression's never differ.
    """
    label = quoted(str(roles.label))
    if regression:
        found: tuple[bool | int | float | str, ...] = ()
        _check_type(table, str(roles.label))
        _check_numbers(table, label, str(roles.label))
    else:
        found = tuple(classes) if classes is not None else _classes(table, label)
        _check_classes(table, label, str(roles.label), found)
    return Subject(table, roles, roles.features, found)


def _check_type(table: DataFrame, name: str) -> None:
    from pyspark.sql import types

    kind = table.schema[name].dataType
    if not isinstance(kind, types.NumericType | types.BooleanType):
        why = f"Its type is {kind.simpleString()}"
        raise SchemaError("The label holds no numbers", where=name, why=why, hint="Is it a class?")


def _check_numbers(table: DataFrame, label: Column, name: str) -> None:
    from pyspark.sql import functions as fn

    value = label.cast("double")
    known = fn.sum(fn.when(fn.abs(value) < float("inf"), 1).otherwise(0))
    rows, numbers, low, high = table.agg(fn.count("*"), known, fn.min(value), fn.max(value)).collect()[0]
    if not rows:
        raise DataError("There are no rows to select features on", where=name)
    if numbers < rows:
        raise DataError(f"{rows - numbers:,} of {rows:,} rows have no finite label", where=name)
    if low == high:
        raise DataError("All rows have the same label: nothing can be told apart", where=name)


def _classes(table: DataFrame, label: Column) -> tuple[bool | int | float | str, ...]:
    rows = table.select(label.alias(TARGET)).distinct().limit(MOST_CLASSES + 2).collect()
    return tuple(sorted(row[TARGET] for row in rows if row[TARGET] is not None))


def _check_classes(
    table: DataFrame, label: Column, name: str, classes: tuple[bool | int | float | str, ...]
) -> None:
    from pyspark.sql import functions as fn

    known = fn.sum(fn.when(fn.coalesce(label.isin(*classes), fn.lit(False)), 1).otherwise(0))
    rows, good = table.agg(fn.count("*"), known).collect()[0]
    if not rows:
        raise DataError("There are no rows to select features on", where=name)
    if len(classes) > MOST_CLASSES:
        hint = "Is it a regression?"
        raise DataError(f"The label has more than {MOST_CLASSES} classes", where=name, hint=hint)
    if good < rows:
        hint = "Leave these rows out of the cutoff times"
        raise DataError(
            f"{rows - good:,} of {rows:,} rows have a null or unknown label", where=name, hint=hint
        )
    if len(classes) < 2:
        hint = "Take more rows, of both outcomes"
        raise DataError("All rows have the same label: nothing can be told apart", where=name, hint=hint)
