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
from sparkfeat.primitives.families import OUTPUT_ROW, ROWS
from sparkfeat.primitives.rows import Row

NO_SQL = "no SQL form yet: computed by Featuretools itself"
CUSTOM = "a custom primitive: computed by its own Python function"


def find_row(primitive: Primitive) -> Row | None:
    """Return the row of a primitive, None for one without SQL."""
    if primitive.name == OUTPUT:
        return OUTPUT_ROW
    return ROWS.get(primitive.name) if primitive.standard else None


def reason_against(feature: Feature, entityset: EntitySet) -> str | None:
    """Return why a feature, or one it depends on, has no SQL; None when all have."""
    for part in walk(feature):
        reason = _reason(part, entityset)
        if reason is not None:
            return reason if part is feature else f"{part.name}: {reason}"
    return None


def _reason(feature: Feature, entityset: EntitySet) -> str | None:
    primitive = primitive_of(feature)
    return None if primitive is None else _call_reason(feature, primitive, entityset)


def _call_reason(feature: Feature, primitive: Primitive, entityset: EntitySet) -> str | None:
    row = find_row(primitive)
    if row is None:
        return NO_SQL if primitive.standard else CUSTOM
    inputs = tuple(input_of(base, base.name, entityset) for base in bases_of(feature))
    return row.reason_against(Call(feature.name, primitive, inputs))
