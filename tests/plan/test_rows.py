"""Which rows a plan reads, how often, and once for which cutoff times."""

from __future__ import annotations

from collections import Counter
from typing import Any

import featuretools as ft
import pytest
from featuretools import primitives as p

import sparkfeat as sf
from sparkfeat.definitions import read_features
from sparkfeat.plan import Part, TimeRule, build_plan
from sparkfeat.plan.nodes import Aggregate, AllRows, Attach, ChildRows, Compute, ParentRows, Rows, TargetRows
from tests.entityset.shop import column, found, frames
from tests.ids import plain
from tests.plan.features import (
    ALL,
    EACH,
    LISTED,
    WINDOW,
    aggregated,
    count,
    direct,
    nodes_of,
    on_phone,
    plan_of,
)

STATISTICS = (p.Sum, p.Mean, p.Min, p.Max, p.Std, p.Skew, p.Median, p.Last, p.Trend)


def of_lengths(where: ft.Feature | None = None) -> list[ft.Feature]:
    """Return statistics of the sessions of customers."""
    time, length = column("sessions", "started"), column("sessions", "length")
    bases = {p.Trend: [length, time]}
    return [aggregated(bases.get(each, length), "customers", each, where=where) for each in STATISTICS]


def total() -> ft.Feature:
    return ft.Feature(column("sales", "amount"), primitive=p.CumSum)


@pytest.mark.parametrize(("shape", "listed"), [(ALL, False), (LISTED, True), (EACH, True)])
def test_the_target_rows_are_those_listed_or_all(shape: Any, listed: bool) -> None:
    (target,) = nodes_of(plan_of([count("sessions", "customers")], shape), TargetRows)

    assert target.listed is listed


@pytest.mark.parametrize(("shape", "timed"), [(ALL, False), (LISTED, False), (EACH, True)])
def test_rows_carry_a_cutoff_time_only_where_there_are_several(shape: Any, timed: bool) -> None:
    plan = plan_of([*of_lengths(), aggregated(column("sales", "amount"), "customers", p.Sum)], shape)

    assert {node.timed for node in nodes_of(plan, Rows)} == {timed}
    assert {node.timed for node in nodes_of(plan, Aggregate)} == {timed}


def test_aggregations_of_a_path_share_one_aggregate() -> None:
    assert len(nodes_of(plan_of(of_lengths()), Aggregate)) == 1


def test_each_condition_has_an_aggregate_of_its_own() -> None:
    on_desk = ft.Feature(column("sessions", "device"), primitive=p.EqualScalar("desk"))
    features = [*of_lengths(), *of_lengths(on_phone()), *of_lengths(on_desk)]

    assert len(nodes_of(plan_of(features), Aggregate)) == 3


def test_each_path_to_a_table_has_an_aggregate_of_its_own() -> None:
    near = aggregated(column("sales", "amount"), "sessions", p.Sum)
    features = [
        aggregated(near, "customers", p.Max),
        aggregated(column("sales", "amount"), "customers", p.Sum),
    ]

    by_table = Counter(node.label for node in nodes_of(plan_of(features), Aggregate))
    assert by_table == {
        "customers_sessions_by_sales": 1,
        "customers_by_sessions": 1,
        "customers_by_sales": 1,
    }


@pytest.mark.parametrize("shape", [ALL, LISTED, EACH])
def test_rows_of_a_path_are_read_once(shape: Any) -> None:
    features = found(agg_primitives=["sum", "mode", "num_unique", "last", "skew"], max_depth=3)

    by_label = Counter(node.label for node in nodes_of(plan_of(features, shape), Rows))
    assert set(by_label.values()) == {1}


def test_the_key_of_an_ancestor_travels_through_the_rows_between() -> None:
    plan = plan_of([aggregated(column("sales", "amount"), "customers", p.Sum)])
    (sales,) = [node for node in nodes_of(plan, ChildRows) if node.table.name == "sales"]
    (aggregate,) = nodes_of(plan, Aggregate)

    assert sales.carried == (("__up2", "customer_id"),)
    assert aggregate.key == "__up2"


def test_only_columns_that_are_needed_are_read() -> None:
    plan = plan_of([aggregated(column("sales", "amount"), "customers", p.Sum)])
    columns = {node.table.name: set(node.columns) for node in nodes_of(plan, ChildRows)}

    assert columns == {
        "sessions": {"session_id", "customer_id"},
        "sales": {"sale_id", "session_id", "amount"},
    }


def test_columns_of_the_order_are_read_where_an_aggregation_looks_at_it() -> None:
    plan = plan_of([aggregated(column("sessions", "length"), "customers", p.Last)])
    (sessions,) = nodes_of(plan, ChildRows)

    assert {"started", "session_id"} <= set(sessions.columns)


def test_a_parent_of_plain_columns_is_joined_without_asking_which_rows_are_needed() -> None:
    plan = plan_of([direct(column("products", "price"), "sales")], EACH)
    (products,) = nodes_of(plan, AllRows)
    (attach,) = nodes_of(plan, Attach)

    assert (products.table.name, products.ever, products.timed) == ("products", True, False)
    # Rows count only where they are visible at the time of the row they are joined to.
    assert attach.joins[0].visibility == products.visibility
    assert {"launched"} <= set(products.columns)


