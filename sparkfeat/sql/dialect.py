"""What every dialect must be able to say; each dialect's file holds all its differences."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Protocol

from sqlglot import exp

from sparkfeat.plan.cutoffs import Gap

CutoffTime = datetime | float


@cache
def _built(name: str, dialect: str) -> exp.DataType:
    return exp.DataType.build(name, dialect=dialect)


def data_type(name: str, dialect: str) -> exp.DataType:
    """Return a new SQL type; its name is parsed once."""
    return _built(name, dialect).copy()


class Dialect(Protocol):
    """One SQL engine's way of saying what sqlglot does not translate.

    `nulls_first`: where ascending order puts nulls. `counts_together`: value counts of several columns
    are better taken in one pass (grouping sets) than in one for each. `stacked_from`: from so many columns
    on, statistics that they share are computed with the columns stacked into rows; None: never.
    """

    name: str
    nulls_first: bool
    counts_together: bool
    stacked_from: int | None

    def ordered(self, columns: list[exp.Expr]) -> list[exp.Expr]:
        """Return what stands for the row order `o`: sort keys, or one struct of them."""
        ...

    def back(self, time: exp.Expr, span: Gap) -> exp.Expr:
        """Return `time` less a span."""
        ...

    def floor(self, time: exp.Expr, every: int) -> exp.Expr:
        """Return the last multiple of so many microseconds, counted from 1970, at or before `time`."""
        ...

    def time(self, value: CutoffTime) -> exp.Expr:
        """Return a cutoff time as a literal."""
        ...

    def type_of(self, logical_type: str | None) -> exp.DataType | None:
        """Return the SQL type of an output column; None where the values keep theirs."""
        ...

    def element(self, values: exp.Expr, position: int) -> exp.Expr:
        """Return the element of a list, counted from 0; null beyond its end."""
        ...

    def materialized(self, uses: int) -> bool | None:
        """Tell whether a CTE that is read `uses` times is kept; None leaves it to the engine."""
        ...
