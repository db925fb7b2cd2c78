"""The rows that windows look at, and small texts over them."""

from __future__ import annotations

from sparkfeat.primitives.inputs import INFINITY

RUNNING = "OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
BEFORE = "OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
WHOLE = "OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
FIRST_ROW = "row_number() OVER () = 1"


def shifted(value: str, periods: int) -> str:
    """Return the value so many rows before; after, where `periods` is negative."""
    if periods == 0:
        return value
    return f"lag({value}, {periods}) OVER ()" if periods > 0 else f"lead({value}, {-periods}) OVER ()"


def finite(value: str) -> str:
    """Return a number as a double, null where it is infinite: pandas' moving windows take that as missing."""
    return f"CASE WHEN abs(CAST({value} AS DOUBLE)) < {INFINITY} THEN CAST({value} AS DOUBLE) END"
