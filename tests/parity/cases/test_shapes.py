"""Shapes of features rather than primitives: direct, where, groupby, stacked, several paths, without time."""

from __future__ import annotations

from typing import Any

import featuretools as ft
import featuretools.primitives as p
import pandas as pd
import pytest

from tests.parity.cases.case import search
from tests.parity.cases.made import aggregate, column, compare
from tests.parity.cases.options import MANY
from tests.parity.conftest import Parity
from tests.parity.data import BEYOND_DOUBLE, day, days, traps
from tests.parity.harness import computable, known_difference
from tests.parity.small import flights, steps, timeless

pytestmark = [pytest.mark.heavy, pytest.mark.interpreted]


@pytest.mark.parametrize("target", ["regions", "products", "customers", "events", "items"])
def test_identity_of_every_type(target: str, parity: Parity) -> None:
    names = [name for name in traps()[target].columns if name != "points"]

    compare(parity, [column(target, name) for name in names], cutoff_time=day(9))


def test_integer_that_no_float_can_hold(parity: Parity) -> None:
    compare(parity, [column("customers", "points")], cutoff_time=day(9), instance_ids=[10, 1])


def test_integer_that_featuretools_rounds(parity: Parity, engine: str) -> None:
    """With an unknown instance in the call Featuretools' column goes through float64."""
    exact = known_difference("sparkfeat keeps the digits", features=["points"], engines=("duckdb", "spark"))

    compare(parity, [column("customers", "points")], [exact], cutoff_time=day(9), instance_ids=[10, 77])


def test_direct_features_and_their_defaults(parity: Parity) -> None:
    """A missing or hidden parent gives null, or the default of what it would have given."""
    counted = aggregate(traps()["events"].ww["event_id"], "products", p.Count)
    total = aggregate(column("events", "amount"), "products", p.Sum)
    several = aggregate(column("events", "color"), "products", p.NumUnique)
    bases = [
        counted,
        total,
        several,
        *(column("products", name) for name in ("price", "stock", "label", "fair")),
    ]
    customer = [column("customers", name) for name in ("tier", "age", "active", "segment", "home", "joined")]
    direct = [ft.Feature(base, "events") for base in (*bases, *customer)]
    twice = [ft.Feature(ft.Feature(column("regions", "area"), "customers"), "events")]

    compare(parity, [*direct, *twice], cutoff_time=day(7))


def test_aggregations_of_direct_features(parity: Parity) -> None:
    prices = ft.Feature(column("products", "price"), "events")
    fair = ft.Feature(column("products", "fair"), "events")
    labels = ft.Feature(column("products", "label"), "events")
    stock = ft.Feature(column("products", "stock"), "events")
    features = [
        *(aggregate(prices, "customers", each) for each in (p.Sum, p.Mean, p.Last, p.Std)),
        *(aggregate(labels, "customers", each) for each in (p.Mode, p.NumUnique, p.First)),
        *(aggregate(stock, "customers", each) for each in (p.Max, p.Mean)),
        aggregate(fair, "customers", p.PercentTrue),
    ]

    compare(parity, features, cutoff_time=MANY)


def test_windows_over_times_that_are_missing(parity: Parity) -> None:
    """Rows whose parent is missing or hidden have no time: no slope needs them, and some counts have them."""
    columns = [ft.Feature(column("customers", "joined"), "events"), column("events", "amount")]
    trends = [
        p.ExpandingTrend(gap=0, min_periods=0),
        p.ExpandingTrend(min_periods=2),
        p.RollingTrend(4, gap=0, min_periods=0),
        p.RollingTrend(6, gap=1, min_periods=3),
    ]
    counts = [p.ExpandingCount(gap=0), p.ExpandingCount(gap=2, min_periods=3), p.RollingCount(gap=0)]
    features = [
        *(ft.Feature(columns, primitive=each) for each in trends),
        *(ft.Feature(columns[:1], primitive=each) for each in counts),
    ]
    compare(parity, features, cutoff_time=day(9))


