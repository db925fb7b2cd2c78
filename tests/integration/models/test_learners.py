"""Every algorithm of MLlib on one small table, and metrics, checked against scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sparkfeat.models.algorithms import ALGORITHMS
from sparkfeat.models.learning import LABEL, Task, learn
from sparkfeat.models.metrics import METRICS, measure
from sparkfeat.models.roles import Roles
from sparkfeat.models.settings import Problem
from sparkfeat.models.training import train
from sparkfeat.models.training.final import applied, decide_roughly
from sparkfeat.models.training.labels import Labels
from tests.support.training_rows import NUMBERS, config, make_rows, make_table, predicted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.usefixtures("interpreted")


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> Iterator[DataFrame]:
    with make_table(spark, make_rows()) as table:
        yield table


PARAMS: dict[str, dict[str, Any]] = {
    "gradient_boosted_trees": {"maxIter": 3, "maxDepth": 2},
    "random_forest": {"numTrees": 5},
    "multilayer_perceptron": {"maxIter": 30, "hidden_layer_sizes": [4]},
    "factorization_machines": {"maxIter": 50, "stepSize": 0.1},
    "linear_svm": {"maxIter": 10, "regParam": 0.1},
}
LABELS = {
    "binary": Labels("bought", "binary", ("no", "yes"), "string"),
    "multiclass": Labels("size", "multiclass", ("large", "middle", "small"), "string"),
    "regression": Labels("amount", "regression", (), "double"),
}
PAIRS = [
    (name, problem) for name, one in ALGORITHMS.items() for problem in one.estimators if problem in LABELS
]


@pytest.fixture(scope="module")
def vectors(table: DataFrame) -> Iterator[DataFrame]:
    from pyspark.ml.functions import array_to_vector
    from pyspark.sql import functions

    place = functions.array((functions.col("`SUM(a.b)`") - 5) / 3, functions.col("mean"))
    vectors = table.select(array_to_vector(place).alias("features"), "bought", "size", "amount").cache()
    yield vectors
    vectors.unpersist()


@pytest.mark.parametrize(("name", "problem"), PAIRS)
def test_every_algorithm_learns(vectors: DataFrame, name: str, problem: Problem) -> None:
    labels = LABELS[problem]
    rows = labels.indexed(vectors)
    learned = learn(rows, name, PARAMS.get(name, {}), Task(problem, len(labels.classes), 2, 0))
    found = applied((*learned.stages, *decide_roughly(learned, labels)), rows)
    several = (
        name in {"gradient_boosted_trees", "linear_svm", "factorization_machines"} and problem == "multiclass"
    )
    assert len(learned.stages) == (3 if several else 1)
    assert [name for name in found.columns if name.startswith("__")] == [LABEL]
    value = measure(found, "r2" if problem == "regression" else "accuracy")
    assert value > {"binary": 0.75, "multiclass": 0.6, "regression": 0.45}[problem]
    known = found.select(
        "prediction", *(["probability", "predicted_label"] if labels.classes else [])
    ).toPandas()
    if labels.classes:
        chances = np.array([row.toArray() for row in known["probability"]])
        np.testing.assert_allclose(chances.sum(axis=1), 1)
        best = chances[:, 1] >= 0.5 if problem == "binary" else chances.argmax(axis=1)
        assert known["prediction"].tolist() == best.tolist()
        assert known["predicted_label"].tolist() == [labels.classes[int(one)] for one in known["prediction"]]


def test_metrics_are_scikit_learns(vectors: DataFrame) -> None:
    from sklearn import metrics

    for problem, labels in LABELS.items():
        rows = labels.indexed(vectors)
        learned = learn(
            rows, "decision_tree", {"maxDepth": 3}, Task(labels.problem, len(labels.classes), 2, 0)
        )
        found = applied((*learned.stages, *decide_roughly(learned, labels)), rows).toPandas()
        truth, guess = found[LABEL], found["prediction"]
        if problem == "regression":
            expected = {
                "rmse": metrics.root_mean_squared_error(truth, guess),
                "mae": metrics.mean_absolute_error(truth, guess),
                "r2": metrics.r2_score(truth, guess),
            }
        else:
            chances = np.array([row.toArray() for row in found["probability"]])
            average = "binary" if problem == "binary" else "macro"
            expected = {
                "log_loss": metrics.log_loss(truth, chances),
                "accuracy": metrics.accuracy_score(truth, guess),
                "f1": metrics.f1_score(truth, guess, average=average),
            }
        if problem == "binary":
            expected["roc_auc"] = metrics.roc_auc_score(truth, found["score"])
            expected["average_precision"] = metrics.average_precision_score(truth, found["score"])
        assert set(expected) == set(METRICS[labels.problem])
        measured = applied((*learned.stages, *decide_roughly(learned, labels)), rows)
        for name, value in expected.items():
            assert measure(measured, name) == pytest.approx(value, rel=1e-6), name  # type: ignore[arg-type]


def test_a_recommender(spark: SparkSession) -> None:
    ratings = [
        (f"u{user}", f"i{item}", float(1 + (user + item) % 2 * 4), user * 20 + item)
        for user in range(12)
        for item in range(20)
        if (user * 7 + item * 3) % 5
    ]
    table = spark.createDataFrame(ratings, "user string, item string, stars double, row int")
    roles = Roles("stars", (), (), ("item",), instance_id="user")
    given = config(
        problem="recommendation", item="item", split={"method": "random", "test": 0},
        models=[{"algorithm": "als", "params": {"rank": 2, "maxIter": 5, "regParam": 0.01}}],
    )  # fmt: skip
    model = train(table, roles, given)
    found = model.predict(table).toPandas()
    assert np.abs(found["prediction"] - found["stars"]).mean() < 0.8
    unknown = model.predict(spark.createDataFrame([("u1", "new"), ("new", "i1")], "user string, item string"))
    first, second = (row["prediction"] for row in unknown.collect())
    assert first == second
    assert 1 < first < 5
    assert unknown.columns == ["user", "item", "prediction"]


def test_clusters(table: DataFrame) -> None:
    models = [{"algorithm": "kmeans", "search": {"k": [2, 3]}}]
    given = config(problem="clustering", models=models, split={"folds": 0})
    model = train(table, Roles(None, NUMBERS.numeric, instance_id="id"), given)
    best = max(model.scores, key=lambda one: one.metric)
    assert model.params == best.params
    assert model.metric == "silhouette"
    assert set(predicted(model, table)["prediction"]) == set(range(int(str(model.params["k"]))))
