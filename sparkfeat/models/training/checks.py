"""What would make a training worthless, found before the long work."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sparkfeat.errors import ConfigError, DataError, SchemaError, did_you_mean
from sparkfeat.models.roles import Roles
from sparkfeat.models.splits import SplitConfig
from sparkfeat.models.splits.config import microseconds
from sparkfeat.models.splits.places import column, moment_of
from sparkfeat.models.training.config import TrainingConfig
from sparkfeat.models.training.labels import Labels
from sparkfeat.models.training.model import PartSummary

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row

AT_ONCE = 20
"""Columns looked at in one pass: the code that Spark makes of more is no longer compiled."""
LEAST_ROWS = 10
"""Fewer training rows teach nothing."""


def check_columns(table: DataFrame, roles: Roles, config: TrainingConfig) -> None:
    """Check that columns are there and that none that knows the label is a feature.

    Raises:
        SchemaError: a missing column, or the label, its time or the split among the features.
    """
    split = config.split
    users = (config.user, config.item) if config.problem == "recommendation" else ()
    ids = (roles.label, roles.instance_id, roles.cutoff_time, split.label_time, split.column, *users)
    for name in (*roles.features, *(one for one in ids if one is not None)):
        if name not in table.columns:
            raise SchemaError(
                f"No column '{name}'", where="the training table", hint=did_you_mean(name, table.columns)
            )
    for name, what in (
        (roles.label, "label"),
        (split.label_time, "time of the label"),
        (split.column, "split"),
    ):
        if name is not None and name in roles.features:
            hint = "Exclude it: find_roles(..., exclude=[...])"
            raise SchemaError(f"'{name}' is the {what} and a feature", where="the training table", hint=hint)
    if config.problem == "recommendation" and config.item is None:
        hint = "Name the column of items in `item`"
        raise ConfigError("A recommender needs items", where="problem: recommendation", hint=hint)


def named_like_the_label(roles: Roles) -> tuple[str, ...]:
    """Return a warning where a feature's name contains the label's: it may be made of it."""
    if roles.label is None:
        return ()
    word = re.compile(rf"(?<!\w){re.escape(roles.label)}(?!\w)")
    found = [name for name in roles.features if word.search(name)]
    shown = ", ".join(f"'{name}'" for name in found[:3]) + (" ..." if len(found) > 3 else "")
    return (f"The label's name is in {shown}: is it made of the label?",) if found else ()


def check_label_times(table: DataFrame, roles: Roles, config: SplitConfig) -> None:
    """Check that labels are known after their cutoff times, and no later than the horizon allows.

    Raises:
        DataError: labels known too early or too late, or at no time.
        ConfigError: no cutoff times to compare with.
    """
    if config.label_time is None:
        return
    if roles.cutoff_time is None:
        raise ConfigError("Times of labels need cutoff times", where="split.label_time", hint="Leave it out")
    from pyspark.sql import functions

    cutoff, known = moment_of(table, roles.cutoff_time), moment_of(table, config.label_time)
    latest = cutoff + functions.lit(microseconds(config.horizon))
    late = known > latest if config.horizon is not None else functions.lit(False)
    found = table.agg(
        *(functions.count(functions.when(one, 1)) for one in (known.isNull(), known <= cutoff, late))
    )
    unknown, early, late_rows = found.collect()[0]
    for rows, what, why in (
        (unknown, "have no time of the label", "Nobody can say whether the label was known when it was used"),
        (
            early,
            "have a label that was known at the cutoff time",
            "Features may see what they are to predict",
        ),
        (
            late_rows,
            f"have a label later than {config.horizon} after the cutoff time",
            "The horizon says otherwise",
        ),
    ):
        if rows:
            hint = "Correct the times, or leave these rows out"
            raise DataError(f"{rows} rows {what}", where=config.label_time, why=why, hint=hint)


def summarize(part: DataFrame, name: str, roles: Roles, labels: Labels) -> PartSummary:
    """Return how many rows of each class a part has, and from when to when."""
    from pyspark.sql import functions

    from sparkfeat.models.learning import LABEL

    none = functions.lit(None).cast("string")
    time = column(part, roles.cutoff_time) if roles.cutoff_time else none
    groups = [LABEL] if labels.classes else []
    rows = functions.count(functions.lit(1)).alias("rows")
    ends = (functions.min(time).alias("first"), functions.max(time).alias("last"))
    found = (
        part.groupBy(*groups)
        .agg(rows, *ends)
        .withColumns(
            {
                "shown_first": functions.col("first").cast("string"),
                "shown_last": functions.col("last").cast("string"),
            }
        )
    )
    return _summary(name, found.collect(), labels)


def _summary(name: str, found: list[Row], labels: Labels) -> PartSummary:
    there = [one for one in found if one["first"] is not None]
    first = min(there, key=lambda one: one["first"])["shown_first"] if there else ""
    last = max(there, key=lambda one: one["last"])["shown_last"] if there else ""
    counts = {int(one[0]): one["rows"] for one in found} if labels.classes else {}
    classes = tuple(counts.get(number, 0) for number in range(len(labels.classes)))
    return PartSummary(name, sum(one["rows"] for one in found), first, last, classes)


def check_part(part: PartSummary, labels: Labels, *, learned_from: bool) -> None:
    """Check that a part has enough rows, and of more than one class; training rows of all.

    Raises:
        DataError: it has not.
    """
    least = LEAST_ROWS if learned_from else 1
    if part.rows < least:
        raise DataError(
            f"{part.name} has {part.rows} rows, fewer than {least}",
            where="the split",
            hint="Give more rows, other shares, or a shorter split.horizon and split.gap",
        )
    there = [label for label, rows in zip(labels.classes, part.classes, strict=True) if rows]
    missing = [label for label in labels.classes if label not in there]
    if len(there) == 1 or (missing and learned_from):
        raise DataError(
            f"{part.name} has no rows of the class {missing[0]!r}",
            where="the split",
            hint="Split at random, by other times (split.validation_from, split.test_from) or in fewer folds",
        )


@dataclass(frozen=True)
class Usable:
    """Features that can be learned from.

    Args:
        roles: without those that were dropped, which are in `left_out` with the reason.
        told: what was dropped or may be wrong.
    """

    roles: Roles
    told: tuple[str, ...]


def find_usable(train: DataFrame, roles: Roles) -> Usable:
    """Return the features that tell rows apart; infinite values count as missing, and are told.

    Args:
        train: training rows only: what is constant there cannot be learned from.

    Raises:
        DataError: no feature is left, or a feature equals the label in every row.
    """
    reasons: dict[str, str] = {}
    told: list[str] = []
    for name, found in _looked_at(train, roles):
        if not found["there"]:
            reasons[name] = "no value in any training row"
        elif found["low"] == found["high"] and found["there"] == found["rows"]:
            reasons[name] = f"{found['low']} in all training rows"
        elif found["same"] == found["rows"]:
            hint = "Leave it out: it is the label under another name"
            raise DataError(f"'{name}' equals the label in every row", where="the training table", hint=hint)
        elif found["infinite"]:
            told.append(f"'{name}' is infinite in {found['infinite']} rows, which counts as missing")
    told += [f"'{name}' is left out: {reason}" for name, reason in reasons.items()]
    kept = _without(roles, reasons)
    if not kept.features:
        hint = "Compute other features, or look at how they were joined to the label"
        raise DataError("No feature tells rows apart", where="the training table", why=told[0], hint=hint)
    return Usable(kept, tuple(told))


def _without(roles: Roles, reasons: dict[str, str]) -> Roles:
    kept = roles.only(set(roles.features) - set(reasons))
    return replace(kept, left_out=(*roles.left_out, *reasons.items()))


def _looked_at(train: DataFrame, roles: Roles) -> Iterator[tuple[str, dict[str, object]]]:
    """Return for each feature the rows with a value and its ends, infinite ones, and those of the label."""
    from pyspark.sql import functions

    keys = ("there", "low", "high", "infinite", "same")
    names = roles.features
    for begin in range(0, len(names), AT_ONCE):
        some = names[begin : begin + AT_ONCE]
        wanted = [one for name in some for one in _statistics(train, roles, name)]
        rows, *found = train.agg(functions.count(functions.lit(1)), *wanted).collect()[0]
        for place, name in enumerate(some):
            values = found[place * len(keys) : (place + 1) * len(keys)]
            yield name, {"rows": rows, **dict(zip(keys, values, strict=True))}


def _statistics(train: DataFrame, roles: Roles, name: str) -> tuple[Column, ...]:
    from pyspark.sql import functions

    value, nothing = column(train, name), functions.lit(0)
    infinite = nothing
    if name in roles.numeric:
        number = value.cast("double")
        finite = functions.abs(number) < functions.lit(math.inf)  # false for NaN too: the highest of all
        infinite = functions.count(functions.when(functions.abs(number) == functions.lit(math.inf), 1))
        value = functions.when(finite, number)
    same = nothing
    if roles.label is not None and _comparable(train, roles.label, name):
        both = (column(train, one) for one in (roles.label, name))
        label, given = (one.cast("double") if _is_number(train, name) else one for one in both)
        same = functions.count(functions.when(label == given, 1))
    return functions.count(value), functions.min(value), functions.max(value), infinite, same


def _comparable(train: DataFrame, label: str, name: str) -> bool:
    numbers = [_is_number(train, one) for one in (label, name)]
    return all(numbers) or (not any(numbers) and train.schema[label].dataType == train.schema[name].dataType)


def _is_number(train: DataFrame, name: str) -> bool:
    from pyspark.sql import types

    return isinstance(train.schema[name].dataType, types.NumericType | types.BooleanType)
