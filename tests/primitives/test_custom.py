"""SQL registered for users' primitives: what is refused, what is replaced, where it counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import featuretools as ft
import pytest
from featuretools import primitives as p

import sparkfeat as sf
from sparkfeat.definitions import read_features
from sparkfeat.definitions.calls import Call
from sparkfeat.definitions.dtypes import is_masked
from sparkfeat.definitions.read import read_primitive
from sparkfeat.errors import UserInputError
from sparkfeat.primitives import Shape, find_row, unregister_primitive
from sparkfeat.primitives.custom import custom_rows
from tests.entityset.shop import column, shop
from tests.plan.features import aggregated
from tests.primitives import own
from tests.primitives.own import NUMBER, Scaled, Spread


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    for primitive in custom_rows():
        unregister_primitive(primitive)


def row_of(primitive: Any) -> Any:
    return find_row(read_primitive(primitive))


def matrix(primitive: Any, engine: str = "duckdb") -> sf.FeatureMatrix:
    """Return the matrix of an aggregation, or of a transform of one."""
    length = column("sessions", "length")
    feature = (
        aggregated(length, "customers", primitive)
        if issubclass(primitive, p.AggregationPrimitive)
        else ft.Feature(aggregated(length, "customers", p.Max), primitive=primitive)
    )
    return sf.calculate_feature_matrix([feature], shop(), engine=engine)


@pytest.mark.parametrize(
    ("primitive", "shape"),
    [
        (own.Spread, Shape.AGGREGATE),
        (own.Often, Shape.VALUE_COUNTS),
        (own.Weekend, Shape.EXPRESSION),
        (own.CumSum, Shape.WINDOW),
        (own.Scaled, Shape.WINDOW),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_shape_is_told_by_class_and_text(primitive: Any, shape: Shape) -> None:
    sf.register_primitive(primitive, **own.SQL[primitive])

    assert row_of(primitive()).shape is shape


def test_a_class_is_registered_by_decorating_it() -> None:
    @sf.register_primitive(sql="max(x)")
    class Largest(Spread):
        name = "largest"

    assert row_of(Largest()).sql(Call("out", read_primitive(Largest()), ()), "spark") == "max(x)"


def test_what_was_registered_before_is_replaced() -> None:
    sf.register_primitive(Spread, "max(x)", masked=True)
    sf.register_primitive(Spread, "min(x)")

    assert row_of(Spread()).duckdb == "min(x)"
    (node,) = read_features([aggregated(column("sessions", "length"), "customers", Spread)], shop()).features
    assert not is_masked(node)


def test_classes_of_one_name_are_told_apart() -> None:
    def another() -> type:
        return type("Spread", (p.AggregationPrimitive,), {**vars(Spread), "__dict__": {}})

    first, second = another(), another()
    sf.register_primitive(first, "max(x)")
    sf.register_primitive(own.CumSum, "abs(x)")

    assert row_of(first()) is not None
    assert row_of(second()) is None
    assert row_of(Spread()) is None
    assert row_of(p.CumSum()).duckdb != row_of(own.CumSum()).duckdb == "abs(x)"


def test_a_subclass_has_its_own_function_and_no_sql() -> None:
    sf.register_primitive(Spread, "max(x)")

    assert row_of(type("Narrow", (Spread,), {})()) is None


def test_what_is_taken_back_is_gone() -> None:
    sf.register_primitive(Spread, "max(x)")
    sf.unregister_primitive(Spread)

    assert row_of(Spread()) is None
    with pytest.raises(UserInputError, match="No SQL is registered for"):
        sf.unregister_primitive(Spread)


REFUSED_CLASSES: dict[str, tuple[Any, str]] = {
    "an instance": (Spread(), "not an instance"),
    "another class": (dict, "no class of a primitive"),
    "a text": ("spread", "no class of a primitive"),
    "one of Featuretools": (p.Sum, r"primitive of Featuretools.*subclass"),
}


@pytest.mark.parametrize("case", REFUSED_CLASSES)
def test_a_class_is_refused_that_is(case: str) -> None:
    given, told = REFUSED_CLASSES[case]

    with pytest.raises(UserInputError, match=told):
        sf.register_primitive(given, "max(x)")


REFUSED_TEXTS: dict[str, tuple[type, dict[str, Any], str]] = {
    "nothing": (Spread, {}, "No SQL is given for Spread"),
    "no SQL": (Spread, {"sql": "max(x) +"}, r"Cannot use 'max\(x\) \+' \(.*SQL of Spread\)"),
    "open parentheses": (Spread, {"duckdb": "max(x"}, "parentheses do not match"),
    "a query": (Spread, {"sql": "max(x) FROM y"}, "not one expression"),
    "two columns": (Spread, {"sql": "max(x), min(x)"}, "not one expression"),
    "two statements": (Spread, {"sql": "max(x); DROP TABLE customers"}, "not one expression"),
    "a name": (Spread, {"sql": "max(x) AS y"}, "not one expression"),
    "an unknown letter": (Spread, {"sql": "max(amount)"}, r"'amount' stands for nothing.*Known: o, x"),
    "an input too many": (Spread, {"sql": "max(y)"}, "'y' stands for nothing"),
    "a quoted letter": (Spread, {"duckdb": 'max("x")'}, "'x' stands for nothing"),
    "the time of a class without": (Spread, {"sql": "max(t)"}, "t needs uses_calc_time"),
    "the order in an expression": (Scaled, {"sql": "x + o"}, "'o' stands for nothing"),
    "a part of a value": (Spread, {"sql": "max(x.latitude)"}, r"write \(x\).latitude"),
    "a window of a group": (
        Spread,
        {"sql": "max(x) OVER ()"},
        "A window function",
    ),
    "a step called like an input": (
        Spread,
        {"sql": "max(b)", "steps": ({"b": "lag(x) OVER ()"}, {"y": "b"})},
        "A step cannot be called 'y'",
    ),
    "a letter of a later step": (
        Spread,
        {"sql": "max(a)", "steps": ({"a": "b"}, {"b": "x"})},
        "'b' stands for nothing",
    ),
    "a step that is no mapping": (Spread, {"sql": "max(a)", "steps": ("a",)}, "Steps that are no mappings"),
    "a stage called like an input": (
        Spread,
        {"sql": "max(x)", "stage": {"x": "avg(x)"}},
        "cannot be called 'x'",
    ),
    "a stage that cannot be read": (
        Spread,
        {"sql": "max(x - m)", "stage": {"m": "avg(q)"}},
        "'q' stands for",
    ),
}


@pytest.mark.parametrize("case", REFUSED_TEXTS)
def test_sql_is_refused_that_is(case: str) -> None:
    given, sql, told = REFUSED_TEXTS[case]

    with pytest.raises(UserInputError, match=told):
        sf.register_primitive(given, **sql)
    assert custom_rows() == {}


FUNCTIONS: dict[str, tuple[Any, str]] = {
    "fails": (lambda call: call.primitive.argument("facter"), "failed.*KeyError: 'facter'"),
    "returns no text": (lambda call: 7, "returned no text.*7"),
    "returns no SQL": (lambda call: "x *", r"Cannot use 'x \*'"),
    "uses an unknown letter": (lambda call: "q * 2", "'q' stands for nothing"),
}


@pytest.mark.parametrize("case", FUNCTIONS)
def test_a_function_is_told_that(case: str) -> None:
    function, told = FUNCTIONS[case]
    sf.register_primitive(Scaled, function)

    with pytest.raises(UserInputError, match=told):
        matrix(Scaled)


# Where it counts ------------------------------------------------------------------------------------------


def test_sql_in_one_dialect_leaves_the_other_to_the_function() -> None:
    sf.register_primitive(Spread, duckdb="max(x) - min(x)")
    asked = matrix(Spread)

    assert asked.fallbacks == []
    assert "MAX" in asked.sql()
    assert "SPREAD" not in asked.sql("spark")


def test_the_reason_is_told_where_a_dialect_has_none() -> None:
    sf.register_primitive(Spread, spark="max(x) - min(x)")

    assert "SQL for spark only: computed by its own Python function" in matrix(Spread).explain()


def test_a_call_can_be_refused() -> None:
    sf.register_primitive(Spread, "max(x)", refuse=lambda call: "not today")

    assert matrix(Spread).fallbacks == [("SPREAD(sessions.length)", "not today")]


def test_without_sql_the_function_computes_it() -> None:
    assert "a custom primitive: computed by its own Python function" in matrix(Spread).explain()


def test_an_open_return_type_has_no_sql() -> None:
    class Sign(Scaled):
        name = "sign"
        return_type = NUMBER.__class__(semantic_tags={"category"})

    sf.register_primitive(Sign, "CASE WHEN x > 0 THEN '+' END")
    ((_, reason),) = matrix(Sign).fallbacks

    assert reason == "a custom primitive whose return_type names no logical type"


def test_registered_primitives_are_listed() -> None:
    sf.register_primitive(Spread, duckdb="max(x) - min(x)")
    listed = sf.list_primitives()
    (row,) = listed[listed["origin"] == "custom"].to_dict("records")

    assert (row["name"], row["kind"], row["duckdb_level"], row["duckdb_reason"]) == (
        "spread",
        "aggregation",
        "exact",
        "",
    )
    assert (row["spark_level"], "SQL for duckdb only" in row["spark_reason"]) == ("fallback", True)
