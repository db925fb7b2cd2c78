"""The primitives that Featuretools ships."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import featuretools as ft


@dataclass(frozen=True)
class CatalogEntry:
    """One of Featuretools' primitives: its name, and 'aggregation' or 'transform'."""

    name: str
    kind: str


@lru_cache(maxsize=1)
def catalog() -> tuple[CatalogEntry, ...]:
    """Return Featuretools' standard primitives, aggregations first, by name."""
    kinds = {
        "aggregation": ft.primitives.get_aggregation_primitives(),
        "transform": ft.primitives.get_transform_primitives(),
    }
    return tuple(
        CatalogEntry(name, kind)
        for kind, primitives in kinds.items()
        for name, primitive in sorted(primitives.items())
        if is_standard(primitive)
    )


def is_standard(primitive: type) -> bool:
    """Tell whether a primitive's class is one that Featuretools ships."""
    return str(getattr(primitive, "__module__", "")).startswith("featuretools.primitives.standard")


def kind_of(primitive: object) -> str | None:
    """Return 'aggregation' or 'transform' for the class of a primitive, None for anything else."""
    if not isinstance(primitive, type):
        return None
    if issubclass(primitive, ft.primitives.AggregationPrimitive):
        return "aggregation"
    return "transform" if issubclass(primitive, ft.primitives.TransformPrimitive) else None
