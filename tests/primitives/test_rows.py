"""The rows: one for each primitive with SQL, under Featuretools' name, readable in both dialects."""

from __future__ import annotations

from typing import Any

import duckdb
import featuretools as ft
import pytest
import sqlglot
from featuretools import primitives as p

import sparkfeat as sf
from sparkfeat.definitions import Primitive, read_features
from sparkfeat.definitions.calls import Call, Input
from sparkfeat.definitions.catalog import catalog
from sparkfeat.definitions.own import OWN
from sparkfeat.definitions.read import read_primitive
from sparkfeat.primitives import MACROS, Row, Shape, find_row, reason_against
from sparkfeat.primitives.families import FAMILIES, ROWS, WITHOUT_SQL
from sparkfeat.primitives.inputs import kind
from sparkfeat.sql import DIALECTS
from tests.entityset.shop import column, shop
from tests.plan.features import aggregated, count, smoothed

KIND_OF = {entry.name: entry.kind for entry in catalog()}
OF_GROUPS = (Shape.AGGREGATE, Shape.VALUE_COUNTS)


def call_of(name: str, logical_type: str = "Double") -> Call:
    """Return a call of a standard primitive with its default arguments on columns of a type."""
    primitives = ft.primitives.get_aggregation_primitives() | ft.primitives.get_transform_primitives()
    inputs = tuple(Input(alias, logical_type) for alias in ("a", "b"))
    return Call("out", read_primitive(primitives[name]()), inputs)


def test_every_name_is_that_of_a_primitive_of_featuretools() -> None:
    assert set(ROWS) <= set(KIND_OF)


def test_every_name_has_one_row() -> None:
    assert len(ROWS) == sum(map(len, FAMILIES.values()))


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.name)
def test_the_shape_fits_the_kind(row: Row) -> None:
    assert (row.shape in OF_GROUPS) is (KIND_OF[row.name] == "aggregation")


def step_texts(row: Row, call: Call, dialect: str) -> list[str]:
    return [text for step in row.steps_sql(call, dialect) for text in step.values()]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.name)
def test_the_sql_can_be_read(row: Row, dialect: str) -> None:
    for logical_type in ("Double", "Integer"):
        call = call_of(row.name, logical_type)
        for text in (
            row.sql(call, dialect),
            *row.stage_sql(call, dialect).values(),
            *step_texts(row, call, dialect),
        ):
            assert sqlglot.parse_one(text, dialect=dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", MACROS)
def test_macros_can_be_read(name: str, dialect: str) -> None:
    assert sqlglot.parse_one(MACROS[name][dialect], dialect=dialect)


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.name)
def test_only_letters_stand_for_columns(row: Row) -> None:
    call = call_of(row.name)
    for dialect in DIALECTS:
        tree = sqlglot.parse_one(row.sql(call, dialect), dialect=dialect)
        letters = [letter for step in row.steps_sql(call, dialect) for letter in step]
        # A lambda's own parameters are called w, and a where it adds up.
        passes = row.passes(dialect)
        letters += [*passes.sums, *passes.measures] if passes else []
        allowed = {"x", "y", "t", "o", "v", "n", "w", "a", *row.stage_sql(call, dialect), *letters}
        assert {one.name for one in tree.find_all(sqlglot.exp.Column)} <= allowed


# What goes to Featuretools, and why -----------------------------------------------------------------------


class Own(p.Sum):  # type: ignore[misc]
    """A user's primitive with a name of Featuretools'."""


def reason(feature: ft.Feature) -> str | None:
    (node,) = read_features([feature], shop()).features
    return reason_against(node, shop())


NO_SQL = WITHOUT_SQL["savgol_filter"]


REASONS: dict[str, tuple[Any, str]] = {
    "a primitive without SQL": (lambda: smoothed(column("sales", "amount")), NO_SQL),
    "an own primitive": (lambda: _of_lengths(Own), "a custom primitive"),
    "half a shift": (
        lambda: ft.Feature(column("sales", "amount"), primitive=p.Diff(periods=0.5)),
        "periods=0.5",
    ),
    "text for a number": (
        lambda: ft.Feature(column("sales", "amount"), primitive=p.AddNumericScalar("two")),
        "value='two' is no number",
    ),
}


def _of_lengths(primitive: Any) -> ft.Feature:
    return aggregated(column("sessions", "length"), "customers", primitive)


@pytest.mark.parametrize("case", REASONS)
def test_a_feature_is_left_to_featuretools_for(case: str) -> None:
    make, expected = REASONS[case]

    assert expected in str(reason(make()))


