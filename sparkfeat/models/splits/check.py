"""What must be true of parts that somebody else made."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING

from sparkfeat.errors import CutoffError, DataError
from sparkfeat.models.roles import Roles
from sparkfeat.models.splits.places import column, moment_of, row_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame

NAMES = ("train", "validation", "test")


def check_split(
    train: DataFrame, validation: DataFrame, test: DataFrame, roles: Roles, group: str | None = None
) -> None:
    """Check that no row is in two parts, no group either if one is named, and that time runs forward.

    Raises:
        DataError: the same row, or the same group, in two parts.
        CutoffError: training rows not before all of validation, or those not before the test.
    """
    parts = (train, validation, test)
    _check_apart([row_key(part, roles) for part in parts], parts, "row", roles.instance_id or "")
    if group is not None:
        keys = [(column(part, group).cast("string"),) for part in parts]
        _check_apart(keys, parts, "group", group)
    if roles.cutoff_time is not None:
        _check_order(parts, roles.cutoff_time)


def _check_apart(
    keys: Sequence[tuple[Column, ...]], parts: Sequence[DataFrame], what: str, where: str
) -> None:
    from pyspark.sql import DataFrame, functions

    named = [
        part.select(
            *(item.alias(f"key{number}") for number, item in enumerate(key)),
            functions.lit(name).alias("part"),
        )
        for part, key, name in zip(parts, keys, NAMES, strict=True)
    ]
    together = reduce(DataFrame.unionByName, named)
    per_key = together.groupBy(together.columns[:-1]).agg(functions.collect_set("part").alias("parts"))
    doubles = per_key.filter(functions.size("parts") > 1).limit(1).collect()
    if doubles:
        both = " and ".join(sorted(doubles[0]["parts"], key=NAMES.index))
        shown = ", ".join(str(item) for item in doubles[0][:-1][:3])
        raise DataError(
            f"The same {what} is in {both}: {shown}",
            where=where or "the split",
            why="What is judged must not have been learned from",
            hint=f"Put every {what} into one part only",
        )


def _check_order(parts: Sequence[DataFrame], times: str) -> None:
    from pyspark.sql import functions

    ends = []
    for part in parts:
        now = moment_of(part, times)
        shown = column(part, times).cast("string")
        ends.append(
            part.agg(
                functions.min(now),
                functions.max(now),
                functions.min_by(shown, now),
                functions.max_by(shown, now),
            ).collect()[0]
        )
    there = [(name, end) for name, end in zip(NAMES, ends, strict=True) if end[0] is not None]
    for (before, earlier), (after, later) in pairwise(there):
        if earlier[1] >= later[0]:
            raise CutoffError(
                f"{after} begins at {later[2]}, before {before} ends at {earlier[3]}",
                where=times,
                why="A model must not learn from times after those that it is judged by",
                hint="Put earlier cutoff times into training and later ones into the test",
            )
