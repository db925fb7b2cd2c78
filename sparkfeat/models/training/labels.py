"""What the label is: classes or numbers, which of them there are, and their indexes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from sparkfeat.errors import ConfigError, DataError, SchemaError, did_you_mean
from sparkfeat.models.learning import LABEL
from sparkfeat.models.settings import Label, Problem
from sparkfeat.models.splits.places import column
from sparkfeat.models.training.config import TrainingConfig

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType

CLASSES = 100
"""A label with more distinct values has no classes."""
CLASSIFICATION = ("binary", "multiclass")


@dataclass(frozen=True)
class Labels:
    """The label of a table.

    Args:
        name: its column; None for clustering.
        problem: what is to be learned.
        classes: by index, the positive one last of two; empty for numbers.
        label_type: Spark's type of the column.
        missing: rows without a label.
        told: what was decided and may be wrong.
    """

    name: str | None
    problem: Problem
    classes: tuple[Label, ...] = ()
    label_type: str = ""
    missing: int = 0
    told: tuple[str, ...] = ()

    def indexed(self, table: DataFrame) -> DataFrame:
        """Return the rows that have a label, with `__label`."""
        if self.name is None:
            return table
        with_label = table.withColumn(LABEL, self._index(column(table, self.name)))
        return with_label.filter(known(with_label, self.name)) if self.missing else with_label

    def _index(self, label: Column) -> Column:
        from pyspark.sql import functions

        if not self.classes:
            return label.cast("double")
        values = functions.array(*(functions.lit(one).cast(self.label_type) for one in self.classes))
        return (functions.call_function("array_position", values, label) - 1).cast("double")


def known(table: DataFrame, name: str) -> Column:
    """Return whether a label is there: neither null nor NaN."""
    from pyspark.sql import functions
    from pyspark.sql.types import DoubleType, FloatType

    label = column(table, name)
    if isinstance(table.schema[name].dataType, DoubleType | FloatType):
        return label.isNotNull() & ~functions.isnan(label)
    return label.isNotNull()


def find_labels(table: DataFrame, name: str | None, config: TrainingConfig) -> Labels:
    """Return what the label column holds; reads it once.

    Raises:
        ConfigError: the problem, the positive class or the classes do not fit the column.
        SchemaError: there is no label column, or its type is none of a label's.
        DataError: missing labels, one class only, labels outside the classes, infinite numbers.
    """
    if config.problem == "clustering":
        return Labels(None, "clustering")
    if name is None:
        hint = "Name the column to predict, or set problem: clustering"
        raise SchemaError("There is no label column", where="training", hint=hint)
    kind = table.schema[name].dataType
    _check_type(name, kind, config)
    counts, missing = _counted(table, name)
    _check_missing(name, missing, config)
    problem = _problem(name, kind, counts, config)
    if problem not in CLASSIFICATION:
        _check_numbers(table, name)
        return Labels(
            name, problem, label_type=kind.simpleString(), missing=missing, told=_dropped(name, missing)
        )
    classes = _classes(name, counts, problem, config)
    told = _dropped(name, missing) + _told(classes, counts, problem, config)
    return Labels(name, problem, classes, kind.simpleString(), missing, told)


def _check_type(name: str, kind: DataType, config: TrainingConfig) -> None:
    from pyspark.sql import types

    numbers = isinstance(kind, types.NumericType)
    if not (numbers or isinstance(kind, types.StringType | types.BooleanType)):
        raise SchemaError(
            f"'{name}' of type {kind.simpleString()} cannot be a label",
            where="training",
            hint="Cast it to a string, a boolean or a number",
        )
    if config.problem in {"regression", "recommendation"} and not numbers:
        raise SchemaError(
            f"'{name}' holds no numbers",
            where=f"problem: {config.problem}",
            why=f"Its type is {kind.simpleString()}",
            hint="Cast it, or predict it as classes (problem: binary or multiclass)",
        )
    if isinstance(kind, types.DecimalType) and config.problem in CLASSIFICATION:
        raise SchemaError(
            f"'{name}' is a decimal", where="training", hint="Cast classes to int, double or string"
        )


def _counted(table: DataFrame, name: str) -> tuple[dict[Label, int], int]:
    """Return the rows of each label, of one more than `CLASSES` at most, and those without a label."""
    from pyspark.sql import functions

    label = functions.when(known(table, name), column(table, name))
    counts = table.groupBy(label.alias("label")).agg(functions.count(functions.lit(1)).alias("rows"))
    found = {
        row["label"]: row["rows"] for row in counts.filter("label is not null").limit(CLASSES + 1).collect()
    }
    missing = counts.filter("label is null").collect()
    return found, missing[0]["rows"] if missing else 0


def _check_missing(name: str, missing: int, config: TrainingConfig) -> None:
    if missing and config.missing_labels == "error":
        raise DataError(
            f"{missing} rows have no label",
            where=name,
            hint="Leave these rows out yourself, or set missing_labels: drop",
        )


def _dropped(name: str, missing: int) -> tuple[str, ...]:
    return (f"{missing} rows without '{name}' are left out",) if missing else ()


def _problem(name: str, kind: DataType, counts: dict[Label, int], config: TrainingConfig) -> Problem:
    from pyspark.sql import types

    if not counts:
        raise DataError(
            "No row has a label", where=name, hint="Look at the column, or at how labels were joined"
        )
    if config.problem == "auto" and isinstance(kind, types.NumericType) and len(counts) != 2:
        problem: Problem = "regression"
    elif config.problem == "auto":
        problem = "binary" if len(config.classes or counts) <= 2 else "multiclass"
    else:
        problem = config.problem
    if problem not in CLASSIFICATION and len(counts) == 1:
        raise DataError("All rows have the same label", where=name, why=f"It is {next(iter(counts))}")
    return problem


def _check_numbers(table: DataFrame, name: str) -> None:
    from pyspark.sql import functions

    label = column(table, name).cast("double")
    infinite = table.filter(functions.abs(label) == functions.lit(math.inf)).limit(1)
    if infinite.collect():
        raise DataError(
            "Some labels are infinite", where=name, hint="Leave these rows out, or clip the label"
        )


def _classes(
    name: str, counts: dict[Label, int], problem: Problem, config: TrainingConfig
) -> tuple[Label, ...]:
    """Return the classes in order; the positive one is the last of two."""
    found = sorted(counts, key=lambda label: (isinstance(label, str), label))
    if len(found) > CLASSES:
        raise DataError(
            f"'{name}' has more than {CLASSES} distinct values",
            where="training",
            hint="Predict a number (problem: regression), or put rare classes together",
        )
    if config.classes is not None and (outside := [label for label in found if label not in config.classes]):
        raise DataError(
            f"{counts[outside[0]]} rows have the label {outside[0]!r}",
            where=name,
            why=f"The classes are {', '.join(repr(one) for one in config.classes)}",
            hint="Correct the labels, or `classes`",
        )
    if len(found) == 1:
        hint = "Train on rows of both outcomes: a longer time, other cutoff times or another label"
        raise DataError(f"All {counts[found[0]]} rows are of the class {found[0]!r}", where=name, hint=hint)
    if problem == "binary" and len(found) > 2:
        hint = "Set problem: multiclass"
        raise DataError(f"'{name}' has {len(found)} classes, not two", where="problem: binary", hint=hint)
    return _positive_last(name, found, problem, config)


def _positive_last(
    name: str, found: Sequence[Label], problem: Problem, config: TrainingConfig
) -> tuple[Label, ...]:
    if config.positive is None:
        return tuple(found)
    if problem != "binary":
        raise ConfigError("`positive` is for two classes", where=name, hint="Leave it out")
    if config.positive not in found:
        _refuse_positive(name, found, config.positive)
    return tuple(sorted(found, key=lambda label: label == config.positive))


def _refuse_positive(name: str, found: Sequence[Label], positive: Label) -> NoReturn:
    what = f"No row is of the positive class {positive!r}"
    if isinstance(found[0], bool) and isinstance(positive, str):
        why = "Its values are truth values; Woodwork makes them of 'yes' and 'no' beside cutoff times, too"
        raise ConfigError(what, where=name, why=why, hint="Give positive: true or positive: false")
    raise ConfigError(what, where=name, hint=did_you_mean(str(positive), map(str, found)))


def _told(
    classes: Sequence[Label], counts: dict[Label, int], problem: Problem, config: TrainingConfig
) -> tuple[str, ...]:
    told = []
    if problem == "binary" and config.positive is None and isinstance(classes[-1], str):
        told.append(f"The positive class is {classes[-1]!r}, the last in order; `positive` names another")
    told += [f"No row is of the class {one!r}" for one in config.classes or () if one not in counts]
    return tuple(told)
