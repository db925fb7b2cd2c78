"""Aggregations that weigh rows by how long ago they were."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from sparkfeat.definitions.own.base import (
    DOUBLE,
    NUMBER,
    TIME_INDEX,
    Function,
    Inputs,
    OwnAggregation,
    checked_span,
    complete,
    numbers,
)
from sparkfeat.errors import DefinitionError

Series = pd.Series


def weights(times: Series[Any], until: pd.Timestamp, halflife: str) -> Any:
    """Return 2 to the power of minus the age in half-lives, as an array."""
    return np.exp2(-((until - times) / pd.Timedelta(halflife)).to_numpy())


class _Decayed(OwnAggregation):
    """Holds the half-life."""

    return_type = DOUBLE

    def __init__(self, halflife: str = "7 days") -> None:
        self.halflife = checked_span(halflife, "halflife")


class ExponentialWeightedSum(_Decayed):
    """The sum of values, each halved for every half-life between its time and the cutoff.

    sum(x * 2^(-(t - time) / halflife)), t being the cutoff time: exponential decay, as in radioactive decay.
    Rows without a value or a time are left out; without any it is 0.

    Args:
        halflife: "7 days" (default), "36 hours", a Timedelta: a span of fixed length.

    Raises:
        DefinitionError: a half-life that is no such span.

    Examples:
        >>> total = ExponentialWeightedSum("1 day")
        >>> times = pd.to_datetime(["2021-03-01", "2021-03-02"])
        >>> float(total([8, 1], times, time=pd.Timestamp("2021-03-04")))
        1.25
    """

    name = "exponential_weighted_sum"
    input_types: ClassVar[Inputs] = [NUMBER, TIME_INDEX]
    default_value = 0

    def get_function(self) -> Function:
        """Return the function of values, times and the cutoff time."""

        def total(values: Series[Any], times: Series[Any], time: Any = None) -> float:
            known, since = complete(values, times)
            return float((known * weights(since, time, self.halflife)).sum())

        return total


class ExponentialWeightedMean(_Decayed):
    """The mean of values in which a value weighs half as much for every half-life of its age.

    sum(x * w) / sum(w) with w = 2^(-age / halflife), over the rows that have a value; null where there are
    none. Only differences of age matter, so it is the same at every cutoff that sees the same rows.

    Args:
        halflife: "7 days" (default), "36 hours", a Timedelta: a span of fixed length.

    Raises:
        DefinitionError: a half-life that is no such span.
    """

    name = "exponential_weighted_mean"
    input_types: ClassVar[Inputs] = [NUMBER, TIME_INDEX]

    def get_function(self) -> Function:
        """Return the function of values, times and the cutoff time."""

        def mean(values: Series[Any], times: Series[Any], time: Any = None) -> float:  # noqa: ARG001
            known, since = complete(values, times)
            if not len(known):
                return math.nan
            # Counted from the latest row, so that the weights of rows long ago do not all vanish.
            weight = weights(since, since.max(), self.halflife)
            return float((known * weight).sum() / weight.sum())

        return mean


class ExponentialWeightedCount(_Decayed):
    """The number of rows, each counted as one half for every half-life between its time and the cutoff.

    sum(2^(-(t - time) / halflife)), t being the cutoff time; 0 without rows.

    Args:
        halflife: "7 days" (default), "36 hours", a Timedelta: a span of fixed length.

    Raises:
        DefinitionError: a half-life that is no such span.
    """

    name = "exponential_weighted_count"
    input_types: ClassVar[Inputs] = [TIME_INDEX]
    default_value = 0

    def get_function(self) -> Function:
        """Return the function of times and the cutoff time."""

        def count(times: Series[Any], time: Any = None) -> float:
            return float(weights(times.dropna(), time, self.halflife).sum())

        return count


class _Windows(OwnAggregation):
    """Holds two windows that end at the cutoff."""

    return_type = DOUBLE

    def __init__(self, short: str = "7 days", long: str = "30 days") -> None:
        self.short, self.long = checked_span(short, "short"), checked_span(long, "long")
        if pd.Timedelta(self.short) >= pd.Timedelta(self.long):
            raise DefinitionError(f"short={short!r} is not shorter than long={long!r}")


def within(times: Series[Any], time: Any, span: str) -> Series[Any]:
    """Tell which rows are less than a span before the cutoff."""
    recent: Series[Any] = times > time - pd.Timedelta(span)
    return recent


class WindowRatio(_Windows):
    """The sum of the values in a window up to the cutoff as a share of that in a longer one.

    sum(x of rows with time > t - short) / sum(x of rows with time > t - long), t being the cutoff time. Null
    where the longer sum is 0, without rows in the longer window for instance; nulls are left out.

    Args:
        short: the window above: "7 days" (default), "12 hours", a Timedelta: a span of fixed length.
        long: the window below: "30 days" (default).

    Raises:
        DefinitionError: windows that are no such spans, or the first one not shorter.
    """

    name = "window_ratio"
    input_types: ClassVar[Inputs] = [NUMBER, TIME_INDEX]

    def get_function(self) -> Function:
        """Return the function of values, times and the cutoff time."""

        def ratio(values: Series[Any], times: Series[Any], time: Any = None) -> float:
            recent, all_ = (
                float(numbers(values)[within(times, time, span)].sum()) for span in (self.short, self.long)
            )
            return recent / all_ if all_ else math.nan

        return ratio


class WindowCountRatio(_Windows):
    """The number of rows in a window up to the cutoff as a share of that in a longer one.

    count(rows with time > t - short) / count(rows with time > t - long), t being the cutoff time; null
    without rows in the longer window.

    Args:
        short: the window above: "7 days" (default), "12 hours", a Timedelta: a span of fixed length.
        long: the window below: "30 days" (default).

    Raises:
        DefinitionError: windows that are no such spans, or the first one not shorter.
    """

    name = "window_count_ratio"
    input_types: ClassVar[Inputs] = [TIME_INDEX]

    def get_function(self) -> Function:
        """Return the function of times and the cutoff time."""

        def ratio(times: Series[Any], time: Any = None) -> float:
            recent, all_ = (int(within(times, time, span).sum()) for span in (self.short, self.long))
            return recent / all_ if all_ else math.nan

        return ratio
