"""The way to Featuretools and back: what is taken over, and the empty twin that features are defined on."""

from __future__ import annotations

from functools import cache
from typing import Any

import featuretools as ft
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from woodwork.logical_types import Ordinal

import sparkfeat as sf
from sparkfeat.entityset import Relationship
from tests.entityset.others import flights, steps
from tests.entityset.shop import day, found, frames, reference, shop


@cache
def full() -> ft.EntitySet:
    """Return an EntitySet that uses everything there is to carry over."""
    made = ft.EntitySet("full")
    people = pd.DataFrame(
        {
            "person": ["q", "p", "r"],
            "since": [day(2), day(1), day(3)],
            "rank": ["low", "high", None],
            "left": [day(5), None, day(4)],
            "reason": ["x", "y", None],
            "born": [day(1) - pd.Timedelta(days=9000)] * 3,
        }
    )
    made.add_dataframe(
        people,
        "people",
        index="person",
        time_index="since",
        logical_types={"rank": Ordinal(order=["low", "mid", "high"]), "reason": "Categorical"},
        semantic_tags={"born": "date_of_birth", "reason": "mine"},
        secondary_time_index={"left": ["reason"]},
        already_sorted=True,
    )
    visits = pd.DataFrame(
        {
            "visit": [4, 2, 9],
            "person": ["p", "q", "nobody"],
            "at": [day(3), day(3), None],
            "kind": ["a", "b", "a"],
        }
    )
    kinds = pd.CategoricalDtype(["b", "unused", "a"])
    made.add_dataframe(visits.astype({"kind": kinds}), "visits", index="visit", time_index="at")
    made.add_relationship("people", "person", "visits", "person")
    made.add_interesting_values(dataframe_name="visits", values={"kind": ["a"]})
    made.add_last_time_indexes()
    return made


@cache
def taken() -> sf.EntitySet:
    return sf.EntitySet.from_featuretools(full())


def test_the_id_is_taken_over() -> None:
    assert taken().id == "full"


def test_relationships_are_taken_over() -> None:
    assert taken().relationships == [Relationship("people", "person", "visits", "person")]


@pytest.mark.parametrize("table", ["people", "visits"])
def test_types_and_tags_are_taken_over(table: str) -> None:
    schema = full()[table].ww.columns
    found = {one.name: (one.logical_type, one.semantic_tags) for one in taken()[table].columns}

    assert found == {
        name: (type(one.logical_type).__name__, frozenset(one.semantic_tags)) for name, one in schema.items()
    }


@pytest.mark.parametrize(
    ("table", "index", "time"), [("people", "person", "since"), ("visits", "visit", "at")]
)
def test_keys_and_time_indexes_are_taken_over(table: str, index: str, time: str) -> None:
    assert (taken()[table].index, taken()[table].time_index) == (index, time)


def test_secondary_time_indexes_are_taken_over() -> None:
    assert taken()["people"].secondary_time_index == {"left": ("reason", "left")}


def test_last_time_indexes_are_taken_over() -> None:
    assert taken()["people"].last_time_index == "_ft_last_time"


def test_interesting_values_are_taken_over() -> None:
    assert taken()["visits"].column("kind").interesting_values == ("a",)


@pytest.mark.parametrize(
    ("table", "column", "categories"),
    [("people", "rank", ("low", "mid", "high")), ("visits", "kind", ("b", "unused", "a"))],
)
def test_category_lists_are_taken_over(table: str, column: str, categories: tuple[str, ...]) -> None:
    assert taken()[table].column(column).categories == categories


@pytest.mark.parametrize(("table", "index"), [("people", ["q", "p", "r"]), ("visits", [2, 4])])
def test_the_order_of_the_rows_is_taken_over(table: str, index: list[Any]) -> None:
    # The last visit has no time, so it is never visible.
    features = [
        ft.Feature(full()[table].ww[name]) for name in full()[table].ww.columns if name in ("rank", "kind")
    ]

    assert list(sf.calculate_feature_matrix(features, taken(), engine="duckdb").to_pandas().index) == index


@pytest.mark.parametrize("table", ["people", "visits"])
def test_values_are_taken_over(table: str) -> None:
    frame = full()[table]
    keys = (frame.ww.index, frame.ww.time_index, "_ft_last_time")
    features = [ft.Feature(frame.ww[name]) for name in frame.ww.columns if name not in keys]
    expected = ft.calculate_feature_matrix(features, full(), cutoff_time=day(30))
    computed = sf.calculate_feature_matrix(
        features, taken(), cutoff_time=day(30), engine="duckdb"
    ).to_pandas()

    assert_frame_equal(pd.DataFrame(computed), pd.DataFrame(expected))


