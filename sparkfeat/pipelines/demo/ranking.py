"""Which features tell the label best, each on its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

MOST_MISSING = 0.5  # a feature known for fewer rows than this share says little about all of them


@dataclass(frozen=True)
class Ranked:
    """A feature and how well it separates the two labels.

    `auc` is the chance that a row of one label has a larger value than a row of the other: 0.5 says
    nothing, 1 separates them. `rising` tells whether larger values go with label 1. `leak`: it is made of a
    column that knows the future.
    """

    name: str
    auc: float
    rising: bool
    leak: bool


def ranked(matrix: pd.DataFrame, label: str, leaking: Iterable[str] = ()) -> list[Ranked]:
    """Return the numeric and boolean features of a matrix, best first.

    Args:
        matrix: one row an instance, the label among its columns.
        label: the column of zeros and ones to be told.
        leaking: names of source columns that know the future; features made of them are flagged.
    """
    truth = matrix[label].to_numpy() == 1
    numbers = matrix.drop(columns=label).select_dtypes(["number", "bool", "boolean"])
    columns = tuple(leaking)
    found = [_rank(str(name), values, truth, columns) for name, values in numbers.items()]
    return sorted((one for one in found if one), key=lambda one: (-one.auc, one.name))


def _rank(
    name: str, values: pd.Series[float], truth: npt.NDArray[np.bool_], leaking: tuple[str, ...]
) -> Ranked | None:
    """Return the feature with its AUC, or None where too little is known of it."""
    numbers = values.astype("float64")
    known = numbers.notna().to_numpy()
    ranks, positive = numbers[known].rank().to_numpy(), truth[known]
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if known.mean() < 1 - MOST_MISSING or not ones or not zeros:
        return None
    auc = float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros))
    return Ranked(name, max(auc, 1 - auc), auc >= 0.5, any(column in name for column in leaking))