def test_a_parent_with_aggregations_is_restricted_to_the_rows_pointed_at() -> None:
    plan = plan_of([direct(count("sessions", "customers"), "sessions")], EACH)
    (customers,) = nodes_of(plan, ParentRows)

    assert customers.table.name == "customers"
    assert nodes_of(plan, AllRows) == []


def test_two_columns_of_a_parent_are_one_join() -> None:
    features = [direct(column("products", name), "sales") for name in ("price", "kind")]
    (attach,) = nodes_of(plan_of(features), Attach)

    assert len(attach.joins) == 1


def test_transforms_of_one_depth_are_computed_together() -> None:
    amount = column("sales", "amount")
    features = [ft.Feature(amount, primitive=p.MultiplyNumericScalar(n)) for n in range(5)]

    assert len(nodes_of(plan_of(features), Compute)) == 1


def all_sales(feature: ft.Feature, rule: TimeRule | None = None) -> AllRows:
    (rows,) = nodes_of(plan_of([feature], EACH, rule), AllRows)
    assert isinstance(rows, AllRows)
    return rows


def test_a_running_total_is_computed_once_for_all_cutoff_times() -> None:
    rows = all_sales(total())

    assert (rows.ever, rows.timed) == (True, False)


@pytest.mark.parametrize(
    ("primitive", "columns"),
    [
        (p.CumCount, ["session_id"]),
        (p.CumSum, ["amount"]),
        (p.Diff, ["amount"]),
        (p.Lag(periods=2), ["amount", "sold"]),
    ],
    ids=plain,
)
def test_what_looks_back_only_is_computed_once(primitive: Any, columns: list[str]) -> None:
    assert all_sales(ft.Feature([column("sales", name) for name in columns], primitive=primitive)).ever


def test_a_total_in_groups_is_computed_once() -> None:
    grouped = ft.Feature(column("sales", "amount"), primitive=p.CumSum, groupby=column("sales", "product_id"))

    assert all_sales(grouped).ever


def test_a_training_window_makes_it_once_for_each_cutoff_time() -> None:
    rows = all_sales(total(), WINDOW)

    assert (rows.ever, rows.timed) == (False, True)


def test_an_input_that_changes_with_time_makes_it_once_for_each_cutoff_time() -> None:
    number = ft.Feature(count("sales", "sessions"), primitive=p.CumSum)
    plan = plan_of([number], EACH)

    assert {node.ever for node in nodes_of(plan, AllRows)} == {False}


def test_so_does_one_of_a_table_without_time() -> None:
    given = sf.EntitySet("timeless")
    given.add_dataframe(frames()["customers"].drop(columns="joined"), "customers", index="customer_id")
    given.add_dataframe(frames()["sessions"], "sessions", index="session_id", time_index="started")
    given.add_relationship("customers", "customer_id", "sessions", "customer_id")
    visits = ft.Feature(
        ft.Feature(given.schema_twin()["sessions"].ww["session_id"]),
        parent_dataframe_name="customers",
        primitive=p.Count,
    )
    read = read_features([ft.Feature(visits, primitive=p.CumSum)], given)
    plan = build_plan(given, given["customers"], EACH, [Part(TimeRule(), read.features)])

    assert [node.ever for node in nodes_of(plan, AllRows) if node.table.name == "customers"] == [False]


def test_an_input_from_a_parent_makes_it_once_for_each_cutoff_time() -> None:
    price = direct(column("products", "price"), "sales")
    plan = plan_of([ft.Feature(price, primitive=p.CumSum)], EACH)
    sales = [node for node in nodes_of(plan, AllRows) if node.table.name == "sales"]

    assert [node.ever for node in sales] == [False]


def test_a_shared_cutoff_time_needs_no_such_thing() -> None:
    (rows,) = nodes_of(plan_of([total()], LISTED), AllRows)

    assert (rows.ever, rows.timed) == (False, False)


def test_order_dependent_transforms_see_the_rows_asked_for_only() -> None:
    since = ft.Feature(column("sales", "sold"), primitive=p.TimeSincePrevious)

    assert nodes_of(plan_of([since], EACH), AllRows) == []


def test_features_whose_names_differ_by_case_have_columns_that_do_not() -> None:
    first = aggregated(column("sessions", "length"), "customers", p.Sum).rename("total")
    second = aggregated(column("sessions", "length"), "customers", p.Max).rename("TOTAL")
    matrix = plan_of([first, second]).matrix

    assert [output.name for output in matrix.outputs] == ["total", "TOTAL"]
    assert len({output.alias.casefold() for output in matrix.outputs}) == 2


def test_a_feature_called_like_a_column_has_another_column() -> None:
    named = aggregated(column("sessions", "length"), "customers", p.Sum).rename("City")
    (output,) = plan_of([named]).matrix.outputs

    assert output.alias.casefold() != "city"
