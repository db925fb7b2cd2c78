"""All time rules: which rows are visible at a cutoff time, decided here as data."""

from __future__ import annotations

from dataclasses import dataclass

from sparkfeat.definitions import Duration
from sparkfeat.entityset import Table

Gap = Duration | float


@dataclass(frozen=True)
class CutoffShape:
    """What the plan must know of the cutoff times.

    `per_row`: each cutoff row has a time of its own; else one time is shared by all.
    `listed`: instances are named; else all visible ones are meant.
    `repeated`: instances have many times each.
    """

    per_row: bool
    listed: bool
    repeated: bool = False


@dataclass(frozen=True)
class TimeRule:
    """How a cutoff time selects rows.

    With a gap g and a window w, rows of time r are visible at t when, g and w being 0 and infinite
    where not given:

        include_cutoff_time:      t - g - w <  r <= t - g
        not include_cutoff_time:  t - g - w <= r <  t - g

    `approximate`, in microseconds: aggregations that target rows take over from their parents are computed
    at the last multiple of it, counted from 1970, at or before t.
    """

    include_cutoff_time: bool = True
    training_window: Duration | None = None
    gap: Gap | None = None
    approximate: int | None = None


@dataclass(frozen=True)
class Bound:
    """A point in time `back` from the cutoff, and whether a row at that very point passes."""

    back: tuple[Gap, ...]
    closed: bool


@dataclass(frozen=True)
class Visibility:
    """The condition under which a table's rows are visible, and what is masked in them.

    `time` is None for tables without a time index: always visible. `last_time`, where set, may satisfy
    the lower bound in place of `time`. Each of `masks`, (secondary time, column), hides the column's
    value while the secondary time is at or after the upper bound, whatever `include_cutoff_time` says.
    """

    time: str | None
    upper: Bound
    lower: Bound | None = None
    last_time: str | None = None
    masks: tuple[tuple[str, str], ...] = ()

    @property
    def always(self) -> bool:
        """Whether rows look the same at every cutoff time."""
        return self.time is None and not self.masks

    @property
    def columns(self) -> frozenset[str]:
        """Columns the condition and the masks read."""
        return frozenset(filter(None, [self.time, self.last_time if self.lower else None])) | {
            secondary for secondary, _ in self.masks
        }


def visibility(table: Table, rule: TimeRule) -> Visibility:
    """Return the condition for one table under `rule`."""
    upper, lower = bounds(rule)
    if table.time_index is None:
        lower = None
    masks = tuple((key, name) for key, names in table.secondary_time_index.items() for name in names)
    return Visibility(table.time_index, upper, lower, table.last_time_index, masks)


def bounds(rule: TimeRule) -> tuple[Bound, Bound | None]:
    """Return where the rows that a cutoff time sees end and begin; None where they have no beginning."""
    shift = () if rule.gap is None else (rule.gap,)
    upper = Bound(shift, closed=rule.include_cutoff_time)
    if rule.training_window is None:
        return upper, None
    return upper, Bound((*shift, rule.training_window), closed=not rule.include_cutoff_time)
