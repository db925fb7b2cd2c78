"""Aggregations of when rows happened."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import pandas as pd

from sparkfeat.definitions.own.base import (
    DOUBLE,
    NUMBER,
    TIME_INDEX,
    Function,
    Inputs,
    OwnAggregation,
    checked_unit,
    in_unit,
    numbers,
)

Series = pd.Series


class _InUnit(OwnAggregation):
    """Holds the unit of a span of time."""

    return_type = DOUBLE

    def __init__(self, unit: str = "seconds") -> None:
        self.unit = checked_unit(unit)


class TimeSinceMax(_InUnit):
    """The time from the latest row that holds the largest value to the cutoff.

    Featuretools' `TimeSinceLastMax` takes the first such row, and is 0 without values; this is null then.

    Args:
        unit: "seconds" (default), "days", "hours", ... as in Featuretools.

    Raises:
        DefinitionError: an unknown unit.
    """

    name = "time_since_max"
    input_types: ClassVar[Inputs] = [NUMBER, TIME_INDEX]

    def get_function(self) -> Function:
        """Return the function of values, times and the cutoff time."""

        def since(values: Series[Any], times: Series[Any], time: Any = None) -> float:
            return _since(times[numbers(values) == numbers(values).max()], time, self.unit)

        return since


class TimeSinceMin(_InUnit):
    """The time from the latest row that holds the smallest value to the cutoff.

    Featuretools' `TimeSinceLastMin` takes the first such row, and is 0 without values; this is null then.

    Args:
        unit: "seconds" (default), "days", "hours", ... as in Featuretools.

    Raises:
        DefinitionError: an unknown unit.
    """

    name = "time_since_min"
    input_types: ClassVar[Inputs] = [NUMBER, TIME_INDEX]

    def get_function(self) -> Function:
        """Return the function of values, times and the cutoff time."""

        def since(values: Series[Any], times: Series[Any], time: Any = None) -> float:
            return _since(times[numbers(values) == numbers(values).min()], time, self.unit)

        return since


def _since(times: Series[Any], time: Any, unit: str) -> float:
    return in_unit((time - times.max()).total_seconds(), unit) if times.notna().any() else math.nan


class _TimeBetween(_InUnit):
    """A statistic of the gaps between one row and the next, in the order of time."""

    input_types: ClassVar[Inputs] = [TIME_INDEX]
    statistic: str

    def get_function(self) -> Function:
        """Return the function of times."""

        def between(times: Series[Any], time: Any = None) -> float:  # noqa: ARG001
            gaps = times.dropna().sort_values().diff().dt.total_seconds().dropna()
            return in_unit(float(getattr(gaps, self.statistic)()), self.unit)

        return between


class MaxTimeBetween(_TimeBetween):
    """The longest time between two rows that follow each other; null where there are fewer than two.

    Args:
        unit: "seconds" (default), "days", "hours", ... as in Featuretools.

    Raises:
        DefinitionError: an unknown unit.

    Examples:
        >>> times = pd.to_datetime(["2021-03-01", "2021-03-02", "2021-03-05"])
        >>> MaxTimeBetween("days")(times)
        3.0
    """

    name = "max_time_between"
    statistic = "max"


class MinTimeBetween(_TimeBetween):
    """The shortest time between two rows that follow each other; null where there are fewer than two.

    Args:
        unit: "seconds" (default), "days", "hours", ... as in Featuretools.

    Raises:
        DefinitionError: an unknown unit.
    """

    name = "min_time_between"
    statistic = "min"


class MedianTimeBetween(_TimeBetween):
    """The median of the times between rows that follow each other; null where there are fewer than two.

    Args:
        unit: "seconds" (default), "days", "hours", ... as in Featuretools.

    Raises:
        DefinitionError: an unknown unit.
    """

    name = "median_time_between"
    statistic = "median"


class StdTimeBetween(_TimeBetween):
    """The standard deviation (n - 1) of the times between rows that follow each other; null under three rows.

    Args:
        unit: "seconds" (default), "days", "hours", ... as in Featuretools.

    Raises:
        DefinitionError: an unknown unit.
    """

    name = "std_time_between"
    statistic = "std"
