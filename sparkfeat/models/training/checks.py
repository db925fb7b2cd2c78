"""What would make a training worthless, found before the long work."""

from __future__ import annotations

import re
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
    from pyspark.sql import DataFrame, Row

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
