"""Which features tell training rows apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sparkfeat.errors import DataError
from sparkfeat.models.roles import Roles
from sparkfeat.models.splits.places import column
from sparkfeat.models.training.extent import Extent, extents

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

AT_ONCE = 20
"""Columns looked at in one pass: the code that Spark makes of more is no longer compiled."""


@dataclass(frozen=True)
class Usable:
    """Features that can be learned from.

    Args:
        roles: without those that were dropped, which are in `left_out` with the reason.
        told: what was dropped or may be wrong.
    """

    roles: Roles
    told: tuple[str, ...]


def find_usable(train: DataFrame, roles: Roles) -> Usable:
    """Return the features that tell rows apart; infinite values count as missing, and are told.

    Args:
        train: training rows only: what is constant there cannot be learned from.

    Raises:
        DataError: no feature is left, or a feature equals the label in every row.
    """
    reasons: dict[str, str] = {}
    told: list[str] = []
    for name, found in _looked_at(train, roles):
        if not found.there:
            reasons[name] = "no value in any training row"
        elif found.low == found.high and found.there == found.rows:
            reasons[name] = f"{found.low} in all training rows"
        elif found.same == found.rows:
            hint = "Leave it out: it is the label under another name"
            raise DataError(f"'{name}' equals the label in every row", where="the training table", hint=hint)
        elif found.infinite:
            told.append(f"'{name}' is infinite in {found.infinite} rows, which counts as missing")
    told += [f"'{name}' is left out: {reason}" for name, reason in reasons.items()]
    kept = _without(roles, reasons)
    if not kept.features:
        hint = "Compute other features, or look at how they were joined to the label"
        raise DataError("No feature tells rows apart", where="the training table", why=told[0], hint=hint)
    return Usable(kept, tuple(told))


def _without(roles: Roles, reasons: dict[str, str]) -> Roles:
    kept = roles.only(set(roles.features) - set(reasons))
    return replace(kept, left_out=(*roles.left_out, *reasons.items()))


def _looked_at(train: DataFrame, roles: Roles) -> Iterator[tuple[str, Extent]]:
    """Return what there is of each feature, and in how many rows it is the label."""
    numbers = {name: column(train, name).cast("double") for name in roles.numeric}
    label = None
    if roles.label is not None and _is_number(train, roles.label):
        label = column(train, roles.label).cast("double")
    yield from extents(train, numbers, label).items()
    others = [name for name in roles.features if name not in numbers]
    for begin in range(0, len(others), AT_ONCE):
        yield from _by_spark(train, roles, others[begin : begin + AT_ONCE])


def _by_spark(train: DataFrame, roles: Roles, names: Sequence[str]) -> Iterator[tuple[str, Extent]]:
    from pyspark.sql import functions

    wanted = [one for name in names for one in _statistics(train, roles, name)]
    rows, *found = train.agg(functions.count(functions.lit(1)), *wanted).collect()[0]
    for place, name in enumerate(names):
        there, low, high, same = found[place * 4 : place * 4 + 4]
        yield name, Extent(rows, there, low, high, 0, same)


def _statistics(train: DataFrame, roles: Roles, name: str) -> tuple[Column, ...]:
    from pyspark.sql import functions

    value, same = column(train, name), functions.lit(0)
    if roles.label is not None and _comparable(train, roles.label, name):
        both = (column(train, one) for one in (roles.label, name))
        label, given = (one.cast("double") if _is_number(train, name) else one for one in both)
        same = functions.count(functions.when(label == given, 1))
    return functions.count(value), functions.min(value), functions.max(value), same


def _comparable(train: DataFrame, label: str, name: str) -> bool:
    numbers = [_is_number(train, one) for one in (label, name)]
    return all(numbers) or (not any(numbers) and train.schema[label].dataType == train.schema[name].dataType)


def _is_number(train: DataFrame, name: str) -> bool:
    from pyspark.sql import types

    return isinstance(train.schema[name].dataType, types.NumericType | types.BooleanType)
