"""Aggregations of how values lie, over time and among each other."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from sparkfeat.definitions.own.base import (
    CATEGORY,
    COUNT,
    DOUBLE,
    KEY,
    NUMBER,
    TIME_INDEX,
    Function,
    Inputs,
    OwnAggregation,
    checked_number,
    checked_unit,
    complete,
    in_unit,
    numbers,
)

Series = pd.Series


class Slope(OwnAggregation):
    """How much a value rises in a unit of time: the slope of the ordinary least squares line.

    sum((x - mean x)(s - mean s)) / sum((s - mean s)^2) over the rows that have a value, s being their times
    in the unit. Null where fewer than two of their times differ. Featuretools' `Trend` takes the unit from
    the data; here it is said.

    Args:
        unit: "days" (default), "seconds", "minutes", "hours", "months", "years", ... as in Featuretools: a
            month is 2,628,000 and a year 31,540,000 seconds.

    Raises:
        DefinitionError: an unknown unit.

    Examples:
        >>> times = pd.to_datetime(["2021-03-01", "2021-03-02", "2021-03-04"])
        >>> round(Slope()([1, 3, 7], times), 9)
        2.0
    """

    name = "slope"
    input_types: ClassVar[Inputs] = [NUMBER, TIME_INDEX]
    return_type = DOUBLE

    def __init__(self, unit: str = "days") -> None:
        self.unit = checked_unit(unit)

    def get_function(self) -> Function:
        """Return the function of values and times."""

        def slope(values: Series[Any], times: Series[Any], time: Any = None) -> float:  # noqa: ARG001
            x, since = complete(values, times)
            if since.nunique() < 2:
                return math.nan
            seconds = (since - since.min()).dt.total_seconds().to_numpy()
            s = seconds - seconds.mean()
            with np.errstate(invalid="ignore"):
                rise = (s * (x - x.mean())).sum()
            return float(rise / (s * s).sum()) / in_unit(1, self.unit)

        return slope


class Quantile(OwnAggregation):
    """The value below which a share of the values lies, exactly, interpolated linearly.

    With n values in order and k = q * (n - 1): the k-th of them, counted from 0, and between two of them
    on the straight line. That is numpy's default, type 7 of Hyndman and Fan (1996). Null without values.

    Args:
        q: the share, from 0 to 1. Default 0.5, the median.

    Raises:
        DefinitionError: a share outside of 0 and 1.

    Examples:
        >>> Quantile(0.25)([1, 2, 3, 4, 5])
        2.0
    """

    name = "quantile"
    input_types: ClassVar[Inputs] = [NUMBER]
    return_type = DOUBLE

    def __init__(self, q: float = 0.5) -> None:
        self.q = checked_number(q, "q", 0, 1)

    def get_function(self) -> Function:
        """Return the function of values."""

        def quantile(values: Series[Any], time: Any = None) -> float:  # noqa: ARG001
            ordered = np.sort(numbers(values).dropna().to_numpy())
            if not len(ordered):
                return math.nan
            place = self.q * (len(ordered) - 1)
            low, high = float(ordered[math.floor(place)]), float(ordered[math.ceil(place)])
            share = place - math.floor(place)
            return low if low == high else low * (1 - share) + high * share

        return quantile


class ApproximateQuantile(OwnAggregation):
    """A value whose place among the values in order is about the asked one, off by a stated error.

    Of n values it is one of them, whose rank is between (q - error) * n and (q + error) * n. The function
    gives the exact one: the least value that a share q of the values does not exceed. DuckDB gives the same;
    Spark keeps a summary in bounded memory (Greenwald and Khanna, 2001) and guarantees the error, save for
    ranks that round to the next. Null without values.

    Args:
        q: the share, from 0 to 1. Default 0.5.
        error: the greatest error of the rank, as a share of the values: 0.01 (default), from 0.0001.

    Raises:
        DefinitionError: a share outside of 0 and 1, or an error outside of 0.0001 and 1.
    """

    name = "approximate_quantile"
    input_types: ClassVar[Inputs] = [NUMBER]
    return_type = DOUBLE

    def __init__(self, q: float = 0.5, error: float = 0.01) -> None:
        self.q, self.error = checked_number(q, "q", 0, 1), checked_number(error, "error", 0.0001, 1)

    def get_function(self) -> Function:
        """Return the exact function of values."""

        def quantile(values: Series[Any], time: Any = None) -> float:  # noqa: ARG001
            ordered = np.sort(numbers(values).dropna().to_numpy())
            return float(ordered[max(math.ceil(self.q * len(ordered)) - 1, 0)]) if len(ordered) else math.nan

        return quantile


class ApproximateNumUnique(OwnAggregation):
    """About how many different values there are, off by a stated error.

    The function counts exactly. Spark uses HyperLogLog++ (Heule, Nunkesser and Hall, 2013) with the error
    asked for; DuckDB its HyperLogLog, whose error is 0.0325, where that is small enough, and else counts
    exactly. The error is the standard deviation of the result as a share of the true number: two results out
    of three are off by less, hardly any by three times as much. Nulls do not count; 0 without values.

    Args:
        relative_error: that error: 0.05 (default), from 0.005 to 0.39.

    Raises:
        DefinitionError: an error outside of these bounds.
    """

    name = "approximate_num_unique"
    input_types: ClassVar[Inputs] = [[CATEGORY], [KEY]]
    return_type = COUNT
    default_value = 0

    def __init__(self, relative_error: float = 0.05) -> None:
        self.relative_error = checked_number(relative_error, "relative_error", 0.005, 0.39)

    def get_function(self) -> Function:
        """Return the exact function of values."""

        def num_unique(values: Series[Any], time: Any = None) -> int:  # noqa: ARG001
            return int(values.nunique())

        return num_unique
