"""The caller's spans of time: training windows, gap, bins."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from numbers import Real
from typing import Any

import numpy as np

from sparkfeat.definitions import Duration, read_duration
from sparkfeat.entityset import EntitySet
from sparkfeat.errors import CutoffError
from sparkfeat.plan import TimeRule


def read_rule(entityset: EntitySet, window: Any, gap: Any, *, include_cutoff_time: bool) -> TimeRule:
    """Read a training window and a gap.

    Raises:
        CutoffError: what is no span of time, or no number where times are numbers.
    """
    numeric = entityset.time_type == "numeric"
    is_number = isinstance(gap, Real | np.number) and not isinstance(gap, bool | np.bool_)
    if gap is not None and is_number != numeric:
        kind = "a number" if numeric else "a span of time"
        raise CutoffError(f"gap={gap!r} does not fit the time indexes", hint=f"Give {kind}")
    if is_number and not 0 <= float(gap) < inf:
        raise CutoffError(f"gap={gap!r} cannot be", hint="Give a number from 0 on")
    return TimeRule(
        include_cutoff_time,
        _window(entityset, window),
        float(gap) if is_number else None if gap is None else read_duration(gap, "gap"),
    )


def read_bin(approximate: Any, entityset: EntitySet) -> Any:
    """Check the length of the bins; None where times are numbers: Featuretools' bins leave them as they are.

    Raises:
        CutoffError: a span without a fixed length.
    """
    if approximate is None:
        return None
    if entityset.time_type == "numeric":
        if isinstance(approximate, int) and approximate > 0:
            return None
        raise CutoffError(f"approximate={approximate!r} does not fit the time indexes", hint="Leave it out")
    span = read_duration(approximate, "approximate")
    if span.months or not span.microseconds:
        raise CutoffError(
            f"approximate={approximate!r} has no fixed length", hint="Give weeks, days, hours or less"
        )
    return approximate


def _window(entityset: EntitySet, given: Any) -> Duration | None:
    if given is None:
        return None
    if entityset.time_type == "numeric":
        raise CutoffError("training_window cannot be used", why="The time indexes are numbers, not datetimes")
    return read_duration(given, "training_window")


def read_windows(entityset: EntitySet, given: Sequence[Any]) -> tuple[Duration | None, ...]:
    """Read several training windows; None is no window.

    Raises:
        CutoffError: no window at all, or what is no span of time.
    """
    if not given:
        raise CutoffError("training_window=[] is an empty list", hint="Leave it out, or give a window")
    return tuple(_window(entityset, one) for one in given)
