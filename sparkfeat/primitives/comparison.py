"""Comparisons in SQL, with each null as the dtype it has in pandas: NaN is False, NA stays NA."""

from __future__ import annotations

from collections.abc import Sequence

from sparkfeat.definitions.calls import Call, Input
from sparkfeat.entityset.types import CATEGORY_TYPES
from sparkfeat.primitives.inputs import kind, number, rank, sql_literal
from sparkfeat.primitives.members import is_in, no_list
from sparkfeat.primitives.rows import Row, Template, expression


def _compare(operator: str, call: Call, left: str, right: str) -> str:
    """Compare two values: a null gives NA where pandas compares masked arrays, else False (True for <>)."""
    compared = f"{left} {operator} {right}"
    if _masked(call.inputs):
        missing = " OR ".join(f"{name} IS NULL" for name, _ in zip("xy", call.inputs, strict=False))
        return f"CASE WHEN {missing} THEN NULL ELSE {compared} END"
    return f"coalesce({compared}, {'TRUE' if operator == '<>' else 'FALSE'})"


def _masked(columns: Sequence[Input]) -> bool:
    """Tell whether a null gives NA: categories and times on the left decide without asking the right."""
    left = columns[0]
    decides = left.categorical or kind(left) in {"time", "span"}
    return left.masked or (not decides and any(column.masked for column in columns))


def _pair(operator: str, dialect: str) -> Template:
    def text(call: Call) -> str:
        x, y = call.inputs
        if kind(x) != kind(y):
            return _never(operator, call)
        if operator in {"=", "<>"} or not _both_ordinal(call):
            return _compare(operator, call, number("x", x), number("y", y))
        if x.categories != y.categories:
            # Featuretools compares ordinals of one and the same order only.
            return "CAST(NULL AS BOOLEAN)"
        return _compare(operator, call, rank("x", x, dialect), rank("y", y, dialect))

    return text


def _never(operator: str, call: Call) -> str:
    """Compare values of different kinds: they are never equal."""
    return _compare(operator, call, "0", "1")


def _both_ordinal(call: Call) -> bool:
    return all(column.logical_type == "Ordinal" for column in call.inputs)


def _scalar(operator: str, dialect: str) -> Template:
    def text(call: Call) -> str:
        value, column = call.primitive.argument("value"), call.inputs[0]
        if value is None:
            return _with_nothing(operator, column)
        if isinstance(value, str) == (kind(column) == "number") or (
            # True and False are no members of a list of numbers.
            column.categorical and isinstance(value, bool)
        ):
            return _never(operator, call)
        literal = f"CAST({value} AS INTEGER)" if isinstance(value, bool) else str(sql_literal(value, dialect))
        if kind(column) == "time":
            literal = f"CAST({literal} AS TIMESTAMP)"
        return _compare(operator, call, number("x", column), literal)

    return text


def _is_null(call: Call) -> str:
    # While Featuretools computes, a first event that never was is the number 0.
    return "FALSE" if call.inputs[0].origin == "date_first_event" else "x IS NULL"


def _with_nothing(operator: str, column: Input) -> str:
    """Compare with None: nothing equals it, except that masked text has no answer, nor has a masked null."""
    answer = "TRUE" if operator == "<>" else "FALSE"
    if column.masked and kind(column) == "text":
        return "CAST(NULL AS BOOLEAN)"
    return f"CASE WHEN x IS NOT NULL THEN {answer} END" if column.masked else answer


def _incomparable(call: Call) -> str | None:
    """Refuse what SQL has no comparison for."""
    kinds = {kind(column) for column in call.inputs}
    if kinds & {"pair", "span"}:
        return "pairs of coordinates and spans of time are not compared in SQL"
    if any(_temporal_category(column) for column in call.inputs):
        return "the type of the categories is only known to the data"
    return None


def _temporal_category(column: Input) -> bool:
    """Tell whether category values are neither all text nor all numbers, as far as is known."""
    if column.custom and column.logical_type in CATEGORY_TYPES:
        return True
    values = column.categories or ()
    return not all(isinstance(value, str) for value in values) and kind(column) == "text"


def _unordered(call: Call) -> str | None:
    if _both_ordinal(call):
        x, y = call.inputs
        if x.origin is None and y.origin is None:
            return None
        return None if x.origin == y.origin else "ordinals made by different primitives"
    return _incomparable(call)


def _unknown_value(call: Call) -> str | None:
    value = call.primitive.argument("value")
    if value is not None and sql_literal(value) is None:
        return f"a value of type {type(value).__name__} has no SQL literal"
    if kind(call.inputs[0]) == "time":
        return "comparing a datetime with a constant"
    return _incomparable(call)


_OPERATORS = {
    "equal": "=",
    "not_equal": "<>",
    "greater_than": ">",
    "greater_than_equal_to": ">=",
    "less_than": "<",
    "less_than_equal_to": "<=",
}


def _rows(name: str, operator: str) -> tuple[Row, Row]:
    refuse = _incomparable if operator in {"=", "<>"} else _unordered
    pair = expression(name, _pair(operator, "duckdb"), _pair(operator, "spark"), refuse)
    constant = (_scalar(operator, "duckdb"), _scalar(operator, "spark"))
    return pair, expression(f"{name}_scalar", *constant, _unknown_value)


COMPARISONS: tuple[Row, ...] = (
    *(row for name, operator in _OPERATORS.items() for row in _rows(name, operator)),
    expression("is_null", _is_null),
    expression("isin", is_in("duckdb"), is_in("spark"), refuse=no_list),
)
