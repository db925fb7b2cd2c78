"""Logic in SQL, a row each, under Featuretools' names.

A masked null makes AND, OR and NOT null. Any other null is an object to Python, and so counts as true.
"""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.entityset.types import BOOLEAN_TYPES
from sparkfeat.primitives.rows import Row, Template, expression


def _logical(value: str) -> Template:
    """Answer null where a masked input is null, else `value`."""

    def text(call: Call) -> str:
        masked = [name for name, column in zip("xy", call.inputs, strict=False) if column.masked]
        missing = " OR ".join(f"{name} IS NULL" for name in masked)
        return f"CASE WHEN {missing} THEN NULL ELSE {value} END" if masked else value

    return text


# `x and y` and `x or y` are one of the two values in Python: the second where the first does not decide.
_AND = "CASE WHEN NOT x THEN FALSE ELSE y END"
_OR = "CASE WHEN x IS NULL THEN NULL WHEN x THEN TRUE ELSE y END"


def _multiply_boolean(call: Call) -> str:
    """Combine bits: pandas fills an object's null with False, and with True beside a masked input."""
    x, y = call.inputs
    filler = "TRUE" if x.masked or y.masked else "FALSE"
    left, right = (
        name if column.masked else f"coalesce({name}, {filler})"
        for name, column in zip("xy", (x, y), strict=True)
    )
    return f"{left} AND {right}"


def _multiply_numeric_boolean(call: Call) -> str:
    left = call.inputs[0].logical_type in BOOLEAN_TYPES
    flag, number = ("x", "y") if left else ("y", "x")
    factor = f"CASE WHEN {flag} THEN 1.0e0 WHEN NOT {flag} THEN 0.0e0 END"
    return f"nan_to_null(CAST({number} AS DOUBLE) * {factor})"


BOOLEANS: tuple[Row, ...] = (
    expression("and", _logical(_AND)),
    expression("or", _logical(_OR)),
    expression("not", _logical("coalesce(NOT x, FALSE)")),
    expression("multiply_boolean", _multiply_boolean),
    expression("multiply_numeric_boolean", _multiply_numeric_boolean),
)
