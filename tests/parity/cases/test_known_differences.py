"""Where sparkfeat deliberately does not do what Featuretools does. Each must show: the list is strict."""

from __future__ import annotations

import featuretools as ft
import featuretools.primitives as p
import pandas as pd

from tests.parity.cases.made import aggregate, column
from tests.parity.conftest import Parity
from tests.parity.data import day, days, traps
from tests.parity.harness import known_difference

SQL = ("duckdb", "spark")


def test_digits_of_large_integers(parity: Parity) -> None:
    exact = known_difference(
        "pandas shifts integers through float64; SQL keeps the digits", features=["LAG*"], engines=SQL
    )
    lag = ft.Feature([column("customers", "points"), column("customers", "joined")], primitive=p.Lag)

    parity(traps(), [lag], cutoff_time=day(9), known_differences=[exact])


def test_modulo_of_nullable_integers_by_zero(parity: Parity) -> None:
    null = known_difference(
        "Int64 % 0 is 0 in pandas while int64 % 0 and float % 0 are null",
        features=["count % whole"],
        engines=SQL,
    )
    remainder = ft.Feature([column("events", "count"), column("events", "whole")], primitive=p.ModuloNumeric)

    parity(traps(), [remainder], cutoff_time=day(9), known_differences=[null])


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
