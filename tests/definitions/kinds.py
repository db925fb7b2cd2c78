"""One feature of each kind, on the small shop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import featuretools as ft
from featuretools import primitives as p

from tests.entityset.shop import column
from tests.plan.features import aggregated, count, direct, on_phone


def commonest() -> ft.Feature:
    """Return a feature of three columns."""
    return aggregated(column("sessions", "device"), "customers", p.NMostCommon(n=3))


def transform() -> ft.Feature:
    return ft.Feature(column("sales", "amount"), primitive=p.AddNumericScalar(2.5))


def grouped() -> ft.Feature:
    return ft.Feature(column("sales", "amount"), primitive=p.CumSum, groupby=column("sales", "product_id"))


KINDS: dict[str, Callable[[], Any]] = {
    "identity": lambda: column("customers", "city"),
    "direct": lambda: direct(column("products", "price"), "sales"),
    "aggregation": lambda: aggregated(column("sales", "amount"), "customers", p.Sum),
    "aggregation with a condition": lambda: count("sessions", "customers", where=on_phone()),
    "aggregation of a time before": lambda: count("sessions", "customers", use_previous="3 days"),
    "aggregation of rows before": lambda: count("sessions", "customers", use_previous="3 observations"),
    "transform": transform,
    "transform in groups": grouped,
    "several columns": commonest,
    "transform of a slice": lambda: ft.Feature(commonest()[1], primitive=p.IsNull),
    "renamed": lambda: count("sessions", "customers").rename("visits"),
    "stacked": lambda: ft.Feature(
        aggregated(aggregated(column("sales", "amount"), "sessions", p.Max), "customers", p.Mean),
        primitive=p.Absolute,
    ),
}
