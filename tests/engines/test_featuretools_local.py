from __future__ import annotations

import featuretools as ft
import numpy as np
import pandas as pd
import pytest
from featuretools.feature_base.feature_base import _ES_REF
from woodwork.column_schema import ColumnSchema

import sparkfeat as sf
from sparkfeat.engines.featuretools import build_entityset, compute_local, partition_reason
from sparkfeat.errors import EngineError
from sparkfeat.testing.compare import differences
from tests.parity.data import BEYOND_DOUBLE, days, traps
from tests.parity.frames import local_rows
from tests.parity.harness import computable, oracle
from tests.parity.small import flights, steps

NOON = pd.Timestamp("2021-03-09 12:00")


def features_of(entityset: ft.EntitySet, target: str, **options: object) -> list[ft.Feature]:
    made = ft.dfs(entityset=entityset, target_dataframe_name=target, features_only=True, **options)
    return sorted(made, key=lambda feature: str(feature.get_name()))


def compute(
    entityset: ft.EntitySet, features: list[ft.Feature], cutoffs: pd.DataFrame, **options: object
) -> pd.DataFrame:
    given = sf.EntitySet.from_featuretools(entityset)
    return compute_local(given, local_rows(given), features, cutoffs, **options)


@pytest.mark.parametrize("entityset", [traps(), flights(), steps()], ids=lambda entityset: entityset.id)
def test_entityset_is_the_one_it_was_taken_from(entityset: ft.EntitySet) -> None:
    given = sf.EntitySet.from_featuretools(entityset)

    built = build_entityset(given, local_rows(given))

    assert built.relationships == entityset.relationships
    for frame in entityset.dataframes:
        again = built[frame.ww.name]
        assert again.ww.types.equals(frame.ww.types)
        assert [again.ww.index, again.ww.time_index] == [frame.ww.index, frame.ww.time_index]
        kept = ("secondary_time_index", "last_time_index")
        assert [again.ww.metadata.get(key) for key in kept] == [frame.ww.metadata.get(key) for key in kept]
        pd.testing.assert_frame_equal(
            pd.DataFrame(again)[list(frame.columns)], pd.DataFrame(frame), check_column_type=False
        )


def test_interesting_values_are_kept() -> None:
    given = sf.EntitySet.from_featuretools(traps())

    built = build_entityset(given, local_rows(given))

    assert built["events"].ww.columns["color"].metadata["interesting_values"] == ["red", "blue"]


CUTOFFS = pd.DataFrame(
    {
        "instance_id": [8, 1, 1, 6, 5, 77, 2, 1, 10],
        "time": days(7, 5, 4.99, 9, 9, 9, None, 31, 9),
    }
)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"include_cutoff_time": False},
        {"training_window": "3 days"},
        {"approximate": "2 days"},
    ],
    ids=str,
)
def test_values_are_those_of_featuretools(options: dict[str, object]) -> None:
    chosen = features_of(traps(), "customers", max_depth=3)[::20]
    features, expected = computable(traps(), chosen, cutoff_time=CUTOFFS, **options)
    assert len(features) > 40

    rows = compute(traps(), features, CUTOFFS, **options)

    assert list(rows["instance_id"]) == list(CUTOFFS["instance_id"])
    assert rows["time"].equals(CUTOFFS["time"])
    matrix = rows.iloc[:, 2:].set_axis(expected.index, axis=0)
    told = differences(expected, matrix, {})
    # With a null cutoff Featuretools leaves integers and booleans as floats and objects.
    assert {name: text for name, text in told.items() if not text.startswith("dtype")} == {}


def test_shared_cutoff_types_are_those_of_featuretools() -> None:
    features, _ = computable(traps(), features_of(traps(), "customers", max_depth=2), cutoff_time=NOON)
    cutoffs = pd.DataFrame({"instance_id": [8, 1, 3], "time": NOON})

    rows = compute(traps(), features, cutoffs)

    expected = oracle(traps(), features, cutoff_time=NOON, instance_ids=[8, 1, 3])
    assert differences(expected, rows.iloc[:, 2:].set_axis(expected.index, axis=0), {}) == {}


def test_numeric_time() -> None:
    features = features_of(steps(), "machines")
    cutoffs = pd.DataFrame({"instance_id": ["m1", "m2", "m3"], "time": [3.0, 4.0, np.inf]})

    rows = compute(steps(), features, cutoffs)

    expected = oracle(steps(), features, cutoff_time=cutoffs)
    assert differences(expected, rows.iloc[:, 2:].set_axis(expected.index, axis=0), {}) == {}


def test_no_digit_of_an_integer_is_lost() -> None:
    features = [ft.Feature(traps()["customers"].ww["points"])]

    rows = compute(traps(), features, pd.DataFrame({"instance_id": [10], "time": [NOON]}))

    assert rows["points"].tolist() == [BEYOND_DOUBLE]


