"""Several ways to cut training rows in two, for cross-validation."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sparkfeat.models.roles import Roles
from sparkfeat.models.splits.assign import at_random, by_group, time_bounds
from sparkfeat.models.splits.config import Method, SplitConfig
from sparkfeat.models.splits.parts import within

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Fold:
    """Rows to fit on and rows to compare candidates on."""

    train: DataFrame
    validation: DataFrame


def folds(
    train: DataFrame, roles: Roles, config: SplitConfig, method: Method, count: int
) -> tuple[Fold, ...]:
    """Return `count` folds of training rows, the same however they are partitioned.

    Args:
        train: the training part of a split.
        method: how that was made. By time, windows expand: a fold learns from all rows before its
            validation rows whose label is known by then. By group and at random, every row is validated once;
            parts that somebody else made are cut by time where there are cutoff times, else at random.

    Raises:
        CutoffError: too few distinct cutoff times.
        DataError: too few groups.
    """
    if method == "time" or (method == "column" and roles.cutoff_time is not None):
        return _expanding(train, roles, config, count)
    shares = [1 / count] * count
    group = config.group or roles.instance_id
    if method == "group" and group is not None:
        part = by_group(train, group, shares, config.seed, "folds")
    else:
        part = at_random(train, roles, shares, config.seed, "folds")
    return tuple(Fold(train.filter(part != number), train.filter(part == number)) for number in range(count))


def _expanding(train: DataFrame, roles: Roles, config: SplitConfig, count: int) -> tuple[Fold, ...]:
    times = str(roles.cutoff_time)
    bounds = time_bounds(train, times, [1 / (count + 1)] * (count + 1))
    return tuple(
        Fold(within(train, times, None, low, config), within(train, times, low, high, SplitConfig()))
        for low, high in pairwise([*bounds, None])
        if low is not None
    )
