"""Featuretools' features as frozen nodes."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import featuretools as ft
import numpy as np
import pytest
from featuretools import primitives as p

from sparkfeat import errors
from sparkfeat.definitions import (
    AggregationFeature,
    DirectFeature,
    Feature,
    FeatureOutputSlice,
    GroupByTransformFeature,
    IdentityFeature,
    TransformFeature,
    bases_of,
    primitive_of,
    read_features,
    walk,
)
from sparkfeat.definitions.catalog import catalog
from sparkfeat.definitions.read import read_primitive
from sparkfeat.entityset import Relationship
from tests.definitions.kinds import KINDS, commonest
from tests.entityset.shop import LINKS, column, entityset, shop
from tests.plan.features import aggregated, count, direct

TO_CUSTOMERS, TO_SESSIONS, TO_PRODUCTS = (Relationship(*link) for link in LINKS)


def read(feature: ft.Feature) -> Any:
    """Return the node of one feature."""
    return read_features([feature], shop()).features[0]


def made(kind: str) -> Any:
    return read(KINDS[kind]())


@pytest.mark.parametrize("kind", KINDS)
def test_names_and_types_are_those_of_featuretools(kind: str) -> None:
    feature = KINDS[kind]()
    node = read(feature)
    schema = feature.column_schema

    assert node.names == tuple(feature.get_feature_names())
    assert node.table == feature.dataframe_name
    assert node.logical_type == (type(schema.logical_type).__name__ if schema.logical_type else None)
    assert node.semantic_tags == schema.semantic_tags


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("identity", IdentityFeature),
        ("direct", DirectFeature),
        ("aggregation", AggregationFeature),
        ("transform", TransformFeature),
        ("transform in groups", GroupByTransformFeature),
    ],
)
def test_a_feature_is_read_as(kind: str, expected: type[Feature]) -> None:
    assert type(made(kind)) is expected


def test_an_identity_names_its_column() -> None:
    assert made("identity").column == "city"


def test_a_direct_feature_names_its_relationship() -> None:
    assert (made("direct").relationship, made("direct").base.name) == (TO_PRODUCTS, "price")


def test_an_aggregation_names_its_path_from_the_nearest_table_on() -> None:
    assert made("aggregation").path == (TO_CUSTOMERS, TO_SESSIONS)


def test_an_aggregation_names_its_condition() -> None:
    node = made("aggregation with a condition")

    assert node.where.name == "device = phone"
    assert node.where in node.inputs


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("aggregation", "None"),
        ("aggregation of a time before", "3 Days"),
        ("aggregation of rows before", "3"),
    ],
)
def test_an_aggregation_names_what_it_looks_back_on(kind: str, expected: str) -> None:
    assert str(made(kind).use_previous) == expected


def test_a_group_is_no_base_but_an_input() -> None:
    node = made("transform in groups")

    assert [base.name for base in bases_of(node)] == ["amount"]
    assert [base.name for base in node.inputs] == ["amount", "product_id"]


def test_a_feature_of_several_columns_names_them_all() -> None:
    node = made("several columns")

    assert node.names == tuple(f"N_MOST_COMMON(sessions.device)[{n}]" for n in range(3))
    assert node.name == node.names[0]


def test_a_slice_is_one_of_several_columns() -> None:
    (slice_,) = made("transform of a slice").inputs

    assert isinstance(slice_, FeatureOutputSlice)
    assert (slice_.position, slice_.base.name) == (1, "N_MOST_COMMON(sessions.device)[0]")


def test_primitives_keep_all_their_arguments() -> None:
    primitive = read_primitive(p.NMostCommon(n=4))

    assert dict(primitive.arguments) == {"n": 4}
    assert read_primitive(p.CumSum()).arguments == ()
    assert dict(read_primitive(p.Trend()).arguments) == {}
    assert read_primitive(p.IsIn(["b", "a"])).argument("list_of_outputs") == ("b", "a")


@pytest.mark.parametrize(
    ("primitive", "expected"),
    [(p.Count(), 0), (p.Sum(), 0), (p.Max(), None), (p.NumUnique(), None), (p.WhitespaceCount(), 0)],
    ids=lambda each: getattr(each, "name", ""),
)
def test_a_default_is_a_plain_value(primitive: Any, expected: int | None) -> None:
    assert read_primitive(primitive).default == expected


@pytest.mark.parametrize(
    ("primitive", "full", "calc_time"),
    [(p.CumSum(), True, False), (p.TimeSincePrevious(), False, False), (p.TimeSince(), False, True)],
    ids=lambda each: getattr(each, "name", ""),
)
def test_a_primitive_says_what_it_needs(primitive: Any, full: bool, calc_time: bool) -> None:
    found_one = read_primitive(primitive)

    assert (found_one.uses_full_dataframe, found_one.uses_calc_time) == (full, calc_time)


def test_own_primitives_are_told_from_those_of_featuretools() -> None:
    class Sum(p.Sum):  # type: ignore[misc]
        """Called like one of Featuretools', but another."""

    assert read_primitive(p.Sum()).standard
    assert not read_primitive(Sum()).standard


