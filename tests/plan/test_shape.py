"""Plans as text: which rows are read, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import Any

import featuretools as ft
import pytest
from featuretools import primitives as p

from tests.entityset.shop import column, cutoffs, day, matrix
from tests.plan.features import aggregated, count, direct, on_phone
from tests.snapshots.fixture import Snapshot

SHARED: dict[str, Any] = {"cutoff_time": day(6)}
EACH: dict[str, Any] = {"cutoff_time": cutoffs()}
WINDOW: dict[str, Any] = {**EACH, "training_window": "3 days"}
OF_SALES: dict[str, Any] = {"cutoff_time": cutoffs().assign(instance_id=[105, 101, 104, 101])}


def amounts(*primitives: type, parent: str = "customers") -> list[ft.Feature]:
    return [aggregated(column("sales", "amount"), parent, primitive) for primitive in primitives]


def running() -> ft.Feature:
    return ft.Feature(column("sales", "amount"), primitive=p.CumSum)


def grouped(primitive: type = p.CumSum) -> ft.Feature:
    return ft.Feature(column("sales", "amount"), primitive=primitive, groupby=column("sales", "product_id"))


def doubled() -> ft.Feature:
    return ft.Feature(column("sales", "amount"), primitive=p.MultiplyNumericScalar(2))


CASES: dict[str, tuple[Callable[[], list[ft.Feature]], dict[str, Any]]] = {
    "shared cutoff": (lambda: [count("sessions", "customers")], SHARED),
    "instances at a shared cutoff": (
        lambda: [count("sessions", "customers")],
        {**SHARED, "instance_ids": [1, 2]},
    ),
    "cutoff for each row": (lambda: [count("sessions", "customers")], EACH),
    "grandchildren": (lambda: amounts(p.Sum, p.Max), EACH),
    "stacked aggregations": (
        lambda: [aggregated(amounts(p.Sum, parent="sessions")[0], "customers", p.Mean)],
        EACH,
    ),
    "where": (
        lambda: [count("sessions", "customers"), count("sessions", "customers", where=on_phone())],
        SHARED,
    ),
    "parent as lookup": (lambda: [direct(column("products", "price"), "sales")], OF_SALES),
    "parent come down from": (
        lambda: [aggregated(direct(column("sessions", "device"), "sales"), "sessions", p.Mode)],
        EACH,
    ),
    "parent come down from, and its aggregation": (
        lambda: [
            aggregated(direct(column("sessions", "device"), "sales"), "sessions", p.Mode),
            aggregated(direct(count("sales", "sessions"), "sales"), "sessions", p.Max),
        ],
        EACH,
    ),
    "parent with aggregation": (lambda: [direct(count("sessions", "customers"), "sessions")], SHARED),
    "parent of parent": (
        lambda: [direct(direct(column("customers", "city"), "sessions"), "sales")],
        OF_SALES,
    ),
    "transforms by depth": (
        lambda: [ft.Feature([doubled(), column("sales", "items")], primitive=p.AddNumeric)],
        OF_SALES,
    ),
    "transform of children": (lambda: [aggregated(doubled(), "customers", p.Sum)], EACH),
    "running total at a cutoff for each row": (lambda: [running()], OF_SALES),
    "running total in a window": (lambda: [running()], {**OF_SALES, "training_window": "3 days"}),
    "running total of children": (lambda: [aggregated(running(), "sessions", p.Last)], EACH),
    "running total of an aggregation": (
        lambda: [ft.Feature(count("sessions", "customers"), primitive=p.CumSum)],
        EACH,
    ),
    "transform in groups": (lambda: [grouped()], OF_SALES),
    "transform in groups of the rows asked for": (
        lambda: [
            ft.Feature(
                column("sales", "sold"), primitive=p.TimeSincePrevious, groupby=column("sales", "product_id")
            )
        ],
        OF_SALES,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_plan_of(case: str, snapshot: Snapshot) -> None:
    make, options = CASES[case]
    explained = matrix(make(), **options).explain()

    snapshot(f"plan/{case.replace(' ', '_')}", dedent(explained.split("  plan\n")[1]))
