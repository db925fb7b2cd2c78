"""The generated shop, through Featuretools' EntitySet and straight from its Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import featuretools as ft
import pandas as pd
import pytest

import sparkfeat as sf
from sparkfeat.pipelines import shop
from sparkfeat.pipelines.shop import schema
from tests.parity.conftest import Parity
from tests.parity.harness import oracle

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CUSTOMERS, SEED = 60, 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parity_shop")
    shop.generate(path, customers=CUSTOMERS, seed=SEED)
    return path


def stored(folder: Path, name: str) -> pd.DataFrame:
    """Read a table as a user of Featuretools would."""
    path = folder / name
    frame = pd.read_parquet(path if path.is_dir() else folder / f"{name}.parquet")
    for column in ("home", "store"):
        if column in frame:
            frame[column] = [
                None if at is None else (at["latitude"], at["longitude"]) for at in frame[column]
            ]
    return frame


@pytest.fixture(scope="module")
def entityset(folder: Path) -> ft.EntitySet:
    made = ft.EntitySet("shop")
    for table in schema.TABLES:
        made.add_dataframe(
            stored(folder, table.name),
            table.name,
            index=table.index,
            logical_types=dict(table.logical_types),
            time_index=table.time_index,
            secondary_time_index={key: list(names) for key, names in table.secondary_time_index.items()}
            or None,
        )
    for parent, parent_column, child, child_column in schema.RELATIONSHIPS:
        made.add_relationship(parent, parent_column, child, child_column)
    made.add_interesting_values(dataframe_name="sessions", values={"device": ["phone", "tablet"]})
    return made


@pytest.fixture(scope="module")
def cutoffs(folder: Path) -> pd.DataFrame:
    """Some customers at their labels' times: Featuretools needs a tenth of a second for each."""
    return stored(folder, schema.LABELS).head(12)


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
