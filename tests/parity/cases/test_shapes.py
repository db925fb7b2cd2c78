"""Feature shapes rather than primitives: direct, where, groupby, stacked, several paths, masks, key types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import featuretools as ft
import featuretools.primitives as p
import numpy as np
import pandas as pd
import pytest

from tests.parity.cases.native import search
from tests.parity.cases.options import EACH, MANY, OPEN_WINDOW, WITHOUT_TIME
from tests.parity.conftest import Parity
from tests.parity.data import BEYOND_DOUBLE, day, days, flights, steps, traps
from tests.parity.harness import KnownDifference, computable, known_difference

NO_SPARK = ("duckdb", "featuretools")


def column(table: str, name: str) -> ft.Feature:
    return ft.Feature(traps()[table].ww[name])


def aggregate(base: Any, target: str, primitive: Any, where: ft.Feature | None = None) -> ft.Feature:
    return ft.Feature(base, parent_dataframe_name=target, primitive=primitive, where=where)


def compare(
    parity: Parity, features: list[ft.Feature], known: Iterable[KnownDifference] = (), **options: Any
) -> None:
    """Compare what Featuretools can compute, which must be something."""
    kept, expected = computable(traps(), features, **options)
    assert kept
    parity(traps(), kept, known_differences=known, expected=expected, **options)


@pytest.mark.parametrize("target", ["regions", "products", "customers", "events", "items"])
def test_identity_of_every_type(target: str, parity: Parity) -> None:
    names = [name for name in traps()[target].columns if name != "points"]

    compare(parity, [column(target, name) for name in names], cutoff_time=day(9))


def test_rows_that_are_not_visible_or_not_there(parity: Parity, engine: str) -> None:
    """Identity is null, aggregations take their default, integers become nullable."""
    features = [
        column("customers", "age"),
        column("customers", "active"),
        column("customers", "tier"),
        column("customers", "about"),
        ft.Feature(column("customers", "score"), primitive=p.IsNull),
        *(aggregate(traps()["events"].ww["event_id"], "customers", p.Count),),
        *(aggregate(column("events", "amount"), "customers", each) for each in (p.Sum, p.Mean)),
        *(aggregate(column("events", "color"), "customers", each) for each in (p.NumUnique, p.Mode)),
        aggregate(column("events", "flag"), "customers", p.PercentTrue),
    ]

    compare(parity, features, cutoff_time=day(9), instance_ids=[6, 77, 1, 5])


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
        aggregate(base, "customers", primitive, where)
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


def test_secondary_time_index(parity: Parity) -> None:
    """Masked while the secondary time is at or after the cutoff, whether the cutoff is included or not."""
    names = ("refund", "reason", "left")
    features = [
        *(column("customers", name) for name in names),
        *(ft.Feature(column("customers", name), primitive=p.IsNull) for name in names),
        ft.Feature(column("customers", "left"), primitive=p.Month),
        ft.Feature(
            ft.Feature(aggregate(column("customers", "refund"), "regions", p.Sum), "customers"),
            primitive=p.Negate,
        ),
        ft.Feature(aggregate(column("customers", "reason"), "regions", p.Mode), "customers"),
    ]
    for include in (True, False):
        compare(parity, features, cutoff_time=MANY, include_cutoff_time=include)


def test_window_with_open_end(parity: Parity) -> None:
    found = search("customers", agg_primitives=["count", "sum", "last"], trans_primitives=[], max_depth=2)

    compare(parity, found, **OPEN_WINDOW)


@pytest.mark.parametrize("window", ["1 mo", "36 h", pd.Timedelta(days=2), pd.DateOffset(months=1)], ids=str)
def test_kinds_of_window(window: Any, parity: Parity, engine: str) -> None:
    if engine == "spark" and window != "1 mo":
        pytest.skip("lengths are read before any engine sees them")
    found = search("customers", agg_primitives=["count", "sum"], trans_primitives=[], max_depth=1)

    compare(parity, found, cutoff_time=EACH, training_window=window)


def test_rows_without_a_cutoff_time_are_null(parity: Parity) -> None:
    features = [
        aggregate(traps()["events"].ww["event_id"], "customers", p.Count),
        aggregate(column("events", "amount"), "customers", p.Sum),
        column("customers", "score"),
        column("customers", "about"),
        column("customers", "tier"),
        column("customers", "active"),
    ]

    compare(parity, features, cutoff_time=WITHOUT_TIME)
    compare(parity, features, cutoff_time=WITHOUT_TIME, cutoff_time_in_index=True)


def test_cutoff_frame_with_other_column_orders_and_names(parity: Parity) -> None:
    features = [column("customers", "score"), aggregate(column("events", "amount"), "customers", p.Sum)]
    passed = pd.DataFrame(
        {
            "weight": [0.5, None, 2.0],
            "joined": days(5, 9, 4),
            "customer_id": [8, 2, 1],
            "class": pd.Categorical(["b", None, "a"]),
            "when": days(1, None, 3),
            "ok": [True, False, True],
            "n": [1, 2, 3],
        }
    )

    compare(parity, features, cutoff_time=passed)
    compare(parity, features, cutoff_time=passed, cutoff_time_in_index=True)


def test_text_and_date_cutoffs(parity: Parity, engine: str) -> None:
    features = [aggregate(column("events", "amount"), "customers", p.Sum)]
    times: list[Any] = ["2021-03-05", dt.datetime(2021, 3, 5), np.datetime64("2021-03-05")]
    for time in times if engine == "duckdb" else times[:1]:
        compare(parity, features, cutoff_time=time)
    texts = pd.DataFrame({"instance_id": [1, 8], "time": ["2021-03-05", "2021-03-09"]})
    compare(parity, features, cutoff_time=texts)


REFUSED: dict[str, dict[str, Any]] = {
    "same pair twice": {"cutoff_time": pd.DataFrame({"instance_id": [1, 1], "time": days(5, 5)})},
    "no instance column": {"cutoff_time": pd.DataFrame({"customer": [1], "time": days(5)})},
    "no time column": {"cutoff_time": pd.DataFrame({"instance_id": [1], "when": days(5)})},
    "two instance columns": {
        "cutoff_time": pd.DataFrame({"instance_id": [1], "customer_id": [1], "time": days(5)})
    },
    "empty frame": {"cutoff_time": pd.DataFrame({"instance_id": [1], "time": days(5)}).head(0)},
    "a number for a time": {"cutoff_time": 5.0},
    "a list": {"cutoff_time": days(5)},
    "not a time": {"cutoff_time": "yesterday at noon or so"},
    "with a zone": {"cutoff_time": pd.Timestamp("2021-03-05", tz="UTC")},
    "ids of another type": {"cutoff_time": pd.DataFrame({"instance_id": ["x"], "time": days(5)})},
    "same id twice": {"cutoff_time": day(5), "instance_ids": [1, 1]},
    "window in rows": {"cutoff_time": day(5), "training_window": "3 observations"},
    "window without a unit": {"cutoff_time": day(5), "training_window": "soon"},
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused(kind: str, parity: Parity, engine: str) -> None:
    if engine == "spark":
        pytest.skip("arguments are checked before any engine sees them")

    parity(traps(), [aggregate(column("events", "amount"), "customers", p.Sum)], **REFUSED[kind])


def test_time_zone_of_the_machine(parity: Parity, other_time_zone: str) -> None:
    """Times are what the clock on the wall showed: no zone, and no hour lost to daylight saving."""
    events = column("events", "at")
    features = [
        *(
            ft.Feature(aggregate(events, "customers", p.Last), primitive=each)
            for each in (p.Day, p.Weekday, p.Month)
        ),
        aggregate(events, "customers", p.TimeSinceLast),
        aggregate([column("events", "whole"), events], "customers", p.Trend),
        aggregate(events, "customers", p.AvgTimeBetween),
        column("customers", "left"),
    ]

    compare(parity, features, cutoff_time=MANY)


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
