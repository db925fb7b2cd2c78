"""Aggregations with an output for each of several values, in SQL: lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sparkfeat.definitions import own
from sparkfeat.definitions.calls import Call, Input
from sparkfeat.entityset.types import BOOLEAN_TYPES, CATEGORY_TYPES
from sparkfeat.primitives.inputs import kind, sql_literal
from sparkfeat.primitives.own.row import both
from sparkfeat.primitives.rows import Row


def _listed(outputs: Sequence[str], dialect: str) -> str:
    if len(outputs) == 1:
        return outputs[0]
    return f"[{', '.join(outputs)}]" if dialect == "duckdb" else f"array({', '.join(outputs)})"


def _last_k(call: Call) -> str:
    latest_first = "list_reverse(list(x ORDER BY o))"
    k = int(str(call.primitive.argument("k")))
    return f"list_slice({latest_first}, 1, {k})" if k > 1 else "last(x ORDER BY o)"


def _last_k_spark(call: Call) -> str:
    k = int(str(call.primitive.argument("k")))
    rows = "array_sort(collect_list(named_struct('o', o, 'x', x)))"
    return f"slice(reverse(transform({rows}, w -> w.x)), 1, {k})" if k > 1 else "max_by(x, o)"


def _equals(letter: str, column: Input, value: object, dialect: str) -> str:
    """Return the condition that an input equals a value as Python compares them."""
    if kind(column) == "text":
        return f"{letter} = {sql_literal(value, dialect)}" if isinstance(value, str) else "FALSE"
    if isinstance(value, str):
        return "FALSE"
    plain = f"CAST({letter} AS INTEGER)" if column.logical_type in BOOLEAN_TYPES else letter
    number = int(value) if isinstance(value, bool) else value
    return f"{plain} = {sql_literal(number, dialect)}"


def _conditions(call: Call, letter: str, column: Input, dialect: str) -> list[str]:
    """Return a condition for each output: each value, then every other."""
    values = call.primitive.argument("values")
    assert isinstance(values, tuple)
    found = [_equals(letter, column, value, dialect) for value in values]
    if call.primitive.argument("other") is not True:
        return found
    return [*found, f"{letter} IS NOT NULL AND NOT ({' OR '.join(found)})"]


def _counts(dialect: str) -> Callable[[Call], str]:
    def text(call: Call) -> str:
        conditions = _conditions(call, "x", call.inputs[0], dialect)
        return _listed([f"count(CASE WHEN {condition} THEN 1 END)" for condition in conditions], dialect)

    return text


def _sums(dialect: str) -> Callable[[Call], str]:
    def text(call: Call) -> str:
        conditions = _conditions(call, "y", call.inputs[1], dialect)
        return _listed(
            [f"coalesce(sum(CASE WHEN {one} THEN CAST(x AS DOUBLE) END), 0.0e0)" for one in conditions],
            dialect,
        )

    return text


def _unknown_kind(call: Call) -> str | None:
    """Refuse categories that are neither texts nor numbers, or of which that is only known to the data."""
    column = call.inputs[-1]
    if column.custom and column.logical_type in CATEGORY_TYPES:
        return "the type of the categories is only known to the data"
    listed = column.categories or ()
    known = all(isinstance(one, str) or (column.numbers and not isinstance(one, bool)) for one in listed)
    return None if known and kind(column) in {"text", "number"} else "categories that are no texts or numbers"


VALUES: dict[type, Row] = {
    **both(own.LastK, _last_k, _last_k_spark),
    **both(own.CountPerValue, _counts("duckdb"), _counts("spark"), refuse=_unknown_kind),
    **both(own.SumPerValue, _sums("duckdb"), _sums("spark"), refuse=_unknown_kind),
}