def test_features_that_share_an_input_share_its_node() -> None:
    nodes = read_features([count("sessions", "customers"), KINDS["stacked"]()], shop()).features
    below = [part for node in nodes for part in walk(node) if part.name == "session_id"]

    assert len({id(part) for part in below}) == len(below) == 1


def test_walk_yields_inputs_after_what_needs_them_each_once() -> None:
    names = [part.name for part in walk(made("stacked"))]

    assert names == [
        "ABSOLUTE(MEAN(sessions.MAX(sales.amount)))",
        "MEAN(sessions.MAX(sales.amount))",
        "MAX(sales.amount)",
        "amount",
    ]


@pytest.mark.parametrize("kind", ["identity", "direct"])
def test_a_plain_value_has_no_primitive(kind: str) -> None:
    assert primitive_of(made(kind)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_nodes_cannot_be_changed(kind: str) -> None:
    with pytest.raises(FrozenInstanceError):
        made(kind).table = "another"


def test_a_direct_feature_has_the_default_of_its_base() -> None:
    assert read(direct(count("sessions", "customers"), "sessions")).default == 0


def test_the_originals_are_kept_by_feature() -> None:
    features = [KINDS["identity"](), KINDS["aggregation"]()]
    read_all = read_features(features, shop())

    assert [read_all.original(node) for node in read_all.features] == features
    assert read_all.names == ("city", "SUM(sales.amount)")


def test_a_slice_cannot_be_asked_for() -> None:
    with pytest.raises(errors.DefinitionError, match="is a slice"):
        read_features([commonest()[0]], shop())


@pytest.mark.parametrize(
    ("names", "message"),
    [(("customers", "products"), "No dataframe 'sessions'"), (("sessions", "products"), "'customers'")],
    ids=str,
)
def test_a_missing_table_is_told(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(errors.SchemaError, match=message):
        read_features([count("sessions", "customers")], entityset(names=names))


def test_a_missing_relationship_is_told_with_the_feature() -> None:
    given = entityset()
    given.relationships.clear()

    with pytest.raises(errors.SchemaError, match=r"no relationship sessions.customer_id.*COUNT\(sessions\)"):
        read_features([count("sessions", "customers")], given)


def test_a_missing_column_is_told_with_the_nearest() -> None:
    given = entityset(lambda _, frame: frame.rename(columns={"length": "lengths"}))

    with pytest.raises(errors.SchemaError, match=r"No column 'length'.*Did you mean 'lengths'"):
        read_features([aggregated(column("sessions", "length"), "customers", p.Sum)], given)


# The catalog ----------------------------------------------------------------------------------------------


def test_the_catalog_holds_what_featuretools_ships() -> None:
    kinds = {entry.name: entry.kind for entry in catalog()}

    assert kinds["sum"] == "aggregation"
    assert kinds["month"] == "transform"
    assert len(kinds) == len(catalog()) > 150


def test_arguments_are_values_that_can_be_compared() -> None:
    assert hash(read_primitive(p.IsIn(list_of_outputs=["a", ["b"]])))
    assert hash(read_primitive(p.AddNumericScalar(np.float64(2.5))))
