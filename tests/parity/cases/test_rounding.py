"""Values that equal the mean of their group but for rounding: numpy's order of additions decides."""

from __future__ import annotations

from typing import Any

import featuretools as ft
import featuretools.primitives as p
import pytest

from tests.parity.cases.options import MANY
from tests.parity.data_spread import far, ties
from tests.parity.harness import assert_parity

PRIMITIVES = (
    *(p.CountAboveMean(), p.CountBelowMean(), p.Kurtosis()),
    *(p.CountInsideNthSTD(), p.CountOutsideNthSTD(), p.CountInsideNthSTD(n=0.5), p.CountOutsideNthSTD(n=0)),
)


@pytest.mark.parametrize("primitive", PRIMITIVES, ids=lambda each: f"{each.name}{each.get_args_string()}")
def test_rounding_is_that_of_numpy(primitive: ft.primitives.AggregationPrimitive) -> None:
    """On DuckDB, in groups of up to 128 rows; Spark adds in no particular order."""
    price = ft.Feature(ties()["events"].ww["price"])
    all_of_them = ft.Feature(price, parent_dataframe_name="customers", primitive=primitive)
    some = ft.Feature(
        price,
        parent_dataframe_name="customers",
        primitive=primitive,
        where=ft.Feature(ties()["events"].ww["sold"], primitive=p.EqualScalar(True)),
    )

    assert_parity(ties(), [all_of_them, some], ["duckdb"], cutoff_time=MANY)


@pytest.mark.parametrize("options", [{"cutoff_time": MANY}, {}], ids=["many times", "now"])
def test_skewness_far_from_zero(options: dict[str, Any]) -> None:
    """Groups whose sums of cubes have lost digits are computed again, each by itself."""
    price = ft.Feature(far()["events"].ww["price"])
    sold = ft.Feature(far()["events"].ww["sold"], primitive=p.EqualScalar(True))
    features = [
        ft.Feature(price, parent_dataframe_name="customers", primitive=p.Skew, where=where)
        for where in (None, sold)
    ]
    features.append(
        ft.Feature(price, parent_dataframe_name="customers", primitive=p.Skew, use_previous="4 observations")
    )

    assert_parity(far(), features, ["duckdb"], **options)
