"""Rows to learn from, to choose by and to judge by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkfeat.models.roles import Roles
from sparkfeat.models.splits.config import Method, SplitConfig

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Split:
    """Three parts of a table that have no row in common.

    Args:
        method: what decided where a row went.
        validation_from, test_from: the first cutoff times of these parts as text; empty unless split by time.
    """

    train: DataFrame
    validation: DataFrame
    test: DataFrame
    method: Method
    validation_from: str = ""
    test_from: str = ""


def split(table: DataFrame, roles: Roles, config: SplitConfig | None = None) -> Split:
    """Return the three parts of `table`; the same rows in each, however the table is partitioned.

    By time, rows whose label is known too late for the part before the next are in no part.
    """
    raise NotImplementedError
