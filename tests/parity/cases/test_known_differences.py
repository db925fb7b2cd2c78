"""Where sparkfeat deliberately does not do what Featuretools does. Each must show: the list is strict."""

from __future__ import annotations

from typing import Any

import featuretools as ft
import featuretools.primitives as p
import pandas as pd
import pytest
from woodwork.column_schema import ColumnSchema
from woodwork.logical_types import Categorical

from tests.parity.cases.made import aggregate, column
from tests.parity.conftest import Parity
from tests.parity.data import day, days, traps
from tests.parity.data_counts import counts
from tests.parity.data_texts import texts
from tests.parity.harness import known_difference, matrix_of, oracle

SQL = ("duckdb", "spark")


def test_digits_of_large_integers(parity: Parity) -> None:
    exact = known_difference(
        "pandas shifts integers through float64; SQL keeps the digits", features=["LAG*"], engines=SQL
    )
    lag = ft.Feature([column("customers", "points"), column("customers", "joined")], primitive=p.Lag)

    parity(traps(), [lag], cutoff_time=day(9), known_differences=[exact])


def test_modulo_of_nullable_integers_by_zero(parity: Parity) -> None:
    null = known_difference(
        "Int64 % int64 by 0 is 0 in pandas, but null where a missing parent made a float of the int64",
        features=["count % whole"],
        engines=SQL,
    )
    remainder = ft.Feature([column("events", "count"), column("events", "whole")], primitive=p.ModuloNumeric)

    parity(traps(), [remainder], cutoff_time=day(9), known_differences=[null])


def test_nan_among_nullable_numbers(parity: Parity) -> None:
    """0/0 is NaN in Float64, where only NA counts as missing."""
    no_null = known_difference(
        "a null made by computing is like any other in SQL", features=["count / whole > 1"], engines=SQL
    )
    quotient = ft.Feature([column("events", "count"), column("events", "whole")], primitive=p.DivideNumeric)
    more = ft.Feature(quotient, primitive=p.GreaterThanScalar(1))

    parity(traps(), [more], cutoff_time=day(31), known_differences=[no_null])


def test_comparison_over_a_table_without_a_visible_row(parity: Parity) -> None:
    """Featuretools' column is a float of nulls then, whatever its type, and comparing nulls gives False."""
    alone = pd.DataFrame({"instance_id": [6], "time": days(21)})
    last = ft.Feature(column("events", "count"), parent_dataframe_name="customers", primitive=p.Last)
    more = ft.Feature(last, primitive=p.GreaterThanScalar(1.5))
    by_type = known_difference(
        "the answer depends on other instances of the same time; SQL goes by the column's type",
        features=["LAST(events.count) > 1.5"],
        engines=SQL,
    )

    parity(
        traps(),
        [more],
        cutoff_time=alone,
        training_window="2 days",
        known_differences=[by_type],
        vacuous=True,
    )


def test_index_of_categories(parity: Parity) -> None:
    """Featuretools merges group statistics by the index: other categories of the keys cost it its type."""
    entityset = ft.EntitySet("categories")
    parents = pd.DataFrame({"id": ["b", "a"]})
    children = pd.DataFrame({"number": [1, 2], "id": ["a", "nobody"]})
    entityset.add_dataframe(parents, "parents", index="id", logical_types={"id": "Categorical"})
    entityset.add_dataframe(children, "children", index="number", logical_types={"id": "Categorical"})
    entityset.add_relationship("parents", "id", "children", "id")
    count = ft.Feature(entityset["children"].ww["number"], parent_dataframe_name="parents", primitive=p.Count)
    by_type = known_difference("the type should not depend on the rows", features=[""])

    parity(entityset, [count], instance_ids=["a"], cutoff_time=day(9), known_differences=[by_type])


class FirstOfAll(p.AggregationPrimitive):  # type: ignore[misc]
    """A user's aggregation that returns a category and declares no order."""

    name = "first_of_all"
    input_types = [ColumnSchema(semantic_tags={"category"})]  # noqa: RUF012
    return_type = ColumnSchema(logical_type=Categorical, semantic_tags={"category"})

    def get_function(self) -> Any:
        return lambda values: values.iloc[0]


def test_order_of_categories_that_a_users_function_returns(parity: Parity) -> None:
    first = ft.Feature(column("events", "size"), parent_dataframe_name="customers", primitive=FirstOfAll)
    unordered = known_difference(
        "pandas lends the result the input's type; its class declares no order", features=["FIRST_OF_ALL*"]
    )

    parity(traps(), [first], cutoff_time=day(9), known_differences=[unordered])


def test_the_one_most_common_value() -> None:
    """Featuretools' function returns an array, of one value: pandas refuses it."""
    two, one = (
        ft.Feature(
            ft.Feature(counts()["events"].ww["color"]),
            parent_dataframe_name="customers",
            primitive=p.NMostCommon(n=n),
        )
        for n in (2, 1)
    )
    with pytest.raises(ValueError, match="Must produce aggregated value"):
        oracle(counts(), [one], cutoff_time=day(21))

    found = matrix_of(counts(), [one], "duckdb", cutoff_time=day(21)).to_pandas()

    expected = oracle(counts(), [two], cutoff_time=day(21)).iloc[:, 0]
    assert found.iloc[:, 0].astype(object).tolist()[:2] == ["a", "c"]
    pd.testing.assert_series_equal(found.iloc[:, 0], expected, check_names=False)


def test_comparison_of_domains_where_all_are_null(parity: Parity) -> None:
    """Featuretools' column is one of objects then, not of strings, and comparing nulls gives False."""
    domain = ft.Feature(ft.Feature(texts()["customers"].ww["mail"]), primitive=p.EmailAddressToDomain)
    by_type = known_difference(
        "the answer depends on other instances of the same time; SQL goes by the column's type",
        features=["*= gmail.com"],
        engines=SQL,
    )

    parity(
        texts(),
        [ft.Feature(domain, primitive=p.EqualScalar("gmail.com"))],
        cutoff_time=day(21),
        instance_ids=[6],
        known_differences=[by_type],
        vacuous=True,
    )


def test_sum_of_what_is_no_number_in_a_nullable_column(parity: Parity) -> None:
    """Infinity times False is NaN, which in pandas' nullable floats is not missing, and spoils sums."""
    skipped = known_difference(
        "SQL has one kind of missing number, which sums skip", features=["SUM*"], engines=SQL
    )
    product = ft.Feature(
        [column("events", "amount"), column("events", "check")], primitive=p.MultiplyNumericBoolean
    )

    parity(traps(), [aggregate(product, "customers", p.Sum)], cutoff_time=day(9), known_differences=[skipped])


def test_product_of_a_boolean_with_missing_values_and_a_nullable_number(parity: Parity) -> None:
    """The other way round, number first, Featuretools takes the boolean for what it is."""
    exact = known_difference(
        "Featuretools cuts the number's fraction off where the boolean column is of objects",
        features=["LAST(events.flag) ?*"],
        engines=SQL,
    )
    flag = aggregate(column("events", "flag"), "customers", p.Last)
    mean = aggregate(column("events", "count"), "customers", p.Mean)
    product = ft.Feature([flag, mean], primitive=p.MultiplyNumericBoolean)

    parity(traps(), [product], cutoff_time=day(9), known_differences=[exact])
