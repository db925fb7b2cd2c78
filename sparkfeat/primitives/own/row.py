"""How a row is given to one of sparkfeat's own classes."""

from __future__ import annotations

from collections.abc import Mapping

from sparkfeat.definitions.calls import Call
from sparkfeat.definitions.own.base import micros_of
from sparkfeat.primitives.custom import class_row
from sparkfeat.primitives.rows import DIALECTS, Refusal, Row, Steps, Template

MICROS = {
    "duckdb": "micros_between({time}, CAST('1970-01-01 00:00:00' AS TIMESTAMP))",
    "spark": "micros_between({time}, CAST('1970-01-01 00:00:00' AS TIMESTAMP_NTZ))",
}
"""A time as a number: windows of strictly earlier times need one to count back from."""

# Rows without a time come last, where no other sees them; what they see must not be used.
_EARLIER = "ORDER BY e NULLS LAST RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"


def earlier(*keys: str) -> str:
    """Return the window of the rows with the same keys and a smaller `e`."""
    partition = f"PARTITION BY {', '.join(keys)} " if keys else ""
    return f"OVER ({partition}{_EARLIER})"


def both(
    given: type,
    duckdb: Template,
    spark: Template | None = None,
    stage: Mapping[str, Template] | None = None,
    steps: Steps = (),
    refuse: Refusal | None = None,
) -> dict[type, Row]:
    """Return the row of a class whose SQL is the same in both dialects, or given for each."""
    texts = dict(zip(DIALECTS, (duckdb, spark or duckdb), strict=True))
    return {given: class_row(given, texts, stage or {}, steps, refuse)}


def micros(call: Call, argument: str) -> int:
    """Return an argument that is a span of time in microseconds."""
    return micros_of(str(call.primitive.argument(argument)))
