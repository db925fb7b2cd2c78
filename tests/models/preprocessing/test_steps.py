"""Steps on their own, against scikit-learn, scipy or by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler
from sklearn.preprocessing import PowerTransformer as SkPowerTransformer

from sparkfeat.errors import ConfigError, DataError, SchemaError
from sparkfeat.models import preprocessing as p
from sparkfeat.models.preprocessing.power import transformed
from sparkfeat.models.preprocessing.sketch import POINTS, Sketch, add_sorted
from sparkfeat.models.preprocessing.statistics import NOTHING, moments_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

COLUMNS = ["SUM(a.b)", "b", "c"]
START = datetime(2024, 1, 1)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    rng = np.random.default_rng(5)
    found = np.column_stack([rng.gamma(2, 3, 120), rng.normal(-4, 2, 120), rng.lognormal(size=120)])
    found[rng.random(found.shape) < 0.1] = np.nan
    return found


@pytest.fixture(scope="module")
def table(spark: SparkSession, values: np.ndarray) -> DataFrame:
    schema = "id long, " + ", ".join(f"`{name}` double" for name in COLUMNS)
    return spark.createDataFrame([(n, *map(float, row)) for n, row in enumerate(values)], schema).repartition(
        2
    )


@pytest.fixture(scope="module")
def complete(spark: SparkSession, values: np.ndarray) -> DataFrame:
    schema = "id long, " + ", ".join(f"`{name}` double" for name in COLUMNS)
    filled = np.nan_to_num(values)
    return spark.createDataFrame([(n, *map(float, row)) for n, row in enumerate(filled)], schema)


def of_spark(df: DataFrame) -> np.ndarray:
    rows = df.select("id", *[f"`{name}`" for name in COLUMNS]).orderBy("id").collect()
    return np.array([row[1:] for row in rows], dtype=float)


def arrays(df: DataFrame, name: str) -> np.ndarray:
    return np.array([row[name] for row in df.orderBy("id").select(name).collect()])


def test_a_sketch_is_exact_for_few_values_and_near_for_many() -> None:
    rng = np.random.default_rng(1)
    values = rng.lognormal(size=400_000)
    sketch, few = Sketch(), Sketch()
    for start in range(0, len(values), 10_000):
        add_sorted([sketch], np.sort(values[None, start : start + 10_000]), np.array([10_000]))
    add_sorted([few], np.sort(values[None, :POINTS]), np.array([POINTS]))
    shares = np.array([0.01, 0.25, 0.5, 0.75, 0.99])
    np.testing.assert_allclose([few.quantile(s) for s in shares], np.quantile(values[:POINTS], shares))
    ranks = [(values <= sketch.quantile(share)).mean() for share in shares]
    np.testing.assert_allclose(ranks, shares, atol=0.001)
    assert (sketch.quantile(0), sketch.quantile(1)) == (values.min(), values.max())
    assert len(sketch.settled().points) == POINTS
    assert NOTHING.quantile(0.5) == 0


def test_moments_of_parts_add_up() -> None:
    values = np.random.default_rng(1).normal(1e6, 1, (3, 1_000))
    values[1, ::7] = np.nan
    parts = moments_of(values[:, :300]).plus(moments_of(values[:, 300:]))
    np.testing.assert_allclose(parts.mean, np.nanmean(values, axis=1), rtol=1e-15)
    np.testing.assert_allclose(parts.squares / parts.count, np.nanvar(values, axis=1), rtol=1e-9)
    np.testing.assert_array_equal(parts.missing, np.isnan(values).sum(axis=1))


def test_power_transforms_equal_scipy() -> None:
    values = np.random.default_rng(1).normal(0, 3, 200)
    for exponent in (-1.5, 0.0, 0.7, 2.0, 3.0):
        found = transformed(values[None], np.array([[exponent]]), "yeo-johnson")[1]
        np.testing.assert_allclose(found, stats.yeojohnson(values, exponent), rtol=1e-9)
        found = transformed(np.abs(values)[None], np.array([[exponent]]), "box-cox")[1]
        np.testing.assert_allclose(found, stats.boxcox(np.abs(values), exponent), rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "scaler"), [("minmax", MinMaxScaler()), ("robust", RobustScaler()), ("maxabs", MaxAbsScaler())]
)
def test_scaling_equals_scikit_learn(
    table: DataFrame, values: np.ndarray, method: str, scaler: MinMaxScaler
) -> None:
    model = p.Scaler(inputCols=COLUMNS, method=method).fit(table)
    np.testing.assert_allclose(of_spark(model.transform(table)), scaler.fit_transform(values), rtol=1e-12)


@pytest.mark.slow
def test_exponents_equal_scikit_learn(table: DataFrame, values: np.ndarray) -> None:
    model = p.PowerTransformer(inputCols=COLUMNS).fit(table)
    scikit = SkPowerTransformer(standardize=False).fit(values)
    np.testing.assert_allclose(model.getOrDefault("exponents"), scikit.lambdas_, atol=1e-4)
    expected = np.column_stack(
        [
            np.where(np.isnan(x), np.nan, stats.yeojohnson(np.nan_to_num(x), e))
            for x, e in zip(values.T, model.getOrDefault("exponents"), strict=True)
        ]
    )
    np.testing.assert_allclose(of_spark(model.transform(table)), expected, rtol=1e-9)
    positive = p.PowerTransformer(inputCols=["SUM(a.b)", "c"], method="box-cox").fit(table)
    scikit = SkPowerTransformer("box-cox", standardize=False).fit(values[:, [0, 2]])
    np.testing.assert_allclose(positive.getOrDefault("exponents"), scikit.lambdas_, atol=1e-4)
    with pytest.raises(DataError, match="'b' has the value -"):
        p.PowerTransformer(inputCols=["b"], method="box-cox").fit(table)
    constant = p.PowerTransformer(inputCols=["one"]).fit(table.selectExpr("1.0D AS one"))
    assert constant.getOrDefault("exponents") == [1.0]


@pytest.mark.slow
def test_outliers_are_clipped(table: DataFrame, values: np.ndarray) -> None:
    low, high = np.nanquantile(values, [0.1, 0.9], axis=0)
    model = p.OutlierClipper(inputCols=COLUMNS, lower=0.1, upper=0.9).fit(table)
    np.testing.assert_allclose(of_spark(model.transform(table)), np.clip(values, low, high))
    first, third = np.nanquantile(values, [0.25, 0.75], axis=0)
    reach = 1.5 * (third - first)
    model = p.OutlierClipper(inputCols=COLUMNS, method="iqr").fit(table)
    np.testing.assert_allclose(
        of_spark(model.transform(table)), np.clip(values, first - reach, third + reach)
    )
    mean, std = np.nanmean(values, axis=0), np.nanstd(values, axis=0)
    model = p.OutlierClipper(inputCols=COLUMNS, method="zscore", factor=1.0).fit(table)
    np.testing.assert_allclose(of_spark(model.transform(table)), np.clip(values, mean - std, mean + std))
    logs = of_spark(p.LogTransformer(inputCols=COLUMNS).transform(table))
    np.testing.assert_allclose(logs, np.sign(values) * np.log1p(np.abs(values)))


def test_bad_arguments_are_refused(spark: SparkSession) -> None:
    df = spark.createDataFrame([("a", 1.0)], "kind string, x double")
    with pytest.raises(ConfigError, match="no range within 0 to 1"):
        p.OutlierClipper(inputCols=["x"], lower=0.9, upper=0.1).fit(df)
    with pytest.raises(ConfigError, match="No method 'log'"):
        p.PowerTransformer(inputCols=["x"], method="log").fit(df)
    with pytest.raises(SchemaError, match=r"'kind' is of type string, not of numbers \(Scaler\)"):
        p.Scaler(inputCols=["kind"]).fit(df)
    with pytest.raises(SchemaError, match="1 inputCols, but 2 outputCols"):
        p.Scaler(inputCols=["x"], outputCols=["y", "z"]).fit(df)
    with pytest.raises(ConfigError, match="has no cutoff times"):
        p.TargetEncoder(inputCols=["kind"], labelCol="x").fit(df)
    with pytest.raises(ConfigError, match="maxNullShare is 2"):
        p.ColumnDropper(inputCols=["x"], maxNullShare=2.0).fit(df)


@pytest.mark.slow
def test_components_and_clusters_equal_scikit_learn(complete: DataFrame, values: np.ndarray) -> None:
    filled = np.nan_to_num(values)
    model = p.PrincipalComponents(inputCols=COLUMNS, k=2).fit(complete)
    scikit = PCA(2).fit(filled)
    np.testing.assert_allclose(model.getOrDefault("explainedVariance"), scikit.explained_variance_ratio_)
    found = arrays(model.transform(complete), "components")
    np.testing.assert_allclose(np.abs(found), np.abs(scikit.transform(filled)), rtol=1e-7, atol=1e-9)
    slots = model.slots({})["components"]
    assert slots[0].sources == tuple(COLUMNS)
    assert slots[0].meaning.endswith("of the variance")
    clusters = p.Clusters(inputCols=COLUMNS, k=3, seed=2).fit(complete)
    centers = np.array(clusters.getOrDefault("centers"))
    fixed = KMeans(3, init=centers, n_init=1, max_iter=1).fit(filled)
    found = arrays(clusters.transform(complete), "clusters")
    away = np.linalg.norm(filled[:, None] - centers, axis=2)
    np.testing.assert_allclose(found[:, 3:], away)
    np.testing.assert_array_equal(found[:, :3].argmax(axis=1), away.argmin(axis=1))
    assert fixed.inertia_ <= (away.min(axis=1) ** 2).sum() * 1.000001
    assert len(clusters.slots({})["clusters"]) == 6


@pytest.mark.slow
def test_categories_as_numbers(spark: SparkSession, tmp_path: Path) -> None:
    kinds = ["b", "a", "b", None, "c", "b", "a", "d"]
    df = spark.createDataFrame(list(enumerate(kinds)), "id int, kind string")
    index = p.CategoryIndexer(inputCols=["kind"], outputCols=["i"], maxCategories=2).fit(df)
    assert arrays(index.transform(df), "i").tolist() == [0, 1, 0, 3, 2, 0, 1, 2]
    share = p.FrequencyEncoder(inputCols=["kind"], outputCols=["s"], maxCategories=2).fit(df)
    assert arrays(share.transform(df), "s").tolist() == [3 / 8, 2 / 8, 3 / 8, 1 / 8, 0, 3 / 8, 2 / 8, 0]
    share.save(str(tmp_path / "share"))
    loaded = type(share).load(str(tmp_path / "share"))
    unseen = spark.createDataFrame([(0, "z"), (1, "__unknown")], "id int, kind string")
    assert arrays(loaded.transform(unseen), "s").tolist() == [0, 0]
    hashed = arrays(p.HashEncoder(inputCols=["kind"], outputCols=["h"], numFeatures=5).transform(df), "h")
    assert hashed.sum(axis=1).tolist() == [kind is not None for kind in kinds]
    assert (hashed[0] == hashed[2]).all()
    together = p.FeatureHasher(inputCols=["kind", "id"], numFeatures=8).transform(df)
    sizes = arrays(together, "hashed")
    assert sizes.shape == (8, 8)
    assert sizes.sum(axis=1).tolist() == [number + (kind is not None) for number, kind in enumerate(kinds)]


def brute_force_target(rows: list[tuple], horizon: timedelta, smoothing: float) -> list[float]:
    found = []
    for _, kind, cutoff, _ in rows:
        known = [row for row in rows if row[3] is not None and row[2] + horizon < cutoff]
        mine = [row[3] for row in known if row[1] == kind]
        prior = np.mean([row[3] for row in known]) if known else 0.0
        found.append((sum(mine) + smoothing * prior) / (len(mine) + smoothing) if known else -1.0)
    return found


@pytest.mark.slow
def test_target_encoding_sees_only_labels_known_before_the_cutoff(spark: SparkSession) -> None:
    rng = np.random.default_rng(4)
    rows = [
        (
            n,
            [None, "a", "b"][rng.integers(3)],
            START + int(rng.integers(40)) * DAY,
            None if n % 9 == 0 else float(rng.integers(2)),
        )
        for n in range(80)
    ]
    df = spark.createDataFrame(rows, "id int, kind string, time timestamp_ntz, label double").repartition(3)
    for days in (0, 7):
        encoder = p.TargetEncoder(
            inputCols=["kind"],
            outputCols=["mean"],
            cutoffCol="time",
            smoothing=2.0,
            initial=-1.0,
            horizon=days * 86_400.0,
        )
        model = encoder.fit(df)
        expected = brute_force_target(rows, days * DAY, 2.0)
        np.testing.assert_allclose(arrays(model.transform(df.drop("label")), "mean"), expected)
    known = [row for row in rows if row[3] is not None]
    later = spark.createDataFrame([(0, "z", START + 900 * DAY)], "id int, kind string, time timestamp_ntz")
    overall = np.mean([row[3] for row in known])
    np.testing.assert_allclose(arrays(model.transform(later), "mean"), [overall])


@pytest.mark.slow
def test_target_encoding_with_coarse_periods_never_sees_more(spark: SparkSession) -> None:
    rows = [(n, "a", START + n * timedelta(hours=7), float(n)) for n in range(60)]
    df = spark.createDataFrame(rows, "id int, kind string, time timestamp_ntz, label double")
    encoder = p.TargetEncoder(
        inputCols=["kind"], outputCols=["mean"], cutoffCol="time", smoothing=0.0, initial=-1.0, maxPeriods=20
    )
    found = arrays(encoder.fit(df).transform(df), "mean")
    days = [(n * timedelta(hours=7)) // DAY for n in range(60)]
    expected = [np.mean([m for m in range(60) if days[m] < day]) if day else -1.0 for day in days]
    np.testing.assert_allclose(found, expected)


@pytest.mark.slow
def test_rows_and_columns_with_few_values_are_dropped(spark: SparkSession) -> None:
    rows = [(1, None, float("nan"), "a"), (2, None, 1.0, None), (3, None, 2.0, "b")]
    df = spark.createDataFrame(rows, "id int, x double, y double, kind string")
    model = p.ColumnDropper(inputCols=["x", "y", "kind"], maxNullShare=0.5).fit(df)
    assert model.transform(df).columns == ["id", "y", "kind"]
    kept = p.ColumnDropper(inputCols=["x", "y", "kind"], maxNullShare=0.2).fit
    with pytest.raises(DataError, match="All 3 columns have more than 20% missing values"):
        kept(df)
    dropper = p.RowDropper(inputCols=["x", "y", "kind"], maxNullShare=0.5)
    assert dropper.transform(df).count() == 3
    assert [row["id"] for row in dropper.kept(df).collect()] == [3]
    marks = p.MissingIndicator(inputCols=["id", "y", "kind"]).fit(df)
    assert arrays(marks.transform(df), "missing").tolist() == [[1, 0], [0, 1], [0, 0]]
    assert [slot.name for slot in marks.slots({})["missing"]] == ["y is missing", "kind is missing"]


def test_vectors_of_many_columns_are_made_by_small_methods(complete: DataFrame) -> None:
    many = complete.selectExpr("id", *[f"id * {n}.5D as x{n}" for n in range(60)])
    names = many.columns[1:]
    filled = p.Imputer(inputCols=names).fit(many).transform(many)
    found = p.Assembler(inputCols=names).transform(filled)
    plan = found.select("features")._jdf.queryExecution().executedPlan().toString()  # type: ignore[operator]
    (line,) = [line for line in plan.splitlines() if " AS features" in line]
    assert "Project" in line
    assert "*(" not in line  # the mark of a step that is part of a whole stage
