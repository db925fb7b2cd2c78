"""Features under several training windows: which of them each window has, and what they are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from sparkfeat.definitions import AggregationFeature, Definitions, Duration, Feature, walk
from sparkfeat.errors import CutoffError, DefinitionError

if TYPE_CHECKING:
    from featuretools.feature_base import FeatureBase

_DAYS_A_MONTH = 30.436875
_CALL = re.compile(r"(.*)\)(\[.*\])?", re.DOTALL)

Window = Duration | None


@dataclass(frozen=True, eq=False)
class Asked:
    """A feature to compute under one of the time rules (`part`), and what its columns are called."""

    feature: Feature
    original: FeatureBase
    names: tuple[str, ...]
    part: int = 0

    @property
    def name(self) -> str:
        """Name of the first column."""
        return self.names[0]


def widest_first(windows: Sequence[Window], cutoff: datetime | float | None) -> tuple[Window, ...]:
    """Return windows in the order of how far they reach back, from the cutoff where all rows share it.

    Raises:
        CutoffError: one of them is there twice.
    """
    twice = [window for window, count in Counter(windows).items() if count > 1]
    if twice:
        raise CutoffError(f"training_window has '{twice[0]}' twice")
    return tuple(sorted(windows, key=lambda window: _reach(window, cutoff), reverse=True))


def _reach(window: Window, cutoff: datetime | float | None) -> float:
    if window is None:
        return float("inf")
    days = window.months * _DAYS_A_MONTH
    if window.months and isinstance(cutoff, datetime):
        # As the calendar has it: "1 mo" is 28 days or 31.
        days = (pd.Timestamp(cutoff) - (pd.Timestamp(cutoff) - pd.DateOffset(months=window.months))).days
    return timedelta(days=days).total_seconds() * 1e6 + window.microseconds


def asked_of(
    definitions: Definitions, given: Sequence[Window], sorted_: Sequence[Window]
) -> tuple[Asked, ...]:
    """Return the features in order, those that aggregate once for each window, the others for the widest.

    Raises:
        DefinitionError: two columns of one name.
    """
    pairs = zip(definitions.features, definitions.originals, strict=True)
    if not given:
        return tuple(Asked(feature, original, feature.names) for feature, original in pairs)
    found = []
    for feature, original in pairs:
        if not any(isinstance(part, AggregationFeature) for part in walk(feature)):
            found.append(Asked(feature, original, feature.names))
            continue
        for window in given:
            names = tuple(_named(name, window) for name in feature.names)
            found.append(Asked(feature, original, names, sorted_.index(window)))
    _check_names(found)
    return tuple(found)


def _named(name: str, window: Window) -> str:
    """Return a name that says the window, as the last of the arguments: SUM(sales.amount, 7 days)."""
    if window is None:
        return name
    call = _CALL.fullmatch(name)
    return f"{call[1]}, {window}){call[2] or ''}" if call else f"{name} ({window})"


def _check_names(found: Sequence[Asked]) -> None:
    names = Counter(name for asked in found for name in asked.names)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise DefinitionError(
            "With the training windows in their names two columns are called the same",
            why=repr(twice[0]),
            hint="Give one of the features another name: feature.rename(...)",
        )