def test_a_featuretools_entityset_can_be_given_in_place_of_an_own() -> None:
    features = found()
    computed = sf.calculate_feature_matrix(
        features, reference(), cutoff_time=day(9), engine="duckdb"
    ).to_pandas()

    expected = sf.calculate_feature_matrix(features, shop(), cutoff_time=day(9), engine="duckdb").to_pandas()
    assert_frame_equal(computed, expected)


def test_two_relationships_between_the_same_tables_are_computed() -> None:
    given = sf.EntitySet.from_featuretools(flights())
    features = sf.dfs(
        entityset=given,
        target_dataframe_name="airports",
        agg_primitives=["count", "max"],
        trans_primitives=[],
        features_only=True,
    )
    expected = ft.calculate_feature_matrix(features, flights(), cutoff_time=day(3))

    computed = sf.calculate_feature_matrix(features, given, cutoff_time=day(3), engine="duckdb").to_pandas()
    assert_frame_equal(pd.DataFrame(computed), pd.DataFrame(expected))


def test_columns_that_differ_by_case_only_are_refused() -> None:
    made = ft.EntitySet("case")
    made.add_dataframe(pd.DataFrame({"id": [1], "a": [1], "A": [2]}), "t", index="id")

    with pytest.raises(sf.errors.SchemaError, match="cannot be told apart"):
        sf.EntitySet.from_featuretools(made)


def test_times_finer_than_a_microsecond_are_refused() -> None:
    made = ft.EntitySet("fine")
    made.add_dataframe(pd.DataFrame({"id": [1], "at": [pd.Timestamp(1)]}), "t", index="id")

    with pytest.raises(sf.errors.DataError, match="finer than a microsecond"):
        sf.EntitySet.from_featuretools(made)


SEARCHES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "depth 3": {"max_depth": 3, "agg_primitives": ["count", "mode", "last"], "trans_primitives": []},
    "every primitive": {
        "agg_primitives": list(ft.primitives.get_aggregation_primitives()),
        "trans_primitives": list(ft.primitives.get_transform_primitives()),
        "max_depth": 1,
    },
    "where": {"where_primitives": ["count", "mean"], "agg_primitives": ["count", "mean"]},
    "groups": {"groupby_trans_primitives": ["cum_sum", "time_since_previous"], "trans_primitives": []},
    "all types": {"return_types": "all"},
}
SETS = {"full": full, "shop": reference, "flights": flights, "steps": steps}


def assert_same_search(original: ft.EntitySet, **options: Any) -> None:
    asked = {"target_dataframe_name": next(iter(original.dataframe_dict)), "features_only": True, **options}

    found = ft.dfs(entityset=sf.EntitySet.from_featuretools(original).schema_twin(), **asked)

    assert described(found) == described(ft.dfs(entityset=original, **asked))


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.filterwarnings("ignore:Some specified primitives were not used")
def test_dfs_finds_the_same_features_on_the_twin_by(search: str) -> None:
    assert_same_search(full(), **SEARCHES[search])


@pytest.mark.parametrize("name", SETS)
@pytest.mark.filterwarnings("ignore:Some specified primitives were not used")
def test_dfs_finds_the_same_features_on_the_twin_of(name: str) -> None:
    assert_same_search(SETS[name](), where_primitives=["count"])


def described(features: list[ft.Feature]) -> set[tuple[str, ...]]:
    """Return the names of features, and the types of their columns."""
    return {(str(each.get_name()), repr(each.column_schema)) for each in features}


def test_the_twin_holds_no_rows() -> None:
    assert [len(frame) for frame in shop().schema_twin().dataframes] == [0, 0, 0, 0]


def test_dfs_finds_the_same_features_on_a_table_described_anew() -> None:
    given = sf.EntitySet("anew")
    for name, frame in frames().items():
        table = reference()[name].ww
        types = {column: type(kind).__name__ for column, kind in table.logical_types.items()}
        given.add_dataframe(frame, name, index=table.index, time_index=table.time_index, logical_types=types)
    for link in reference().relationships:
        given.add_relationship(
            link.parent_name, link._parent_column_name, link.child_name, link._child_column_name
        )
    asked = {"target_dataframe_name": "customers", "features_only": True}

    found = sf.dfs(entityset=given, **asked)

    assert described(found) == described(ft.dfs(entityset=reference(), **asked))
