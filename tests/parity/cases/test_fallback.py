"""Features that only Featuretools computes, beside those of SQL and alone, in this process and on Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import featuretools as ft
import featuretools.primitives as p
import pandas as pd
import pytest
from woodwork.column_schema import ColumnSchema

from tests.parity.cases.options import EACH, MANY
from tests.parity.conftest import Parity
from tests.parity.data import day, traps
from tests.parity.harness import assert_parity, computable, matrix_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Spread(ft.primitives.AggregationPrimitive):  # type: ignore[misc]
    """A primitive of a user."""

    name = "spread"
    input_types = [ColumnSchema(semantic_tags={"numeric"})]  # noqa: RUF012
    return_type = ColumnSchema(semantic_tags={"numeric"})

    def get_function(self) -> Any:
        return lambda values: values.max() - values.min()


def aggregate(name: str, primitive: Any, **options: Any) -> ft.Feature:
    base = ft.Feature(traps()["events"].ww[name])
    return ft.Feature(base, parent_dataframe_name="customers", primitive=primitive, **options)


def features_of_customers() -> list[ft.Feature]:
    """Return features with and without SQL, in turns: who computes must not decide the columns' order."""
    common = aggregate("color", p.NMostCommonFrequency(n=2))
    return [
        aggregate("whole", p.Sum),
        aggregate("color", p.Entropy),
        aggregate("amount", p.Mean),
        common,
        ft.Feature(traps()["customers"].ww["tier"]),
        aggregate("whole", Spread),
        ft.Feature(aggregate("whole", Spread), primitive=p.Negate),
        aggregate("whole", p.Sum, use_previous="3 days"),
        aggregate("flag", p.All),
        aggregate("at", p.TimeSinceFirst),
        aggregate("color", p.Mode),
        ft.Feature(traps()["customers"].ww["about"], primitive=p.NumberOfUniqueWords),
    ]


def features_that_need_all_rows() -> list[ft.Feature]:
    points = ft.Feature(traps()["customers"].ww["age"])
    total = aggregate("whole", p.Sum)
    return [
        ft.Feature(total, primitive=p.ExponentialWeightedAverage),
        ft.Feature(total, primitive=p.Percentile),
        ft.Feature(ft.Feature(total, primitive=p.ExponentialWeightedSTD), primitive=p.Negate),
        ft.Feature(total, primitive=p.AbsoluteDiff),
        points,
    ]


@pytest.mark.parametrize("make", [features_of_customers, features_that_need_all_rows])
def test_mixed(make: Any, parity: Parity) -> None:
    features, expected = computable(traps(), make(), cutoff_time=MANY)
    assert len(features) >= len(make()) - 1

    parity(traps(), features, expected=expected, cutoff_time=MANY)


@pytest.mark.parametrize(
    "options", [{"cutoff_time": day(9)}, {"cutoff_time": EACH, "approximate": "2 days"}], ids=str
)
def test_shared_and_approximate(options: dict[str, Any], parity: Parity) -> None:
    features, expected = computable(traps(), features_of_customers(), **options)

    parity(traps(), features, expected=expected, **options)


@pytest.mark.spark
@pytest.mark.parametrize("make", [features_of_customers, features_that_need_all_rows])
@pytest.mark.parametrize("options", [{"cutoff_time": MANY}, {"cutoff_time": day(9)}], ids=["many", "shared"])
def test_featuretools_on_spark(make: Any, options: dict[str, Any], spark: SparkSession) -> None:
    features, expected = computable(traps(), make(), **options)

    assert_parity(traps(), features, ["featuretools"], spark=spark, expected=expected, **options)


def test_reasons_are_told() -> None:
    matrix = matrix_of(traps(), features_of_customers(), "duckdb", cutoff_time=day(9))

    told = dict(matrix.fallbacks)
    assert "SUM(events.whole)" not in told
    assert set(told) == {"SPREAD(events.whole)", "-(SPREAD(events.whole))"}
    assert all(told.values())
    assert "SPREAD(events.whole)" in matrix.explain()


def test_rows_of_the_cutoff_frame_stay_as_they_are() -> None:
    asked = pd.DataFrame(MANY)

    matrix_of(traps(), features_of_customers(), "duckdb", cutoff_time=asked).to_pandas()

    pd.testing.assert_frame_equal(asked, MANY)


def test_time_until_a_number_is_left_to_featuretools(parity: Parity) -> None:
    """It is refused there, where there are rows at all; without rows the default is an answer."""
    entityset = ft.EntitySet("numbered")
    shops = pd.DataFrame({"id": [1, 2], "opened": [0.0, 1.0]})
    visits = pd.DataFrame({"id": [1, 2], "shop": [1, 1], "at": [1.0, 2.0], "due": [day(1), day(2)]})
    entityset.add_dataframe(shops, "shops", index="id", time_index="opened")
    entityset.add_dataframe(visits, "visits", index="id", time_index="at")
    entityset.add_relationship("shops", "id", "visits", "shop")
    since = ft.Feature(ft.Feature(entityset["visits"].ww["due"]), primitive=p.TimeSince)
    total = ft.Feature(since, parent_dataframe_name="shops", primitive=p.Sum)
    count = ft.Feature(entityset["visits"].ww["id"], parent_dataframe_name="shops", primitive=p.Count)

    parity(entityset, [total, count], cutoff_time=9.0, instance_ids=[2])
    matrix = matrix_of(entityset, [total, count], "duckdb", cutoff_time=9.0)
    assert "the cutoff times are numbers" in str(matrix.explain())
