"""Features of the small shop, one for each way that a plan can go."""

from __future__ import annotations

from typing import Any

import featuretools as ft
from featuretools import primitives as p

from sparkfeat.definitions import read_duration, read_features
from sparkfeat.plan import CutoffShape, Part, Plan, TimeRule, build_plan
from sparkfeat.plan.nodes import Node
from sparkfeat.sql.context import walk
from tests.entityset.shop import column, shop

ALL = CutoffShape(per_row=False, listed=False)
LISTED = CutoffShape(per_row=False, listed=True)
EACH = CutoffShape(per_row=True, listed=True)
WINDOW = TimeRule(training_window=read_duration("3 days", "training_window"))


def aggregated(base: ft.Feature, parent: str, primitive: Any, **options: Any) -> ft.Feature:
    return ft.Feature(base, parent_dataframe_name=parent, primitive=primitive, **options)


NAMES = ["COUNT(sessions)", "SUM(sales.amount)", "MAX(sessions.length)", "MODE(sessions.device)", "city"]


def features() -> list[ft.Feature]:
    """Return features of customers that are called NAMES, one of each type of value."""
    return [
        count("sessions", "customers"),
        aggregated(column("sales", "amount"), "customers", p.Sum),
        aggregated(column("sessions", "length"), "customers", p.Max),
        aggregated(column("sessions", "device"), "customers", p.Mode),
        column("customers", "city"),
    ]


KEYS = {"sessions": "session_id", "sales": "sale_id"}


def count(child: str, parent: str, **options: Any) -> ft.Feature:
    return aggregated(column(child, KEYS[child]), parent, p.Count, **options)


def smoothed(base: ft.Feature) -> ft.Feature:
    """Return a feature that has no SQL: only scipy computes it."""
    return ft.Feature(base, primitive=p.SavgolFilter)


def direct(base: ft.Feature, child: str) -> ft.Feature:
    return ft.Feature(base, dataframe_name=child)


def on_phone() -> ft.Feature:
    return ft.Feature(column("sessions", "device"), primitive=p.EqualScalar("phone"))


def plan_of(features: list[ft.Feature], shape: CutoffShape = LISTED, rule: TimeRule | None = None) -> Plan:
    """Return the plan of features of the small shop."""
    read = read_features(features, shop())
    return build_plan(shop(), shop()[read.target], shape, [Part(rule or TimeRule(), read.features)])


def nodes_of(plan: Plan, kind: type[Node] = Node) -> list[Any]:
    """Return the nodes of a kind, each once."""
    return [node for node in walk(plan.matrix) if isinstance(node, kind)]
