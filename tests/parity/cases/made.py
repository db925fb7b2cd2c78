"""Features of the traps, written short."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import featuretools as ft

from tests.parity.conftest import Parity
from tests.parity.data import traps
from tests.parity.harness import KnownDifference, computable


def column(table: str, name: str) -> ft.Feature:
    """Return a column as a feature."""
    return ft.Feature(traps()[table].ww[name])


def aggregate(base: Any, target: str, primitive: Any, **options: Any) -> ft.Feature:
    """Return an aggregation of a feature, or of several, for each row of a table above."""
    return ft.Feature(base, parent_dataframe_name=target, primitive=primitive, **options)


def compare(
    parity: Parity, features: list[ft.Feature], known: Iterable[KnownDifference] = (), **options: Any
) -> None:
    """Compare what Featuretools can compute, which must be something."""
    kept, expected = computable(traps(), features, **options)
    assert kept
    parity(traps(), kept, known_differences=known, expected=expected, **options)
