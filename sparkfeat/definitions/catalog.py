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
        if primitive.__module__.startswith("featuretools.primitives.standard")
    )
