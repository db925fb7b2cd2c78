from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import featuretools as ft
import pandas as pd
import pytest
from featuretools.primitives import Sum

from sparkfeat.definitions import Definitions, Feature, read_features, search_features, walk
from sparkfeat.entityset import EntitySet
from sparkfeat.errors import ConfigError, DefinitionError
from sparkfeat.pipelines.definitions import find_feature, read_definitions, say
from sparkfeat.pipelines.feature_layout import inputs_with_roles, lay_out
from sparkfeat.pipelines.feature_picture import draw_feature
from tests.pipelines.small_shop import write_shop


def shop() -> EntitySet:
    """Return customers with orders, and one interesting region."""
    customers = pd.DataFrame({"id": [1, 2], "region": pd.Categorical(["north", "south"])})
    orders = pd.DataFrame(
        {
            "id": [1, 2],
            "customer_id": [1, 2],
            "ordered": pd.to_datetime(["2024-01-01", "2024-01-02"]),
            "amount": [1.5, 2.5],
            "kind": pd.Categorical(["web", "shop"]),
        }
    )
    es = EntitySet("shop")
    es.add_dataframe(customers, "customers", index="id")
    es.add_dataframe(orders, "orders", index="id", time_index="ordered")
    es.add_relationship("customers", "id", "orders", "customer_id")
    return es.add_interesting_values(dataframe_name="orders", values={"kind": ["web"]})


def definitions_of(target: str, **primitives: list[str]) -> Definitions:
    """Return what dfs finds for a table of the shop."""
    es = shop()
    return read_features(search_features(es, target, max_depth=3, **primitives), es)


@pytest.fixture(scope="module")
def of_orders() -> Definitions:
    return definitions_of(
        "orders",
        agg_primitives=["n_most_common"],
        trans_primitives=["month"],
        groupby_trans_primitives=["cum_sum"],
    )


@pytest.fixture(scope="module")
def of_customers() -> Definitions:
    return definitions_of(
        "customers",
        agg_primitives=["sum", "n_most_common"],
        trans_primitives=["divide_numeric"],
        groupby_trans_primitives=["cum_sum"],
        where_primitives=["sum"],
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("amount", "the column amount"),
        ("customers.region", "region of the row of customers that customer_id points at"),
        ("MONTH(ordered)", "month of ordered of the same row"),
        ("CUM_SUM(amount) by customer_id", "cum_sum of amount among the rows with the same customer_id"),
    ],
)
def test_features_are_said_in_words(of_orders: Definitions, name: str, sentence: str) -> None:
    assert say(find_feature(of_orders, name)) == sentence


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("SUM(orders.amount)", "sum of amount over the rows of orders"),
        ("SUM(orders.amount WHERE kind = web)", "sum of amount over the rows of orders where kind = web"),
        ("N_MOST_COMMON(orders.kind)[1]", "n_most_common(n=3) of kind over the rows of orders"),
    ],
)
def test_aggregations_are_said_in_words(of_customers: Definitions, name: str, sentence: str) -> None:
    assert say(find_feature(of_customers, name)) == sentence


@pytest.mark.parametrize(
    ("use_previous", "ending"),
    [("2 observations", ", the last 2 of them"), ("3 days", ", within 3 Days before the cutoff")],
)
def test_rows_before_the_cutoff_are_said_in_words(use_previous: str, ending: str) -> None:
    es = shop()
    amount = ft.Feature(es.schema_twin()["orders"].ww["amount"])
    last = ft.Feature(
        amount, parent_dataframe_name="customers", primitive=Sum, use_previous=ft.Timedelta(use_previous)
    )

    assert say(read_features([last], es).features[0]).endswith(ending)


def test_unknown_feature_names_the_nearest(of_orders: Definitions) -> None:
    with pytest.raises(
        DefinitionError, match=r"No feature 'MONTH\(order\)'\. Did you mean 'MONTH\(ordered\)'\?"
    ):
        find_feature(of_orders, "MONTH(order)")


def test_output_of_a_feature_finds_it(of_customers: Definitions) -> None:
    many = next(feature for feature in of_customers.features if len(feature.names) > 1)

    assert find_feature(of_customers, many.names[-1]) is many


def test_definitions_of_a_configuration(tmp_path: Path) -> None:
    definitions = read_definitions(str(write_shop(tmp_path)))

    assert definitions.names == ("COUNT(orders)", "SUM(orders.amount)")


def test_definitions_of_a_saved_file(tmp_path: Path, of_customers: Definitions) -> None:
    path = tmp_path / "features.json"
    ft.save_features(list(of_customers.originals), str(path))

    assert read_definitions(str(path)).names == of_customers.names


def test_file_that_holds_no_definitions(tmp_path: Path) -> None:
    path = tmp_path / "features.json"
    path.write_text("{}")

    with pytest.raises(DefinitionError, match="Not a file of feature definitions"):
        read_definitions(str(path))
    with pytest.raises(ConfigError, match="No such configuration file"):
        read_definitions(str(tmp_path / "shop.yaml"))


def deepest(definitions: Definitions) -> Feature:
    """Return the feature made of the most others."""
    return max(definitions.features, key=lambda feature: len(list(walk(feature))))


def test_inputs_stand_left_of_what_is_made_of_them(of_customers: Definitions) -> None:
    feature = deepest(of_customers)
    heights = dict.fromkeys(walk(feature), 1.0)

    layout = lay_out(feature, heights, gap=0.5)

    assert [spot.feature for spot in layout.columns[-1]] == [feature]
    assert {spot.feature for column in layout.columns for spot in column if spot.feature} == set(heights)
    for line in layout.lines:
        columns = [spot.column for spot in line.spots]
        assert columns == list(range(columns[0], columns[-1] + 1))


def test_boxes_of_a_column_do_not_touch(of_customers: Definitions) -> None:
    feature = deepest(of_customers)

    layout = lay_out(feature, dict.fromkeys(walk(feature), 1.0), gap=0.5)

    for column in layout.columns:
        for upper, lower in pairwise(column):
            assert upper.y - upper.height / 2 - 0.5 == pytest.approx(lower.y + lower.height / 2)


def test_condition_and_group_are_told_from_plain_inputs(
    of_orders: Definitions, of_customers: Definitions
) -> None:
    grouped = find_feature(of_orders, "CUM_SUM(amount) by customer_id")
    filtered = find_feature(of_customers, "SUM(orders.amount WHERE kind = web)")

    assert [(base.name, role) for base, role in inputs_with_roles(grouped)] == [
        ("amount", ""),
        ("customer_id", "grouped by"),
    ]
    assert [(base.name, role) for base, role in inputs_with_roles(filtered)] == [
        ("amount", ""),
        ("kind = web", "where"),
    ]


def test_every_feature_can_be_drawn(of_customers: Definitions, tmp_path: Path) -> None:
    path = tmp_path / "feature.png"

    draw_feature(deepest(of_customers), path)

    assert path.read_bytes().startswith(b"\x89PNG")
