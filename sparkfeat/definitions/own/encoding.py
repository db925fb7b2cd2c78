"""Categories as the labels that they went with before."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from sparkfeat.definitions.own.base import (
    CATEGORY,
    DOUBLE,
    FLAGS,
    KEY,
    NUMBER,
    TIME,
    TIME_INDEX,
    Function,
    Inputs,
    OwnTransform,
    checked_number,
    numbers,
)
from sparkfeat.definitions.own.history import earlier

Series = pd.Series

_LABELS = (NUMBER, *FLAGS)
_KINDS = (CATEGORY, KEY)


def _finite(labels: Series[Any]) -> Series[Any]:
    return numbers(labels).replace([np.inf, -np.inf], np.nan)


class TargetEncoding(OwnTransform):
    """The mean label of earlier rows of the same category, drawn towards that of all earlier rows.

    (sum of the labels of the category + smoothing * prior) / (their number + smoothing), prior being the
    mean label of all categories; everything over the rows with a strictly earlier time only (Micci-Barreca,
    2001, without looking ahead). Rows of the same time see none of each other's labels, no row its own. Null
    where no label is earlier. Booleans are 0 and 1; null and infinite labels do not count; null is a category
    like others.

    Inputs: the category, the label, the time index.

    Args:
        smoothing: how many rows the prior weighs as much as. Default 10, from 0 on. With 0 it is null
            where no label of the category is earlier.

    Raises:
        DefinitionError: a negative smoothing.
    """

    name = "target_encoding"
    input_types: ClassVar[Inputs] = [[kind, label, TIME_INDEX] for label in _LABELS for kind in _KINDS]
    return_type = DOUBLE

    def __init__(self, smoothing: float = 10.0) -> None:
        self.smoothing = checked_number(smoothing, "smoothing", 0, 1e15)

    def get_function(self) -> Function:
        """Return the function of categories, labels and times."""

        def encode(categories: Series[Any], labels: Series[Any], times: Series[Any]) -> Any:
            label = _finite(labels)
            sums, counts = (earlier(each, times, [categories]) for each in (label, label.notna()))
            all_sums, all_counts = (earlier(each, times, []) for each in (label, label.notna()))
            return smoothed(sums, counts, all_sums, all_counts, self.smoothing)

        return encode


class DelayedTargetEncoding(OwnTransform):
    """Like TargetEncoding, of labels that become known later than the row itself.

    A label counts for rows after the time at which it became known, and after the time of its own row: the
    later of the two is strictly before the row. Where that time is null it never becomes known.

    Inputs: the category, the label, the time index, the time at which the label became known.

    Args:
        smoothing: how many rows the prior weighs as much as. Default 10, from 0 on.

    Raises:
        DefinitionError: a negative smoothing.
    """

    name = "delayed_target_encoding"
    input_types: ClassVar[Inputs] = [[kind, label, TIME_INDEX, TIME] for label in _LABELS for kind in _KINDS]
    return_type = DOUBLE

    def __init__(self, smoothing: float = 10.0) -> None:
        self.smoothing = checked_number(smoothing, "smoothing", 0, 1e15)

    def get_function(self) -> Function:
        """Return the function of categories, labels, times and the times they became known."""

        def encode(
            categories: Series[Any], labels: Series[Any], times: Series[Any], known: Series[Any]
        ) -> Any:
            label, since = _finite(labels), known.where(known > times, times).where(known.notna())
            keys: list[Series[Any]] = [categories]
            sums, counts = (_known(each, since, times, keys) for each in (label, label.notna()))
            all_sums, all_counts = (_known(each, since, times, []) for each in (label, label.notna()))
            return smoothed(sums, counts, all_sums, all_counts, self.smoothing)

        return encode


def _known(
    values: Series[Any], since: Series[Any], times: Series[Any], keys: list[Series[Any]]
) -> Series[Any]:
    """Return the sums of the values that became known strictly before each row's time."""
    both = pd.concat([values.astype("float64"), pd.Series(0.0, index=values.index)], ignore_index=True)
    when = pd.concat([since, times], ignore_index=True)
    twice = [pd.concat([key, key], ignore_index=True) for key in keys]
    found = earlier(both, when, twice).iloc[len(values) :]
    return found.set_axis(values.index)


def smoothed(
    sums: Series[Any], counts: Series[Any], all_sums: Series[Any], all_counts: Series[Any], smoothing: float
) -> Any:
    """Return the encoding, null where nothing is known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        prior = all_sums.to_numpy() / all_counts.to_numpy()
        value = (sums.to_numpy() + smoothing * prior) / (counts.to_numpy() + smoothing)
    return pd.Series(value, index=sums.index)
