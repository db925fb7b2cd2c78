"""The generated shop, through Featuretools' EntitySet and straight from its Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import featuretools as ft
import pandas as pd
import pytest

import sparkfeat as sf
from sparkfeat.pipelines import shop
from tests.parity.conftest import Parity
from tests.parity.harness import oracle
from tests.parity.shop import cutoffs_of, entityset_of, generated

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parity_shop")
    generated(path)
    return path


@pytest.fixture(scope="module")
def entityset(folder: Path) -> ft.EntitySet:
    return entityset_of(folder)


@pytest.fixture(scope="module")
def cutoffs(folder: Path) -> pd.DataFrame:
    return cutoffs_of(folder)


@pytest.fixture(scope="module")
def features(entityset: ft.EntitySet) -> list[ft.Feature]:
    """The features that `sparkfeat compute` makes of the shop: default primitives, depth 2."""
    return list(
        ft.dfs(
            entityset=entityset,
            target_dataframe_name="customers",
            where_primitives=["count", "sum"],
            max_depth=2,
            features_only=True,
        )
    )


def test_default_features(
    entityset: ft.EntitySet, features: list[ft.Feature], cutoffs: pd.DataFrame, parity: Parity
) -> None:
    parity(entityset, features, cutoff_time=cutoffs)


def test_window_and_open_bound(
    entityset: ft.EntitySet, features: list[ft.Feature], cutoffs: pd.DataFrame, parity: Parity, engine: str
) -> None:
    if engine == "spark":
        pytest.skip("time rules on Spark are tested on smaller data")

    parity(entityset, features, cutoff_time=cutoffs, training_window="1 mo", include_cutoff_time=False)


def test_region_features(entityset: ft.EntitySet, cutoffs: pd.DataFrame, parity: Parity) -> None:
    made = ft.dfs(
        entityset=entityset,
        target_dataframe_name="regions",
        agg_primitives=["count", "mean", "skew", "mode", "trend", "median"],
        trans_primitives=["month"],
        max_depth=2,
        features_only=True,
    )

    parity(entityset, list(made), cutoff_time=cutoffs["time"].median())


def from_files(
    folder: Path, features: list[ft.Feature], cutoffs: pd.DataFrame, **options: Any
) -> sf.FeatureMatrix:
    return sf.calculate_feature_matrix(
        features, shop.load_entityset(folder), cutoff_time=cutoffs.copy(), **options
    )


def test_parquet_files(
    folder: Path, entityset: ft.EntitySet, features: list[ft.Feature], cutoffs: pd.DataFrame
) -> None:
    stored_in_files = shop.load_entityset(folder)

    expected = oracle(entityset, features, cutoff_time=cutoffs)
    sf.testing.assert_parity(stored_in_files, features, expected=expected, cutoff_time=cutoffs)


def test_definitions_made_from_files_are_the_same(folder: Path, entityset: ft.EntitySet) -> None:
    arguments: dict[str, Any] = {
        "target_dataframe_name": "customers",
        "where_primitives": [],
        "max_depth": 2,
        "features_only": True,
    }
    here = sf.dfs(entityset=shop.load_entityset(folder), **arguments)
    there = ft.dfs(entityset=entityset, **arguments)

    assert {feature.get_name() for feature in here} == {feature.get_name() for feature in there}


def plain(value: Any) -> Any:
    """Return a value of a pandas column as Spark takes it."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


@pytest.mark.spark
def test_spark_frame(
    folder: Path,
    entityset: ft.EntitySet,
    features: list[ft.Feature],
    cutoffs: pd.DataFrame,
    spark: SparkSession,
) -> None:
    """The result as Spark DataFrames: what Spark computes, and Featuretools' matrix handed to Spark."""
    from chispa import assert_approx_df_equality

    numbers = [feature for feature in features if feature.column_schema.is_numeric]
    matrix = from_files(folder, numbers, cutoffs[["customer_id", "time"]], engine="spark", spark=spark)
    frame = matrix.to_spark()
    expected = oracle(entityset, numbers, cutoff_time=cutoffs[["customer_id", "time"]])

    assert frame.columns == ["customer_id", *expected.columns]
    rows = [tuple(map(plain, row)) for row in expected.itertuples()]
    given = spark.createDataFrame(rows, frame.schema)
    # chispa's own sorting stumbles over names with dots.
    by_customer = [lambda each: each.orderBy("customer_id")]
    assert_approx_df_equality(frame, given, precision=1e-6, transforms=by_customer, allow_nan_equality=True)