def test_a_reason_names_the_part_it_lies_in() -> None:
    greatest = aggregated(smoothed(column("sales", "amount")), "sessions", p.Max)

    assert reason(greatest) == f"SAVGOL_FILTER(amount): {NO_SQL}"


def test_a_condition_without_sql_is_a_reason_too() -> None:
    many = ft.Feature(smoothed(column("sales", "amount")), primitive=p.GreaterThanScalar(1))

    assert NO_SQL in str(reason(count("sales", "sessions", where=many)))


def test_a_feature_with_sql_has_no_reason() -> None:
    assert reason(count("sessions", "customers")) is None


def test_an_own_primitive_has_no_row() -> None:
    assert find_row(read_primitive(p.Sum())) is not None
    assert find_row(read_primitive(Own())) is None


@pytest.mark.parametrize("unit", ["fortnights", None])
def test_an_unknown_unit_is_refused(unit: Any) -> None:
    primitive = Primitive("avg_time_between", (("unit", unit),))

    told = ROWS["avg_time_between"].reason_against(Call("out", primitive, (Input("a", "Datetime"),)))
    assert told == f"unknown unit '{unit}'"


# Values in the SQL ----------------------------------------------------------------------------------------

TEXTS = ("plain", "it's", "a\\b", "\\'", "\\", 'z"q', "line\nend", "日本", "")


def texts_in(sql: str, dialect: str) -> list[str]:
    """Return the texts that a dialect reads in SQL."""
    tree = sqlglot.parse_one(sql, dialect=dialect)
    return [one.this for one in tree.find_all(sqlglot.exp.Literal, bfs=False) if one.is_string]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("value", TEXTS, ids=repr)
def test_a_text_is_read_as_it_was_given(value: str, dialect: str) -> None:
    call = Call("out", read_primitive(p.EqualScalar(value)), (Input("a", "Categorical"),))

    assert value in texts_in(ROWS["equal_scalar"].sql(call, dialect), dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_categories_in_an_order_of_their_own_are_listed(dialect: str) -> None:
    call = Call("out", read_primitive(p.Mode()), (Input("a", "Categorical", categories=TEXTS),))

    assert texts_in(ROWS["mode"].sql(call, dialect), dialect) == list(TEXTS)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("categories", [None, ("a", "b"), (1, 2, 10)], ids=repr)
def test_categories_that_are_sorted_are_not_listed(categories: Any, dialect: str) -> None:
    call = Call("out", read_primitive(p.Mode()), (Input("a", "Categorical", categories=categories),))

    assert "position" not in ROWS["mode"].sql(call, dialect)


@pytest.mark.parametrize("value", [3, -3, 2.5, 1e300, float("inf"), float("-inf")], ids=repr)
def test_a_number_is_computed_with_as_it_was_given(value: float) -> None:
    call = Call("out", read_primitive(p.AddNumericScalar(value)), (Input("a", "Double"),))
    text = ROWS["add_numeric_scalar"].sql(call, "duckdb").replace("nan_to_null", "")

    assert duckdb.sql(f"SELECT {text} FROM (SELECT 0.0 AS x)").fetchall() == [(value,)]


@pytest.mark.parametrize(
    ("column_", "expected"),
    [
        (Input("a", "Integer"), "number"),
        (Input("a", "BooleanNullable"), "number"),
        (Input("a", None), "number"),
        (Input("a", "Categorical", categories=("a",)), "text"),
        (Input("a", "Categorical", categories=(1, 2), numbers=True), "number"),
        (Input("a", "NaturalLanguage"), "text"),
        (Input("a", "Datetime"), "time"),
        (Input("a", "LatLong"), "pair"),
        (Input("a", "Timedelta"), "span"),
    ],
    ids=str,
)
def test_a_value_is_compared_as(column_: Input, expected: str) -> None:
    assert kind(column_) == expected


# The table of support -------------------------------------------------------------------------------------


def test_the_table_has_a_row_for_each_primitive() -> None:
    named = sf.list_primitives().groupby("origin")["name"].apply(list)

    assert named["featuretools"] == [entry.name for entry in catalog()]
    assert named["sparkfeat"] == list(OWN)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_table_gives_a_reason_for_every_fallback(dialect: str) -> None:
    table = sf.list_primitives()
    table = table[table["origin"] == "featuretools"].set_index("name")

    exact = table[table[f"{dialect}_level"] == "exact"]
    assert set(exact.index) == set(ROWS)
    assert set(exact[f"{dialect}_reason"]) == {""}
    assert (table.drop(exact.index)[f"{dialect}_reason"] != "").all()
