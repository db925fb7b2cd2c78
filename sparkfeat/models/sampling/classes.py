"""How many rows each class has, and how many it is to have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sparkfeat.errors import DataError, SchemaError, did_you_mean
from sparkfeat.models.names import quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Label = bool | int | float | str
MAX_CLASSES = 1_000


def class_counts(train: DataFrame, label: str) -> dict[Label, int]:
    """Return the number of rows of each class, the most frequent first.

    Raises:
        SchemaError: the column is missing.
        DataError: a label is null, there is one class only, or too many for classes.
    """
    from pyspark.sql import functions as F  # noqa: N812 - its usual name

    if label not in train.columns:
        raise SchemaError(
            f"No column '{label}'", where="training rows", hint=did_you_mean(label, train.columns)
        )
    counted = train.groupBy(quoted(label).alias("label")).count().orderBy(F.desc("count"), "label")
    found = {row["label"]: row["count"] for row in counted.limit(MAX_CLASSES + 1).collect()}
    _check(found, label)
    return found


def _check(found: Mapping[Label | None, int], label: str) -> None:
    if None in found:
        what = f"Label '{label}' is null in {found[None]:,} training rows"
        raise DataError(what, hint="Leave rows without a label out before training")
    if len(found) < 2:
        what = f"Label '{label}' has {'one class' if found else 'no value'} in the training rows"
        raise DataError(
            what, why="There is nothing to tell apart", hint="Look at how rows were split or filtered"
        )
    if len(found) > MAX_CLASSES:
        what = f"Label '{label}' has more than {MAX_CLASSES:,} values"
        raise DataError(what, why="That many are no classes", hint="Train a regression, without resampling")


def grown(counts: Mapping[Label, int], ratio: float) -> dict[Label, int]:
    """Return how many rows to add to each class that has fewer than `ratio` of the most frequent one."""
    target = int(max(counts.values()) * ratio)
    return {name: target - count for name, count in counts.items() if count < target}


def shrunk(counts: Mapping[Label, int], ratio: float) -> dict[Label, int]:
    """Return how many rows to keep of each class that has more than the rarest one's by `ratio`."""
    target = int(min(counts.values()) / ratio)
    return {name: target for name, count in counts.items() if count > target}
