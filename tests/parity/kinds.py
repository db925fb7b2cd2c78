"""Every kind of feature, on the rows full of traps: of customers and of events."""

from __future__ import annotations

from functools import cache
from typing import Any

import featuretools as ft
import featuretools.primitives as p

from tests.parity.data import traps


def column(table: str, name: str) -> ft.Feature:
    return ft.Feature(traps()[table].ww[name])


def of(base: Any, target: str, primitive: Any, **options: Any) -> ft.Feature:
    return ft.Feature(base, parent_dataframe_name=target, primitive=primitive, **options)


def along(base: ft.Feature, primitive: Any, key: str) -> ft.Feature:
    return ft.Feature(base, primitive=primitive, groupby=column("events", key))


@cache
def of_customers() -> list[ft.Feature]:
    """Columns, aggregations of every depth, filtered or looking back, functions of rows and along rows."""
    whole, amount, color = (column("events", name) for name in ("whole", "amount", "color"))
    total = of(whole, "customers", p.Sum)
    common = of(color, "customers", p.NMostCommon(n=3))
    items = of(column("items", "item_id"), "events", p.Count)
    return [
        column("customers", "age"),
        column("customers", "refund"),
        ft.Feature(column("regions", "cities"), "customers"),
        total,
        of(amount, "customers", p.Last),
        of([whole, column("events", "at")], "customers", p.Trend),
        of(column("events", "at"), "customers", p.TimeSinceLast),
        of(column("events", "flag"), "customers", p.MaxConsecutiveTrue),
        of(whole, "customers", p.Sum, where=column("events", "flag") == True),  # noqa: E712
        of(whole, "customers", p.Mean, where=column("events", "color") == "red"),
        of(whole, "customers", p.Sum, use_previous="3 days"),
        of(color, "customers", p.Mode, use_previous="2 observations"),
        of(amount, "customers", p.Max, use_previous="2 days", where=column("events", "flag") == True),  # noqa: E712
        of(items, "customers", p.Max),
        of(column("items", "item_id"), "customers", p.Count),
        of(ft.Feature(column("products", "price"), "events"), "customers", p.Mean),
        of(along(whole, p.CumSum, "customer_id"), "customers", p.Last),
        common[0],
        common[2],
        ft.Feature(total, primitive=p.AddNumericScalar(1)),
        ft.Feature(total, primitive=p.CumSum),
        ft.Feature([total, column("customers", "points")], primitive=p.DivideNumeric),
        ft.Feature(column("customers", "joined"), primitive=p.TimeSince),
        ft.Feature(of(total, "regions", p.Mean), "customers"),
        ft.Feature(of(whole, "regions", p.Sum), "customers"),
        of(ft.Feature(total, "events"), "customers", p.Max),
        total.rename("total ü"),
    ]


@cache
def of_events() -> list[ft.Feature]:
    """Columns, aggregations taken over from parents and grandparents, functions in groups and windows."""
    whole = column("events", "whole")
    total = of(whole, "customers", p.Sum)
    recent = of(column("events", "event_id"), "customers", p.Count, use_previous="2 days")
    of_region = ft.Feature(ft.Feature(of(whole, "regions", p.Mean), "customers"), "events")
    common = of(column("events", "color"), "products", p.NMostCommon(n=2))
    return [
        column("events", "amount"),
        ft.Feature(column("products", "label"), "events"),
        ft.Feature(total, "events"),
        ft.Feature(recent, "events"),
        ft.Feature(of(whole, "customers", p.Max, where=column("events", "flag") == True), "events"),  # noqa: E712
        of_region,
        ft.Feature(common[1], "events"),
        ft.Feature([whole, ft.Feature(total, "events")], primitive=p.DivideNumeric),
        of(column("items", "kind"), "events", p.Mode),
        along(whole, p.CumSum, "customer_id"),
        along(whole, p.Diff, "product_id"),
        ft.Feature([whole, column("events", "at")], primitive=p.Lag(periods=2)),
        ft.Feature(whole, primitive=p.Percentile),
        ft.Feature([column("events", "at"), whole], primitive=p.RollingMean("3 days", gap="1 day")),
        ft.Feature(column("events", "at"), primitive=p.Weekday),
        ft.Feature(column("events", "note"), primitive=p.NumWords),
        ft.Feature(column("events", "at"), primitive=p.TimeSince),
    ]
