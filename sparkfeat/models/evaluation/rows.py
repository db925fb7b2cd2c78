"""Predictions checked and brought into the form that is measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sparkfeat.errors import DataError, SchemaError, did_you_mean
from sparkfeat.models.evaluation.config import EvaluationConfig
from sparkfeat.models.evaluation.slices import MISSING
from sparkfeat.models.names import quoted

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

MOST_CLASSES = 100
KEY = "key"
Label = bool | int | float | str


def check_columns(predictions: DataFrame, names: Iterable[str]) -> None:
    """Refuse predictions without one of the columns.

    Raises:
        SchemaError: one is missing.
    """
    for name in names:
        if name not in predictions.columns:
            hint = did_you_mean(name, predictions.columns)
            raise SchemaError(f"No column '{name}'", where="the predictions", hint=hint)


def check_rows(predictions: DataFrame, known: Column, wrong: str) -> None:
    """Refuse predictions without rows, or with rows that cannot be judged.

    Raises:
        DataError: says how many rows are `wrong`.
    """
    from pyspark.sql import functions as fn

    bad = fn.sum(fn.when(fn.coalesce(known, fn.lit(False)), 0).otherwise(1))
    rows, count = predictions.agg(fn.count("*"), bad).collect()[0]
    if not rows:
        raise DataError("There are no predictions to judge", hint="Give the test a larger share of the rows")
    if count:
        hint = "Leave these rows out, or find out why they are so"
        raise DataError(f"{count:,} of {rows:,} rows have {wrong}", where="the predictions", hint=hint)


def check_both(scored: DataFrame, label: str, positive: Label, negative: Label) -> None:
    """Refuse rows of one class only.

    Raises:
        DataError: says which class is missing.
    """
    found = {row["positive"] for row in scored.select("positive").distinct().collect()}
    if len(found) < 2:
        missing = negative if True in found else positive
        raise DataError(
            f"No row has {label} = {missing!r}",
            where="the predictions",
            why="AUC and most other metrics compare rows of two classes",
            hint="Judge on more rows, or on a split that keeps both classes",
        )


def classes_of(predictions: DataFrame, label: str) -> list[Label]:
    """Return the label's values in order.

    Raises:
        DataError: there are more than can be classes.
    """
    values = predictions.select(quoted(label).alias("label")).where("label is not null").distinct()
    found = [row["label"] for row in values.limit(MOST_CLASSES + 1).collect()]
    if len(found) > MOST_CLASSES:
        hint = "Is it a regression?"
        raise DataError(f"More than {MOST_CLASSES} classes", where=f"the label {label}", hint=hint)
    return sorted(found)


def check_classes(classes: Sequence[Label], problem: str, label: str) -> None:
    """Refuse a number of classes that does not fit the problem.

    Raises:
        DataError: it does not.
    """
    fits = len(classes) == 2 if problem == "binary" else 2 <= len(classes) <= MOST_CLASSES
    if not fits:
        wanted = "two" if problem == "binary" else f"2 to {MOST_CLASSES}"
        raise DataError(
            f"A {problem} problem has {wanted} classes, here are {len(classes)}",
            where=f"the label {label}",
            why=f"Found: {', '.join(map(repr, classes[:10]))}",
        )


def sliced(config: EvaluationConfig) -> list[Column]:
    """Return the columns that have slices, as text under their own names."""
    from pyspark.sql import functions as fn

    return [fn.coalesce(quoted(name).cast("string"), fn.lit(MISSING)).alias(name) for name in config.slices]


def formed(
    predictions: DataFrame, parts: Mapping[str, Column], key: Sequence[str], config: EvaluationConfig
) -> DataFrame:
    """Return the parts, the slices, and `key`, a hash of the columns that tell rows apart; persisted."""
    from pyspark.sql import functions as fn

    keys = fn.xxhash64(*(quoted(name) for name in key or _plain(predictions))).alias(KEY)
    columns = [column.alias(name) for name, column in parts.items()]
    return predictions.select(*columns, keys, *sliced(config)).persist()


def _plain(table: DataFrame) -> list[str]:
    from pyspark.sql.types import AtomicType

    return [field.name for field in table.schema.fields if isinstance(field.dataType, AtomicType)]
