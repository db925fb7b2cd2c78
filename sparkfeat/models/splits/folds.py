"""Several ways to cut training rows in two, for cross-validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkfeat.models.roles import Roles
from sparkfeat.models.splits.config import SplitConfig

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Fold:
    """Rows to fit on and rows to compare candidates on."""

    train: DataFrame
    validation: DataFrame


def folds(train: DataFrame, roles: Roles, config: SplitConfig, count: int) -> tuple[Fold, ...]:
    """Return `count` folds of training rows: expanding time windows, groups, or stratified at random."""
    raise NotImplementedError
