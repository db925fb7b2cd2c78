"""Which part of a table's rows the cutoff times will see: estimated from the span of its times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from sparkfeat.definitions import Duration
from sparkfeat.engines.cutoffs import Cutoffs
from sparkfeat.engines.footers import Span, as_number
from sparkfeat.entityset import ArrowSource
from sparkfeat.plan.cutoffs import Bound, Gap, Visibility
from sparkfeat.plan.nodes import CUTOFF_TIME

_TIMES_LOOKED_AT = 1_000
_SECONDS_A_MONTH = 30.436875 * 86_400


@dataclass(frozen=True)
class Times:
    """The cutoff times of a matrix."""

    cutoffs: Cutoffs

    @cached_property
    def _column(self) -> pa.ChunkedArray | None:
        source = self.cutoffs.source
        if self.cutoffs.time is not None or not isinstance(source, ArrowSource):
            return None
        return source.table.column(CUTOFF_TIME).drop_null()

    @cached_property
    def distinct(self) -> int:
        """How many there are; at least one."""
        return 1 if self._column is None else max(pc.count_distinct(self._column).as_py(), 1)

    @cached_property
    def _looked_at(self) -> list[float]:
        if self._column is None:
            return [] if self.cutoffs.time is None else [as_number(self.cutoffs.time)]
        every = max(len(self._column) // _TIMES_LOOKED_AT, 1)
        return [as_number(self._column[at].as_py()) for at in range(0, len(self._column), every)]

    def share(self, rule: Visibility, span: Span | None) -> float:
        """Return the part of a table's rows that a cutoff time sees on average, 0 to 1.

        As if the rows were spread evenly over the span of their times; without a span they all count.
        """
        if span is None or rule.time is None or not self._looked_at:
            return 1.0
        ends = _parts(self._looked_at, rule.upper, span)
        starts = [0.0] * len(ends)
        # Where a last time may satisfy the bound instead, nobody knows how many rows it leaves out.
        if rule.lower is not None and rule.last_time is None:
            starts = _parts(self._looked_at, rule.lower, span)
        return sum(end - start for end, start in zip(ends, starts, strict=True)) / len(ends)


def _parts(times: Sequence[float], bound: Bound, span: Span) -> list[float]:
    """Return the part of the span before the bound that each cutoff time gives."""
    back = sum(map(_length, bound.back))
    first, last = span
    length = max(last - first, 1e-6)
    return [min(max((time - back - first) / length, 0.0), 1.0) for time in times]


def _length(gap: Gap) -> float:
    if isinstance(gap, Duration):
        return gap.months * _SECONDS_A_MONTH + gap.microseconds / 1e6
    return float(gap)
