"""Resampling against imbalanced-learn: class counts, neighbours, and where synthetic rows lie."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE, SMOTENC, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from pyspark.ml.linalg import Vectors, VectorUDT
from pyspark.sql.types import LongType, StringType, StructField, StructType
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.class_weight import compute_class_weight

from sparkfeat.errors import ConfigError, DataError, SchemaError
from sparkfeat.models.sampling import ImbalanceConfig, resample
from sparkfeat.models.sampling.smote import Maker, uniform

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

CATEGORIES = [[2], [3, 4]]
"""An index, and one-hot of two."""


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    kind = rng.integers(0, 2, 90)
    features = np.column_stack([rng.normal(size=(90, 2)), rng.integers(0, 3, 90), kind, 1 - kind])
    labels = np.array(["common"] * 55 + ["rare"] * 23 + ["rarest"] * 12)
    features[89] = features[88]  # equal rows
    return features, labels


@pytest.fixture(scope="module")
def train(spark: SparkSession, rows: tuple[np.ndarray, np.ndarray]) -> DataFrame:
    schema = StructType(
        [StructField("id", LongType()), StructField("features", VectorUDT()), StructField("y", StringType())]
    )
    made = [(n, Vectors.dense(x), str(y)) for n, (x, y) in enumerate(zip(*rows, strict=True))]
    return spark.createDataFrame(made, schema).repartition(3)


def of_spark(df: DataFrame) -> tuple[np.ndarray, np.ndarray]:
    found = sorted(
        (row["y"], tuple(row["features"].toArray())) for row in df.select("features", "y").collect()
    )
    return np.array([features for _, features in found]), np.array([label for label, _ in found])


def method(name: str, **values: object) -> ImbalanceConfig:
    return ImbalanceConfig.model_validate({"method": name, **values})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "scikit"),
    [("random_over", RandomOverSampler()), ("random_under", RandomUnderSampler()), ("smote", SMOTE())],
)
def test_classes_have_as_many_rows_as_with_imbalanced_learn(
    train: DataFrame, rows: tuple[np.ndarray, np.ndarray], name: str, scikit: SMOTE
) -> None:
    _, labels = of_spark(resample(train, method(name), "y", 1))
    assert Counter(labels) == Counter(scikit.fit_resample(*rows)[1])


@pytest.mark.slow
def test_a_ratio_is_that_of_imbalanced_learn(train: DataFrame, rows: tuple[np.ndarray, np.ndarray]) -> None:
    two = rows[1] != "rarest"
    binary = train.where("y != 'rarest'")
    for name, scikit in (("random_over", RandomOverSampler), ("random_under", RandomUnderSampler)):
        _, labels = of_spark(resample(binary, method(name, ratio=0.7), "y", 1))
        expected = scikit(sampling_strategy=0.7).fit_resample(rows[0][two], rows[1][two])[1]
        assert Counter(labels) == Counter(expected)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["random_over", "random_under", "smote"])
def test_partitions_make_no_difference_and_seeds_do(train: DataFrame, name: str) -> None:
    first = of_spark(resample(train.repartition(1), method(name), "y", 5))[0]
    np.testing.assert_array_equal(of_spark(resample(train.repartition(4), method(name), "y", 5))[0], first)
    assert not np.array_equal(of_spark(resample(train, method(name), "y", 6))[0], first)


@pytest.mark.slow
def test_rows_are_only_repeated_or_left_out(train: DataFrame) -> None:
    known = {row["id"]: row["features"] for row in train.collect()}
    over = resample(train, method("random_over"), "y", 1)
    assert over.columns == train.columns
    assert all(known[row["id"]] == row["features"] for row in over.collect())
    assert {row["id"] for row in over.collect()} == set(known)
    under = [row["id"] for row in resample(train, method("random_under"), "y", 1).collect()]
    assert len(under) == len(set(under)) == 36


@pytest.mark.slow
def test_weights_are_those_of_scikit_learn(train: DataFrame, rows: tuple[np.ndarray, np.ndarray]) -> None:
    classes = np.unique(rows[1])
    expected = dict(zip(classes, compute_class_weight("balanced", classes=classes, y=rows[1]), strict=True))
    found = resample(train, method("class_weight"), "y", 1).collect()
    assert {row["y"]: row["weight"] for row in found} == pytest.approx(expected)


@pytest.mark.slow
def test_synthetic_rows_lie_between_neighbours(train: DataFrame, rows: tuple[np.ndarray, np.ndarray]) -> None:
    made = resample(train, method("smote", k_neighbors=3), "y", 1).where("id IS NULL")
    features, labels = of_spark(made)
    assert len(features) == (55 - 23) + (55 - 12)
    for point, label in zip(features, labels, strict=True):
        of_class = rows[0][rows[1] == label]
        near = NearestNeighbors(n_neighbors=4).fit(of_class).kneighbors(of_class, return_distance=False)
        pairs = [(a, of_class[b]) for a, others in zip(of_class, near, strict=True) for b in others]
        assert any(between(point, start, end) for start, end in pairs)


def between(point: np.ndarray, start: np.ndarray, end: np.ndarray) -> bool:
    way = end - start
    share = (point - start) @ way / (way @ way) if way.any() else 0.0
    return -1e-9 <= share <= 1 + 1e-9 and np.allclose(point, start + share * way, atol=1e-9)


def test_the_neighbours_are_those_of_imbalanced_learn(rows: tuple[np.ndarray, np.ndarray]) -> None:
    smote = SMOTE(k_neighbors=5).fit(*rows)
    smote.fit_resample(*rows)
    rare = rows[0][rows[1] == "rare"]
    expected = smote.nn_k_.fit(rare).kneighbors(rare, return_distance=False)[:, 1:]
    np.testing.assert_array_equal(Maker(rare, 5, 0).near(rare), expected)


def test_mixed_columns_have_the_distances_and_votes_of_imbalanced_learn(
    rows: tuple[np.ndarray, np.ndarray],
) -> None:
    # imbalanced-learn takes categories as single columns: the index, and one for the pair.
    rare = rows[0][rows[1] == "rare"]
    given = rows[0][:, :4]
    scikit = SMOTENC(categorical_features=[2, 3], k_neighbors=5, random_state=0)
    scikit.fit_resample(given, rows[1])
    maker = Maker(rare, 5, 0, tuple(map(tuple, CATEGORIES)))
    assert maker.space.distance * 2 == pytest.approx(scikit.median_std_["rare"])
    marked = maker.space.points(rare)
    expected = NearestNeighbors(n_neighbors=6).fit(marked).kneighbors(marked)[0][:, 1:]
    near = maker.near(rare)
    found = np.linalg.norm(marked[:, None] - marked[near], axis=2)
    np.testing.assert_allclose(found, expected, atol=1e-9)
    keys = np.arange(len(rare), dtype=np.uint64)
    made = maker.made(rare, near, keys, np.zeros(len(rare), dtype=np.int32), np.full(len(rare), 2))
    for row, point in enumerate(made):
        for group in CATEGORIES:
            votes = Counter(map(tuple, rare[near[row // 2]][:, group]))
            assert votes[tuple(point[group])] == max(votes.values())
        ends = rare[near[row // 2]][:, :2]
        assert any(between(point[:2], rare[row // 2, :2], end) for end in ends)


@pytest.mark.slow
def test_mixed_columns_on_spark(train: DataFrame) -> None:
    features, labels = of_spark(resample(train, method("smote_nc"), "y", 1, categorical=CATEGORIES))
    assert Counter(labels) == {"common": 55, "rare": 55, "rarest": 55}
    assert set(features[:, 2]) == {0, 1, 2}
    assert (features[:, 3] + features[:, 4] == 1).all()


def test_random_numbers_are_uniform_and_differ() -> None:
    keys = np.arange(20_000, dtype=np.uint64)
    drawn = uniform(keys, np.zeros(20_000, dtype=int), 3, 0)
    assert len(np.unique(drawn)) == 20_000
    assert np.histogram(drawn, bins=10, range=(0, 1))[0] == pytest.approx(2_000, rel=0.08)
    for other in (
        uniform(keys, np.ones(20_000, dtype=int), 3, 0),
        uniform(keys, np.zeros(20_000, dtype=int), 3, 1),
    ):
        assert abs(np.corrcoef(drawn, other)[0, 1]) < 0.03


def test_what_cannot_be_resampled_is_refused(train: DataFrame) -> None:
    with pytest.raises(SchemaError, match="No column 'yy'"):
        resample(train, method("smote"), "yy", 1)
    with pytest.raises(DataError, match="one class"):
        resample(train.where("y = 'rare'"), method("smote"), "y", 1)
    with pytest.raises(DataError, match="Class 'rarest' has 12 rows"):
        resample(train, method("smote", k_neighbors=12), "y", 1)
    with pytest.raises(ConfigError, match="no categories"):
        resample(train, method("smote_nc"), "y", 1)
    with pytest.raises(DataError, match="null in 12 training rows"):
        resample(train.selectExpr("features", "nullif(y, 'rarest') AS y"), method("random_over"), "y", 1)
    assert resample(train, method("none"), "y", 1) is train