def test_counts_of_the_key_that_groups_are_made_by(parity: Parity) -> None:
    """A key may be a category, and is counted beside the others."""
    entityset = ft.EntitySet("keys")
    visits = pd.DataFrame({"id": range(5), "shop": list("aabbc"), "kind": list("xyxxy")})
    kinds = {"shop": "Categorical", "kind": "Categorical"}
    entityset.add_dataframe(
        pd.DataFrame({"shop": list("abcd")}), "shops", index="shop", logical_types={"shop": "Categorical"}
    )
    entityset.add_dataframe(visits, "visits", index="id", logical_types=kinds)
    entityset.add_relationship("shops", "shop", "visits", "shop")
    columns = [ft.Feature(entityset["visits"].ww[name]) for name in kinds]
    counts = [p.Entropy, p.NumUnique, p.Mode]

    parity(entityset, [aggregate(base, "shops", each) for base in columns for each in counts])


def test_where(parity: Parity) -> None:
    """Null is not selected; conditions of every kind, on a group, on none, on transforms and parents."""
    events = traps()["events"].ww
    conditions = [
        ft.Feature(column("events", "color"), primitive=p.EqualScalar("red")),
        ft.Feature(column("events", "color"), primitive=p.EqualScalar("never")),
        ft.Feature(column("events", "check"), primitive=p.EqualScalar(True)),
        column("events", "check"),
        column("events", "flag"),
        ft.Feature(column("events", "amount"), primitive=p.GreaterThanScalar(1)),
        ft.Feature(column("events", "amount"), primitive=p.IsNull),
        ft.Feature([column("events", "amount"), column("events", "other")], primitive=p.LessThan),
        ft.Feature(ft.Feature(column("products", "price"), "events"), primitive=p.LessThanScalar(5)),
    ]
    features = [
        aggregate(base, "customers", primitive, where=where)
        for where in conditions
        for base, primitive in (
            (events["event_id"], p.Count),
            (column("events", "whole"), p.Sum),
            (column("events", "size"), p.Mode),
            (column("events", "amount"), p.Last),
            (column("events", "digit"), p.NumUnique),
        )
    ]

    compare(parity, features, cutoff_time=MANY)


def test_groups_with_null_keys(parity: Parity) -> None:
    events = traps()["events"].ww
    keys = [events[name] for name in ("product_id", "color", "size", "digit", "customer_id")]
    made = [
        ft.Feature(base, groupby=key, primitive=primitive)
        for key in keys
        for base, primitive in (
            (events["amount"], p.CumSum),
            (events["count"], p.CumSum),
            (events["color"], p.CumCount),
            (events["whole"], p.Diff),
            (events["at"], p.TimeSincePrevious),
        )
    ]
    grouped_by_parent = ft.Feature(
        column("events", "amount"),
        groupby=ft.Feature(column("customers", "tier"), "events"),
        primitive=p.CumSum,
    )
    lasts = [aggregate(feature, "customers", p.Last) for feature in made[:6]]

    compare(parity, [*made, grouped_by_parent], cutoff_time=day(8))
    compare(parity, lasts, cutoff_time=day(8))


