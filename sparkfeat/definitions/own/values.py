"""Aggregations with an output for each of several values."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

import pandas as pd

from sparkfeat.definitions.own.base import (
    CATEGORY,
    COUNT,
    DOUBLE,
    FLAGS,
    KEY,
    NUMBER,
    TIME,
    Function,
    Inputs,
    OwnAggregation,
    checked_count,
    numbers,
)
from sparkfeat.errors import DefinitionError

Series = pd.Series


def _outputs(found: list[Any]) -> Any:
    """Return the outputs as Featuretools takes them: a list of several, one as it is."""
    return found if len(found) > 1 else found[0]


class LastK(OwnAggregation):
    """The last k values, the latest first, in the order of the rows; nulls where there are fewer rows.

    Several have an output each: LAST_K(orders.amount)[0] is the value of the last row, null if it has none.

    Args:
        k: how many, from 1 to 1000. Default 3.

    Raises:
        DefinitionError: another number.

    Examples:
        >>> LastK(2)([1, 2, 3])
        [3, 2]
    """

    name = "last_k"
    input_types: ClassVar[Inputs] = [[NUMBER], [CATEGORY], [KEY], [TIME]]
    return_type = None

    def __init__(self, k: int = 3) -> None:
        self.k = checked_count(k, "k", 1000)
        self.number_output_features = k

    def get_function(self) -> Function:
        """Return the function of values."""

        def last_k(values: Series[Any], time: Any = None) -> Any:  # noqa: ARG001
            found = [math.nan if pd.isna(value) else value for value in values.iloc[::-1][: self.k]]
            return _outputs(found + [math.nan] * (self.k - len(found)))

        return last_k


class _PerValue(OwnAggregation):
    """Holds the values, and calls each output by its value."""

    default_value = 0

    def __init__(self, values: Sequence[Any], other: bool = False) -> None:
        self.values = _checked_values(values)
        self.other = other
        self.number_output_features = len(self.values) + bool(other)

    def generate_names(self, **parts: Any) -> list[str]:
        """Return a name for each output: the feature's without arguments, and the value in brackets."""
        arguments = self.get_args_string()
        whole = self.generate_name(**parts).removesuffix(f"{arguments})") + ")"
        names = [f"{whole}[{value}]" for value in self.values]
        listed = ", ".join(map(str, self.values))
        return [*names, f"{whole}[other than {listed}]"] if self.other else names


def _checked_values(values: Any) -> list[Any]:
    listed = list(values) if isinstance(values, list | tuple) else []
    wrong = [value for value in listed if not isinstance(value, str | int | float) or value != value]  # noqa: PLR0124
    twice = [
        value
        for kind in (str, lambda value: value)
        for value, n in Counter(map(kind, listed)).items()
        if n > 1
    ]
    if not listed or wrong or twice:
        why = f"{wrong[0]!r} is no value" if wrong else f"{twice[0]!r} is there twice" if twice else ""
        raise DefinitionError(
            f"Cannot use values={values!r}", why=why, hint="Give a list of different texts or numbers"
        )
    return listed


class CountPerValue(_PerValue):
    """How many rows have each of the given values: a pivot, an output for each value.

    Several outputs are called by their values: COUNT_PER_VALUE(events.kind)[view]. Values are compared as
    Python compares them: 1 equals True and 1.0, and not "1". Null is no value; 0 without rows.

    Args:
        values: texts, numbers or booleans, all different.
        other: add an output that counts the rows with any other value. Default False.

    Raises:
        DefinitionError: no list of different values.

    Examples:
        >>> CountPerValue(["a", "b"], other=True)(["a", "c", "a", None])
        [2, 0, 1]
    """

    name = "count_per_value"
    input_types: ClassVar[Inputs] = [[CATEGORY], [KEY], [FLAGS[0]], [FLAGS[1]]]
    return_type = COUNT

    def get_function(self) -> Function:
        """Return the function of values."""

        def counts(values: Series[Any], time: Any = None) -> Any:  # noqa: ARG001
            known = Counter(values.dropna())
            found = [known[value] for value in self.values]
            return _outputs([*found, known.total() - sum(found)] if self.other else found)

        return counts


class SumPerValue(_PerValue):
    """The sum of a number over the rows that have each of the given values: a pivot, an output for each.

    Several outputs are called by their values: SUM_PER_VALUE(events.amount, kind)[view]. Values are compared
    as Python compares them: 1 equals True and 1.0, and not "1". Null numbers are left out, null is no value;
    0 without rows.

    Args:
        values: texts, numbers or booleans, all different.
        other: add an output for the rows with any other value. Default False.

    Raises:
        DefinitionError: no list of different values.

    Examples:
        >>> SumPerValue(["a", "b"])([1, 2, 4], ["a", "c", "a"])
        [5.0, 0.0]
    """

    name = "sum_per_value"
    input_types: ClassVar[Inputs] = [[NUMBER, kind] for kind in (CATEGORY, KEY, *FLAGS)]
    return_type = DOUBLE

    def get_function(self) -> Function:
        """Return the function of numbers and values."""

        def sums(amounts: Series[Any], values: Series[Any], time: Any = None) -> Any:  # noqa: ARG001
            known = values.dropna()
            amount = numbers(amounts).loc[known.index]
            rows = [_rows(known, value) for value in self.values]
            found = [float(amount[same].sum()) for same in rows]
            if self.other:
                same = pd.concat(rows, axis=1).any(axis=1)
                found.append(float(amount[~same].sum()))
            return _outputs(found)

        return sums


def _rows(values: Series[Any], value: Any) -> Series[Any]:
    """Tell which values equal one, as Python compares them."""
    return pd.Series([bool(one == value) for one in values], index=values.index, dtype="bool")
