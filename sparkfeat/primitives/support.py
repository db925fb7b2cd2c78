"""Which calls have SQL, and the reason why the others have none."""

from __future__ import annotations

from sparkfeat.definitions import (
    Feature,
    Primitive,
    bases_of,
    primitive_of,
    walk,
)
from sparkfeat.definitions.calls import OUTPUT, Call, input_of
from sparkfeat.entityset import EntitySet
from sparkfeat.primitives.check import check_call
from sparkfeat.primitives.custom import custom_row
from sparkfeat.primitives.families import OUTPUT_ROW, ROWS, WITHOUT_SQL
from sparkfeat.primitives.own import OWN_ROWS
from sparkfeat.primitives.rows import Row

OWN_FUNCTION = "computed by its own Python function"
CUSTOM = f"a custom primitive: {OWN_FUNCTION}"


def find_row(primitive: Primitive) -> Row | None:
    """Return the row of a primitive, None for one without SQL."""
    if primitive.name == OUTPUT:
        return OUTPUT_ROW
    if primitive.custom is None:
        return ROWS.get(primitive.name)
    return OWN_ROWS.get(primitive.custom) or custom_row(primitive.custom)


def reason_against(feature: Feature, entityset: EntitySet, dialect: str = "duckdb") -> str | None:
    """Return why a feature, or one it depends on, has no SQL in a dialect; None when all have.

    Raises:
        UserInputError: SQL that a user's function made cannot be used.
    """
    for part in walk(feature):
        reason = _reason(part, entityset, dialect)
        if reason is not None:
            return reason if part is feature else f"{part.name}: {reason}"
    return None


def counts_from_cutoff(feature: Feature) -> bool:
    """Tell whether a primitive of Featuretools or sparkfeat in a feature counts the time until the cutoff."""
    inside = filter(None, map(primitive_of, walk(feature)))
    return any(one.uses_calc_time and (one.standard or one.custom in OWN_ROWS) for one in inside)


def _reason(feature: Feature, entityset: EntitySet, dialect: str) -> str | None:
    primitive = primitive_of(feature)
    return None if primitive is None else _call_reason(feature, primitive, entityset, dialect)


def _call_reason(feature: Feature, primitive: Primitive, entityset: EntitySet, dialect: str) -> str | None:
    row = find_row(primitive)
    if row is None:
        return WITHOUT_SQL[primitive.name] if primitive.standard else CUSTOM
    inputs = tuple(input_of(base, base.name, entityset) for base in bases_of(feature))
    call = Call(feature.name, primitive, inputs, default=feature.default, logical_type=feature.logical_type)
    if primitive.standard:
        return row.reason_against(call)
    reason = _custom_reason(feature, row, dialect) or row.reason_against(call)
    if reason is None:
        check_call(row, call, dialect)
    return reason


def _custom_reason(feature: Feature, row: Row, dialect: str) -> str | None:
    if dialect not in row.dialects:
        return missing_dialect(row)
    if feature.logical_type is None and "numeric" not in feature.semantic_tags:
        return "a custom primitive whose return_type names no logical type"
    return None


def missing_dialect(row: Row) -> str:
    """Return why a user's primitive is left to its function in the dialects that have no SQL for it."""
    return f"a custom primitive with SQL for {' and '.join(row.dialects)} only: {OWN_FUNCTION}"
