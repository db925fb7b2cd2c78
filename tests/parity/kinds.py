"""Every kind of feature, on the rows full of traps: of customers and of events."""

from __future__ import annotations

from functools import cache
from typing import Any

import featuretools as ft
import featuretools.primitives as p

from tests.parity.cases.made import aggregate, column


def along(base: ft.Feature, primitive: Any, key: str) -> ft.Feature:
    return ft.Feature(base, primitive=primitive, groupby=column("events", key))


@cache
def of_customers() -> list[ft.Feature]:
    """Columns, aggregations of every depth, filtered or looking back, functions of rows and along rows."""
    whole, amount, color = (column("events", name) for name in ("whole", "amount", "color"))
    total = aggregate(whole, "customers", p.Sum)
    common = aggregate(color, "customers", p.NMostCommon(n=3))
    items = aggregate(column("items", "item_id"), "events", p.Count)
    return [
        column("customers", "age"),
        column("customers", "refund"),
        ft.Feature(column("regions", "cities"), "customers"),
        total,
        aggregate(amount, "customers", p.Last),
        aggregate([whole, column("events", "at")], "customers", p.Trend),
        aggregate(column("events", "at"), "customers", p.TimeSinceLast),
        aggregate(column("events", "flag"), "customers", p.MaxConsecutiveTrue),
        aggregate(whole, "customers", p.Sum, where=column("events", "flag") == True),  # noqa: E712
        aggregate(whole, "customers", p.Mean, where=column("events", "color") == "red"),
        aggregate(whole, "customers", p.Sum, use_previous="3 days"),
        aggregate(color, "customers", p.Mode, use_previous="2 observations"),
        aggregate(amount, "customers", p.Max, use_previous="2 days", where=column("events", "flag") == True),  # noqa: E712
        aggregate(items, "customers", p.Max),
        aggregate(column("items", "item_id"), "customers", p.Count),
        aggregate(ft.Feature(column("products", "price"), "events"), "customers", p.Mean),
        aggregate(along(whole, p.CumSum, "customer_id"), "customers", p.Last),
        common[0],
        common[2],
        ft.Feature(total, primitive=p.AddNumericScalar(1)),
        ft.Feature(total, primitive=p.CumSum),
        ft.Feature([total, column("customers", "points")], primitive=p.DivideNumeric),
        ft.Feature(column("customers", "joined"), primitive=p.TimeSince),
        ft.Feature(aggregate(total, "regions", p.Mean), "customers"),
        ft.Feature(aggregate(whole, "regions", p.Sum), "customers"),
        aggregate(ft.Feature(total, "events"), "customers", p.Max),
        total.rename("total ü"),
    ]


@cache
def of_events() -> list[ft.Feature]:
    """Columns, aggregations taken over from parents and grandparents, functions in groups and windows."""
    whole = column("events", "whole")
    total = aggregate(whole, "customers", p.Sum)
    recent = aggregate(column("events", "event_id"), "customers", p.Count, use_previous="2 days")
    of_region = ft.Feature(ft.Feature(aggregate(whole, "regions", p.Mean), "customers"), "events")
    common = aggregate(column("events", "color"), "products", p.NMostCommon(n=2))
    return [
        column("events", "amount"),
        ft.Feature(column("products", "label"), "events"),
        ft.Feature(total, "events"),
        ft.Feature(recent, "events"),
        ft.Feature(aggregate(whole, "customers", p.Max, where=column("events", "flag") == True), "events"),  # noqa: E712
        of_region,
        ft.Feature(common[1], "events"),
        ft.Feature([whole, ft.Feature(total, "events")], primitive=p.DivideNumeric),
        aggregate(column("items", "kind"), "events", p.Mode),
        along(whole, p.CumSum, "customer_id"),
        along(whole, p.Diff, "product_id"),
        ft.Feature([whole, column("events", "at")], primitive=p.Lag(periods=2)),
        ft.Feature(whole, primitive=p.Percentile),
        ft.Feature([column("events", "at"), whole], primitive=p.RollingMean("3 days", gap="1 day")),
        ft.Feature(column("events", "at"), primitive=p.Weekday),
        ft.Feature(column("events", "note"), primitive=p.NumWords),
        ft.Feature(column("events", "at"), primitive=p.TimeSince),
    ]