@pytest.mark.parametrize("target", ["regions", "customers", "items"])
def test_depth_three(target: str, parity: Parity, engine: str) -> None:
    found = search(
        target,
        agg_primitives=["mean", "max", "count", "mode", "last", "std"],
        trans_primitives=["month", "add_numeric"],
        max_depth=3,
        max_features=1500,
    )
    ids = {"cutoff_time": MANY} if target == "customers" else {"cutoff_time": day(8)}

    compare(parity, found[:: len(found) // 40 + 1], **ids)


def test_deepest_stack_by_hand(parity: Parity) -> None:
    """Items to events to customers to regions and back to customers, with a transform at every step."""
    weight = ft.Feature(column("items", "weight"), primitive=p.Negate)
    event = ft.Feature(aggregate(weight, "events", p.Sum), primitive=p.AddNumericScalar(1))
    customer = ft.Feature(aggregate(event, "customers", p.Mean), primitive=p.Negate)
    region = ft.Feature(aggregate(customer, "regions", p.Max), primitive=p.MultiplyNumericScalar(2))
    back = ft.Feature(region, "customers")

    compare(parity, [back, ft.Feature([back, customer], primitive=p.SubtractNumeric)], cutoff_time=MANY)


def test_functions_along_rows_of_two_tables_below_a_grandparent(parity: Parity) -> None:
    """All rows of the events have no key of a region: no feature of all regions needs one."""
    amount = ft.Feature(column("events", "amount"), primitive=p.CumMean)
    weight = ft.Feature(column("items", "weight"), primitive=p.CumMean)
    made = [aggregate(amount, "regions", p.Max), aggregate(weight, "regions", p.Max)]

    compare(parity, [ft.Feature(one, "customers") for one in made], cutoff_time=MANY)


def test_paths_over_two_relationships_of_the_same_tables(parity: Parity) -> None:
    for target in ("airports", "flights"):
        features = ft.dfs(
            entityset=flights(),
            target_dataframe_name=target,
            agg_primitives=["count", "sum", "last", "percent_true", "mean"],
            trans_primitives=["is_null"],
            max_depth=3,
            features_only=True,
        )
        kept, expected = computable(flights(), sorted(features, key=str), cutoff_time=day(5))
        assert kept
        parity(flights(), kept[:60], expected=expected[list(expected.columns[:60])], cutoff_time=day(5))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"cutoff_time": 3.0},
        {"cutoff_time": 3.0, "include_cutoff_time": False},
        {"cutoff_time": pd.DataFrame({"machine": ["m1", "m3", "m1", "m9"], "time": [3.0, 2.0, 99.0, 5.0]})},
    ],
    ids=["none", "shared", "before", "frame"],
)
def test_numeric_time(options: dict[str, Any], parity: Parity) -> None:
    features = ft.dfs(
        entityset=steps(),
        target_dataframe_name="machines",
        agg_primitives=["count", "sum", "first", "last", "max"],
        trans_primitives=["cum_sum", "diff", "is_null"],
        features_only=True,
    )
    kept, expected = computable(steps(), sorted(features, key=str), **options)

    assert kept
    parity(steps(), kept, expected=expected, **options)


@pytest.mark.parametrize("cutoff_time", [None, day(3), "frame"], ids=["none", "shared", "frame"])
def test_tables_without_time(cutoff_time: Any, parity: Parity) -> None:
    """The order of the rows and the sets that cumulate are there all the same."""
    frame = pd.DataFrame({"instance_id": [1, 2, 1, 9], "time": days(1, 1, 2, 2)})
    options = {"cutoff_time": frame if cutoff_time == "frame" else cutoff_time}
    made = ft.dfs(
        entityset=timeless(),
        target_dataframe_name="parents",
        agg_primitives=["last", "sum", "count"],
        trans_primitives=["diff", "cum_sum"],
        groupby_trans_primitives=["cum_sum"],
        features_only=True,
    )
    kept, expected = computable(timeless(), sorted(made, key=str), **options)

    assert len(kept) > 5
    parity(timeless(), kept, expected=expected, **options)


def test_groups_in_tables_with_and_without_time(parity: Parity) -> None:
    """Events have a time, their items none; both are grouped, both lead to customers."""
    events, items = traps()["events"].ww, traps()["items"].ww
    by_customer = ft.Feature(events["color"], groupby=events["customer_id"], primitive=p.CumCount)
    by_event = ft.Feature(items["kind"], groupby=items["event_id"], primitive=p.CumCount)

    compare(
        parity,
        [aggregate(by_customer, "customers", p.Median), aggregate(by_event, "customers", p.Std)],
        cutoff_time=MANY,
    )


def test_same_feature_twice_in_the_tree_and_renamed(parity: Parity) -> None:
    total = aggregate(column("events", "amount"), "customers", p.Sum)
    renamed = ft.Feature([total, total], primitive=p.AddNumeric).rename('odd "name", with.dots [0]')
    other = aggregate(column("events", "amount"), "customers", p.Max).rename('ODD "NAME", with.dots [0]')

    compare(parity, [total, renamed, other], cutoff_time=MANY)


def test_all_of_the_data_is_there() -> None:
    """The traps must stay what their description says."""
    events = traps()["events"]
    assert events["at"].duplicated().any()
    assert events["at"].isna().sum() == 1
    assert set(events["customer_id"]) - set(traps()["customers"]["customer_id"]) == {99}
    assert traps()["customers"]["points"].max() == BEYOND_DOUBLE
    assert list(events["color"].cat.categories) == ["red", "green", "never", "blue"]
