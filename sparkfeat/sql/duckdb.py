"""DuckDB's SQL."""

from __future__ import annotations

from datetime import datetime

import sqlglot
from sqlglot import exp

from sparkfeat.entityset.types import BOOLEAN_TYPES, DOUBLE_TYPES, INTEGER_TYPES
from sparkfeat.plan.cutoffs import Gap
from sparkfeat.sql.dialect import CutoffTime, data_type
from sparkfeat.sql.expressions import render


class DuckDB:
    """Writes for DuckDB: timestamps are naive, CTEs can be kept, IEEE arithmetic."""

    name = "duckdb"
    nulls_first = False
    counts_together = False
    stacked_from: int | None = None

    def ordered(self, columns: list[exp.Expr]) -> list[exp.Expr]:
        """Return the sort keys themselves: they stand in ORDER BY."""
        return columns

    def back(self, time: exp.Expr, span: Gap) -> exp.Expr:
        """Subtract months by the calendar, clipping at the month's end, then the exact rest."""
        if isinstance(span, int | float):
            return exp.Sub(this=time, expression=exp.convert(float(span)))
        for count, unit in ((span.months, "MONTH"), (span.microseconds, "MICROSECOND")):
            if count:
                interval = exp.Interval(this=exp.Literal.string(str(count)), unit=exp.var(unit))
                time = exp.Sub(this=time, expression=interval)
        return time

    def floor(self, time: exp.Expr, every: int) -> exp.Expr:
        """Return the last multiple of so many microseconds, counted from 1970, at or before `time`."""
        # Of a time before 1970 the remainder is negative.
        rest = f"((epoch_us(x) % {every} + {every}) % {every})"
        return render(f"make_timestamp(epoch_us(x) - {rest})", {"x": time}, [], self)

    def time(self, value: CutoffTime) -> exp.Expr:
        """Return a TIMESTAMP or DOUBLE literal."""
        if isinstance(value, datetime):
            return sqlglot.parse_one(f"CAST('{value.isoformat(sep=' ')}' AS TIMESTAMP)", dialect="duckdb")
        return sqlglot.parse_one(f"CAST('{value!r}' AS DOUBLE)", dialect="duckdb")

    def type_of(self, logical_type: str | None) -> exp.DataType | None:
        """Return the type of output values."""
        name = _TYPES.get(logical_type)
        return data_type(name, "duckdb") if name else None

    def element(self, values: exp.Expr, position: int) -> exp.Expr:
        """Return the element of a list, counted from 0; null beyond its end."""
        return exp.Anonymous(this="list_extract", expressions=[values, exp.convert(position + 1)])

    def materialized(self, uses: int) -> bool | None:
        """Keep what is read more than once: DuckDB would compute it for each reader."""
        return uses > 1


_TYPES: dict[str | None, str] = (
    dict.fromkeys(INTEGER_TYPES, "BIGINT")
    | dict.fromkeys([*DOUBLE_TYPES, None], "DOUBLE")
    | dict.fromkeys(BOOLEAN_TYPES, "BOOLEAN")
    | {"Datetime": "TIMESTAMP"}
)
