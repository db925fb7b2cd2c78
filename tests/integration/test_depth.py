"""All primitives at depth 3, on Featuretools' mock customers and on the shop."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import featuretools as ft
import pandas as pd
import pytest
from featuretools.feature_base import IdentityFeature

from tests.parity.cases.case import is_fault_of_pandas, parts
from tests.parity.conftest import quietly
from tests.parity.fuzz.features import compares_aggregations
from tests.parity.harness import computable
from tests.parity.shop import cutoffs_of, entityset_of, generated
from tests.parity.test_mock_customer import FIRST, mock

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Every primitive is in one part, with a few others: all of them at once make millions of features.
PARTS = 18
COMPARED = 18
ON_SPARK = 12

MINUTES = {1: 240, 2: 360, 3: 240, 4: 540, 5: 360}
MOCK_CUTOFFS = pd.DataFrame(
    {"customer_id": list(MINUTES), "time": FIRST + pd.to_timedelta(list(MINUTES.values()), unit="min")}
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("deep_shop")
    generated(path)
    return path


@cache
def shop(folder: Path) -> tuple[ft.EntitySet, pd.DataFrame]:
    """Return the shop, and customers at two times: what Featuretools' types depend on is there at both."""
    labels = cutoffs_of(folder).head(8)[["customer_id", "time"]]
    times = labels["time"].sort_values().iloc[[4, 7]].tolist()
    return entityset_of(folder), labels.assign(time=times * 4)


def mock_customers(_: Path) -> tuple[ft.EntitySet, pd.DataFrame]:
    return mock(), MOCK_CUTOFFS


def some(classes: dict[str, type], part: int) -> list[type]:
    """Return the part's primitives of Featuretools' own."""
    own = [one for one in classes.values() if one.__module__.startswith("featuretools.primitives.standard")]
    return sorted(own, key=lambda one: str(one.name))[part::PARTS]


@cache
def features(make: Callable[[Path], Any], folder: Path, part: int) -> tuple[list[ft.Feature], pd.DataFrame]:
    """Return some of all features at depth 3 that Featuretools can compute, and their matrix."""
    entityset, cutoffs = make(folder)
    aggregations = some(ft.primitives.get_aggregation_primitives(), part)
    transforms = some(ft.primitives.get_transform_primitives(), part)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ft.dfs(
            entityset=entityset,
            target_dataframe_name="customers",
            agg_primitives=aggregations,
            trans_primitives=transforms,
            groupby_trans_primitives=[one for one in transforms if one.uses_full_dataframe][:2],
            where_primitives=aggregations[:2],
            max_depth=3,
            max_features=20_000,
            return_types="all",
            features_only=True,
        )
        found = sorted(filter(comparable, found), key=lambda one: str(one.get_name()))
        chosen = Random(part).sample(found, min(COMPARED, len(found)))
        return computable(entityset, chosen, cutoff_time=cutoffs)


INTEGERS = {"Age", "AgeNullable", "Integer", "IntegerNullable"}
# What counts values by how they compare with a statistic of them.
NEAR_THE_STATISTIC = {
    *("median_count", "num_consecutive_greater_mean", "num_consecutive_less_mean"),
    *("count_above_mean", "count_below_mean", "count_inside_nth_std", "count_outside_nth_std"),
}
SEE_ALL_CATEGORIES = {"average_count_per_unique", "n_most_common_frequency"}


def comparable(feature: ft.Feature) -> bool:
    """Leave out the known differences of docs/known-differences.md."""
    known = (
        *(is_fault_of_pandas, is_equal_but_for_rounding, sees_categories_of_a_key),
        compares_aggregations,
    )
    return not any(tell(one) for one in parts(feature) for tell in known) and not any(
        is_nan_among_masked(one) or is_of_few_digits(one) for one in parts(feature)[1:]
    )


def is_of_few_digits(feature: ft.Feature) -> bool:
    """Tell a slope of eight digits, which a remainder or a difference leaves few of."""
    return feature.primitive.name in ("rolling_trend", "expanding_trend")


def is_nan_among_masked(feature: ft.Feature) -> bool:
    """Tell a quotient of integers: pandas does not miss what is not a number in a masked column."""
    kinds = {str(part.column_schema.logical_type) for part in parts(feature)[1:]}
    return str(feature.primitive.name).startswith(("divide", "modulo")) and bool(kinds & INTEGERS)


def is_equal_but_for_rounding(feature: ft.Feature) -> bool:
    """Tell a count of computed values near their own mean or median."""
    computed = not isinstance(feature.base_features[0], IdentityFeature) if feature.base_features else False
    return feature.primitive.name in NEAR_THE_STATISTIC and computed


def sees_categories_of_a_key(feature: ft.Feature) -> bool:
    """Tell what depends on whether another feature takes over a column of the key's parent."""
    keys = ["foreign_key" in base.column_schema.semantic_tags for base in feature.base_features]
    return feature.primitive.name in SEE_ALL_CATEGORIES and any(keys)


MAKERS = pytest.mark.parametrize("make", [mock_customers, shop])


@MAKERS
@pytest.mark.parametrize("part", range(PARTS))
def test_duckdb(make: Any, part: int, folder: Path) -> None:
    chosen, expected = features(make, folder, part)
    entityset, cutoffs = make(folder)
    assert len(chosen) > COMPARED / 2
    quietly("duckdb", None, entityset, chosen, expected=expected, cutoff_time=cutoffs)


def compare_few(make: Any, part: int, folder: Path, spark: SparkSession) -> None:
    chosen, expected = features(make, folder, part)
    entityset, cutoffs = make(folder)
    few = chosen[:ON_SPARK]
    names = [name for feature in few for name in feature.get_feature_names()]
    quietly("spark", spark, entityset, few, expected=expected[names], cutoff_time=cutoffs)


@pytest.mark.spark
@pytest.mark.parametrize("part", range(0, PARTS, 3))
def test_mock_customers_on_spark(part: int, folder: Path, interpreted: SparkSession) -> None:
    compare_few(mock_customers, part, folder, interpreted)


# To compile a part of the shop takes half a minute.
@pytest.mark.spark
@pytest.mark.parametrize("part", [4, 13])
def test_shop_on_compiled_spark(part: int, folder: Path, spark: SparkSession) -> None:
    compare_few(shop, part, folder, spark)
