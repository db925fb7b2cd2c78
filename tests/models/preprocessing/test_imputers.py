"""Imputers against scikit-learn's on the same data."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - makes the next import work
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.impute import KNNImputer as SkKNNImputer
from sklearn.linear_model import BayesianRidge, LinearRegression

from sparkfeat.errors import ConfigError, DataError, SchemaError
from sparkfeat.models.blocks import nearest, rough_distances
from sparkfeat.models.preprocessing import ChainedImputer, Imputer, KNNImputer
from sparkfeat.models.preprocessing.chained import filled_by_chain
from sparkfeat.models.preprocessing.nearest import Donors
from sparkfeat.models.preprocessing.patterns import Patterns
from sparkfeat.models.preprocessing.regression import bayesian_ridge, least_squares

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

COLUMNS = ["SUM(a.b)", "b", "c", "d"]


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    rng = np.random.default_rng(11)
    base = rng.normal(size=(90, 2))
    found = np.column_stack([base @ rng.normal(size=2) + rng.normal(0, 0.2, 90) + 1_000 for _ in COLUMNS])
    found[rng.random(found.shape) < 0.15] = np.nan
    found[0] = np.nan  # a row without any value
    return found


@pytest.fixture(scope="module")
def table(spark: SparkSession, values: np.ndarray) -> DataFrame:
    schema = "id long, " + ", ".join(f"`{name}` double" for name in COLUMNS)
    rows = [(number, *map(float, row)) for number, row in enumerate(values)]
    return spark.createDataFrame(rows, schema).repartition(3)


def of_spark(df: DataFrame) -> np.ndarray:
    return np.array(
        [row[1:] for row in df.select("id", *[f"`{c}`" for c in COLUMNS]).orderBy("id").collect()]
    )


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_nearest_neighbours_equal_scikit_learn(values: np.ndarray, weights: str) -> None:
    # scikit-learn takes differences of squares, which round at 1,000; distances do not depend on the origin.
    centred = values - 1_000
    donors = Donors(values, np.nanmean(values, axis=0), 5, weights)
    expected = SkKNNImputer(n_neighbors=5, weights=weights).fit_transform(centred)
    np.testing.assert_allclose(donors.fill(values) - 1_000, expected, atol=1e-9)


@pytest.mark.slow
def test_nearest_neighbours_on_spark(table: DataFrame, values: np.ndarray) -> None:
    model = KNNImputer(inputCols=COLUMNS, nNeighbors=3).fit(table)
    expected = SkKNNImputer(n_neighbors=3).fit_transform(values)
    np.testing.assert_allclose(of_spark(model.transform(table)), expected, rtol=1e-9)


@pytest.mark.slow
def test_a_sample_of_donors_does_not_depend_on_partitions(table: DataFrame) -> None:
    fitted = [
        KNNImputer(inputCols=COLUMNS, maxDonors=20, seed=4).fit(table.repartition(parts)) for parts in (1, 4)
    ]
    assert fitted[0].getOrDefault("donors") == fitted[1].getOrDefault("donors")
    assert len(fitted[0]._donors().rows) == 20
    with pytest.raises(DataError, match="no rows to take values from"):
        KNNImputer(inputCols=COLUMNS).fit(table.limit(0))


def test_blocks_find_the_same_neighbours_as_brute_force() -> None:
    rng = np.random.default_rng(2)
    rows, others = rng.normal(5_000, 1, (30, 6)), rng.normal(5_000, 1, (200, 6))
    others[50:60] = others[40:50]  # equally near: the first ones count
    places, distances = nearest(rows, others, rough_distances(rows, others), 7)
    all_distances = np.linalg.norm(rows[:, None] - others[None], axis=2)
    np.testing.assert_array_equal(places, np.argsort(all_distances, axis=1, kind="stable")[:, :7])
    np.testing.assert_allclose(distances, np.sort(all_distances, axis=1)[:, :7], rtol=1e-12)


def scikit_chain(values: np.ndarray, estimator: object, rounds: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # tol=0 asks for all rounds
        imputer = IterativeImputer(estimator, max_iter=rounds, tol=0)
        return imputer.fit_transform(values)


def patterns_of(values: np.ndarray) -> Patterns:
    kinds = np.unique(np.isnan(values), axis=0)
    filled = np.column_stack([np.ones(len(values)), np.nan_to_num(values)])
    products = [
        filled[(np.isnan(values) == kind).all(axis=1)].T @ filled[(np.isnan(values) == kind).all(axis=1)]
        for kind in kinds
    ]
    known = np.column_stack([np.ones(len(kinds)), ~kinds])
    return Patterns(kinds, np.array(products), known[:, :, None] * np.eye(values.shape[1] + 1))


@pytest.mark.parametrize(
    ("regress", "estimator"), [(bayesian_ridge, BayesianRidge()), (least_squares, LinearRegression())]
)
def test_chained_regressions_equal_scikit_learn(
    values: np.ndarray, regress: object, estimator: object
) -> None:
    means = np.nanmean(values, axis=0)
    patterns = patterns_of(values - means)
    order = np.argsort(np.isnan(values).sum(axis=0), kind="stable")
    chain = [[float(column), *patterns.step(int(column), regress)] for _ in range(4) for column in order]
    found = filled_by_chain(values, means, np.array(chain))
    np.testing.assert_allclose(found, scikit_chain(values, estimator, 4), rtol=1e-9)


@pytest.mark.slow
def test_chained_regressions_on_spark(table: DataFrame, values: np.ndarray) -> None:
    model = ChainedImputer(inputCols=COLUMNS, maxIter=3, tol=0.0).fit(table)
    expected = scikit_chain(values, BayesianRidge(), 3)
    np.testing.assert_allclose(of_spark(model.transform(table)), expected, rtol=1e-9)


@pytest.mark.slow
def test_too_many_patterns_are_sampled_and_told(table: DataFrame, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "sparkfeat"):
        model = ChainedImputer(inputCols=COLUMNS, maxPatterns=4).fit(table)
    assert "More than 4 patterns of missing columns" in caplog.text
    assert np.isfinite(of_spark(model.transform(table))).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strategy", "scikit"), [("mean", "mean"), ("median", "median"), ("mode", "most_frequent")]
)
def test_statistics_fill_as_scikit_learn(
    table: DataFrame, values: np.ndarray, strategy: str, scikit: str
) -> None:
    rounded = table.selectExpr("id", *[f"round(`{name}`) AS `{name}`" for name in COLUMNS])
    model = Imputer(inputCols=COLUMNS, strategy=strategy).fit(rounded)
    expected = SimpleImputer(strategy=scikit).fit_transform(np.round(values))
    np.testing.assert_allclose(of_spark(model.transform(rounded)), expected, rtol=1e-12)


@pytest.mark.slow
def test_constants_and_texts(spark: SparkSession) -> None:
    df = spark.createDataFrame(
        [(1.0, "a"), (None, "b"), (float("nan"), None), (2.0, "b")], "x double, kind string"
    )
    done = Imputer(inputCols=["x", "kind"], outputCols=["y", "z"], strategy="constant", fillValue=-1.0).fit(
        df
    )
    assert [tuple(row)[2:] for row in done.transform(df).collect()] == [
        (1, "a"),
        (-1, "b"),
        (-1, "missing"),
        (2, "b"),
    ]
    mode = Imputer(inputCols=["kind"], strategy="mode").fit(df)
    assert [row["kind"] for row in mode.transform(df).collect()] == ["a", "b", "b", "b"]
    with pytest.raises(SchemaError, match="'kind' is text and has no mean"):
        Imputer(inputCols=["kind"], strategy="mean").fit(df)
    with pytest.raises(ConfigError, match="No strategy 'avg'"):
        Imputer(inputCols=["x"], strategy="avg").fit(df)
    with pytest.raises(SchemaError, match=r"No column 'y' \(Imputer\)"):
        Imputer(inputCols=["y"]).fit(df)


@pytest.mark.slow
def test_a_column_without_values_is_filled_with_zero_and_named(
    spark: SparkSession, caplog: pytest.LogCaptureFixture
) -> None:
    df = spark.createDataFrame([(None,), (float("inf"),)], "x double")
    with caplog.at_level(logging.WARNING, "sparkfeat"):
        model = Imputer(inputCols=["x"], indicatorCol="marks").fit(df)
    assert "No values in x: filled with 0" in caplog.text
    assert [tuple(row) for row in model.transform(df).collect()] == [(0.0, [1.0]), (0.0, [1.0])]