def test_rows_without_a_time_are_null() -> None:
    features = features_of(traps(), "customers", agg_primitives=["count"], trans_primitives=["is_null"])
    cutoffs = pd.DataFrame({"instance_id": [1, 2], "time": [pd.NaT, NOON]})

    rows = compute(traps(), features, cutoffs)
    never = compute(traps(), features, cutoffs.head(1))

    assert rows["COUNT(events)"].dtype == "Int64"
    assert rows["IS_NULL(score)"].dtype == "boolean"
    assert rows.iloc[0, 2:].isna().all()
    assert never.iloc[:, 2:].isna().all(axis=None)
    assert list(never.columns) == list(rows.columns)


class Fussy(ft.primitives.AggregationPrimitive):  # type: ignore[misc]
    """A primitive that fails on numbers above 40."""

    name = "fussy"
    input_types = [ColumnSchema(semantic_tags={"numeric"})]  # noqa: RUF012
    return_type = ColumnSchema(semantic_tags={"numeric"})

    def get_function(self) -> object:
        def refuse(values: pd.Series) -> float:
            if (values > 40).any():
                raise ZeroDivisionError("fussy")
            return 1.0

        return refuse


def test_feature_that_fails_is_named() -> None:
    features = features_of(
        traps(), "customers", agg_primitives=["sum", Fussy], trans_primitives=[], max_depth=1
    )

    with pytest.raises(EngineError, match=r"cannot compute FUSSY\(events\.amount\)") as failure:
        compute(traps(), features, pd.DataFrame({"instance_id": [2], "time": [NOON]}))

    assert isinstance(failure.value.__cause__, ZeroDivisionError)


def test_values_that_do_not_fit_are_told() -> None:
    given = sf.EntitySet.from_featuretools(traps())
    frames = local_rows(given)
    frames["events"]["amount"] = "much"

    with pytest.raises(EngineError, match=r"Double.*'events', column 'amount'"):
        build_entityset(given, frames)


def test_rows_are_not_kept_in_memory() -> None:
    before = set(_ES_REF)

    compute(traps(), [ft.Feature(traps()["customers"].ww["points"])], CUTOFFS)

    assert set(_ES_REF) == before


@pytest.mark.parametrize(
    ("target", "options", "reason"),
    [
        ("customers", {"max_depth": 2, "trans_primitives": ["month"]}, None),
        ("events", {"agg_primitives": [], "max_depth": 2}, None),
        ("customers", {"trans_primitives": ["cum_sum"]}, "needs all rows of 'customers' at once"),
        ("customers", {"trans_primitives": ["diff"], "agg_primitives": ["max"]}, "needs all rows of '"),
        ("events", {"trans_primitives": ["time_since_previous"]}, "computed together"),
        ("events", {"agg_primitives": ["sum"], "max_depth": 2}, "goes up to a parent table and down again"),
    ],
)
def test_partition_reason(target: str, options: dict[str, object], reason: str | None) -> None:
    ignored = ["regions"] if target == "customers" and reason is None else None
    told = partition_reason(features_of(traps(), target, ignore_dataframes=ignored, **options))

    assert told is None if reason is None else reason in str(told)


def test_groups_of_one_customer_stay_whole() -> None:
    events = traps()["events"].ww
    sums = ft.Feature(events["amount"], groupby=events["customer_id"], primitive=ft.primitives.CumSum)
    by_product = ft.Feature(events["amount"], groupby=events["product_id"], primitive=ft.primitives.CumSum)

    assert (
        partition_reason([ft.Feature(sums, parent_dataframe_name="customers", primitive=ft.primitives.Max)])
        is None
    )
    assert "'events'" in str(
        partition_reason(
            [ft.Feature(by_product, parent_dataframe_name="customers", primitive=ft.primitives.Max)]
        )
    )
    assert "'events'" in str(partition_reason([sums]))


def test_way_up_again_reads_rows_of_the_same_customer() -> None:
    items, events = traps()["items"].ww, traps()["events"].ww
    weights = ft.Feature(items["weight"], parent_dataframe_name="events", primitive=ft.primitives.Sum)
    shared = ft.Feature(
        ft.Feature(weights, "items"), parent_dataframe_name="customers", primitive=ft.primitives.Max
    )

    assert "items" in shared.get_name()
    assert events.name == "events"
    assert partition_reason([shared]) is None


def test_unknown_categories_keep_rows_together() -> None:
    features = [
        ft.Feature(
            traps()["events"].ww["color"],
            parent_dataframe_name="customers",
            primitive=ft.primitives.AverageCountPerUnique,
        )
    ]

    assert "counts all categories of 'events.color'" in str(partition_reason(features))
    assert partition_reason(features, sf.EntitySet.from_featuretools(traps())) is None
