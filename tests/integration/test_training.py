"""Training on Spark from a table to a saved model, checked against scikit-learn."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from sparkfeat.errors import ConfigError, MissingInputError, OutputExistsError, StorageError
from sparkfeat.models.algorithms import ALGORITHMS
from sparkfeat.models.learning import LABEL, Task, learn
from sparkfeat.models.metrics import METRICS, measure
from sparkfeat.models.roles import Roles
from sparkfeat.models.saved import load, save
from sparkfeat.models.search import Candidate
from sparkfeat.models.settings import ModelConfig, Problem
from sparkfeat.models.splits import split
from sparkfeat.models.training import TrainedModel, TrainingConfig, train
from sparkfeat.models.training.final import applied, decide_roughly
from sparkfeat.models.training.labels import Labels
from sparkfeat.models.training.parts import find_parts
from sparkfeat.models.training.plan import make_plan
from sparkfeat.models.training.prepared import Preparation

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.usefixtures("interpreted")

ROLES = Roles("bought", ("SUM(a.b)", "mean"), ("new",), ("kind",), instance_id="id", cutoff_time="time")
NUMBERS = Roles("bought", ("SUM(a.b)", "mean"), instance_id="id", cutoff_time="time")
SIZE = 400


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    random = np.random.default_rng(1)
    values = random.normal(size=(SIZE, 2)) * [3, 1] + [5, 0]
    found = pd.DataFrame(values, columns=["SUM(a.b)", "mean"])
    found["new"] = random.random(SIZE) < 0.5
    found["kind"] = random.choice(list("abc"), SIZE)
    found["id"] = np.arange(SIZE)
    found["time"] = [datetime(2024, 1 + number * 10 // SIZE, 1) for number in range(SIZE)]
    signal = (values[:, 0] - 5) / 3 + values[:, 1] + (found["kind"] == "a") + random.normal(size=SIZE) * 0.8
    found["bought"] = np.where(signal > 1, "yes", "no")
    found["amount"] = signal
    found["size"] = np.where(signal > 1, "large", np.where(signal < -0.5, "small", "middle"))
    return found


@pytest.fixture(scope="module")
def table(spark: SparkSession, rows: pd.DataFrame) -> DataFrame:
    schema = "`SUM(a.b)` double, mean double, new boolean, kind string, id int, time timestamp_ntz,"
    data = [
        tuple(getattr(one, "to_pydatetime", lambda one=one: one)() for one in row)
        for row in rows.itertuples(index=False)
    ]
    return spark.createDataFrame(data, schema + "bought string, amount double, size string").cache()


def config(**given: object) -> TrainingConfig:
    return TrainingConfig.model_validate(given)


def predicted(model: TrainedModel, table: DataFrame) -> pd.DataFrame:
    """Return predictions by id, in order; the label is not among the columns."""
    return (
        model.predict(table.drop("bought", "amount", "size")).toPandas().sort_values("id", ignore_index=True)
    )


def test_a_regression_is_scikit_learns(table: DataFrame, rows: pd.DataFrame) -> None:
    from sklearn.linear_model import LogisticRegression

    model = train(table, NUMBERS, config(threshold={"method": "fixed"}))
    learned_from = rows[rows["time"] < datetime(2024, 7, 1)]
    names = list(NUMBERS.numeric)
    expected = LogisticRegression(C=1e9, tol=1e-8).fit(learned_from[names], learned_from["bought"])
    found = predicted(model, table)
    np.testing.assert_allclose(found["score"], expected.predict_proba(rows[names])[:, 1], atol=2e-4)
    assert (model.classes, model.positive, model.algorithm) == (("no", "yes"), "yes", "logistic_regression")
    assert found["predicted_label"].tolist() == np.where(found["score"] >= 0.5, "yes", "no").tolist()
    assert [slot.sources for slot in model.slots[:2]] == [("SUM(a.b)",), ("mean",)]
    assert model.objective[0] > model.objective[-1]
    assert [part.rows for part in model.parts] == [240, 80, 80]
    assert (model.scores, model.split_method, model.learners) == ((), "time", 1)


def test_class_weights_are_scikit_learns(table: DataFrame, rows: pd.DataFrame) -> None:
    from sklearn.linear_model import LogisticRegression

    told = Told()
    given = config(threshold={"method": "fixed"}, imbalance={"method": "class_weight"})
    model = train(table, NUMBERS, given, progress=told)
    learned_from = rows[rows["time"] < datetime(2024, 7, 1)]
    names = list(NUMBERS.numeric)
    weighted = LogisticRegression(C=1e9, tol=1e-8, class_weight="balanced")
    expected = weighted.fit(learned_from[names], learned_from["bought"]).predict_proba(rows[names])[:, 1]
    np.testing.assert_allclose(predicted(model, table)["score"], expected, atol=2e-4)
    assert any("set calibration.method" in line for line in told.lines)
    with pytest.raises(ConfigError, match="factorization_machines takes no weights"):
        train(
            table,
            NUMBERS,
            given.model_copy(update={"models": [ModelConfig(algorithm="factorization_machines")]}),
        )
    with pytest.raises(ConfigError, match="Only classes can be rare"):
        train(table, Roles("amount", NUMBERS.numeric), config(imbalance={"method": "smote"}))


def test_only_training_rows_are_resampled(table: DataFrame) -> None:
    given = config(imbalance={"method": "random_over"})
    with ExitStack() as kept:
        plan = make_plan(table, NUMBERS, given)
        parts = find_parts(table, None, plan, kept)
        preparation = Preparation(parts.roles, plan.labels, given)
        prepared = kept.enter_context(preparation.of(parts.train, parts.validation))
        most = max(parts.summaries[0].classes)
        assert prepared.train.groupBy(LABEL).count().toPandas()["count"].tolist() == [most, most]
        assert prepared.validation.count() == parts.summaries[1].rows


class Told:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def begin(self, stage: str) -> None:
        self.lines.append(f"begin {stage}")

    def end(self, stage: str, seconds: float) -> None:
        self.lines.append(f"end {stage}")

    def advance(self, stage: str, percent: float) -> None:
        self.lines.append(f"{stage} {percent:.0f} %")

    def tell(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture(scope="module")
def told() -> Told:
    return Told()


@pytest.fixture(scope="module")
def searched(table: DataFrame, told: Told) -> TrainedModel:
    """A model found among several, calibrated, with a threshold by cost."""
    given = config(
        models=[
            {"algorithm": "logistic_regression", "search": {"regParam": [0.0, 10.0]}},
            {"algorithm": "naive_bayes"},
        ],
        positive="no",
        split={"folds": 2},
        threshold={"method": "cost", "cost": {"false_positive": 1, "false_negative": 5}},
        calibration={"method": "isotonic"},
        learning_curve=[0.3, 1.0],
    )
    return train(table, ROLES, given, progress=told)


def test_the_best_of_several_is_fitted(searched: TrainedModel) -> None:
    scores = {(one.candidate, one.fold): one.metric for one in searched.scores}
    assert sorted(scores) == [(candidate, fold) for candidate in range(3) for fold in range(2)]
    means = [np.mean([scores[candidate, fold] for fold in range(2)]) for candidate in range(3)]
    best = int(np.argmax(means))
    assert (searched.algorithm, searched.params) == (
        searched.scores[best * 2].algorithm,
        searched.scores[best * 2].params,
    )
    assert searched.metric == "average_precision"
    assert [point.share for point in searched.learning_curve] == [0.3, 1.0]
    assert searched.learning_curve[0].rows < searched.learning_curve[1].rows == 240


def test_the_threshold_costs_least_on_validation_rows(
    table: DataFrame, rows: pd.DataFrame, searched: TrainedModel
) -> None:
    found = predicted(searched, table)
    validation = (rows["time"] >= datetime(2024, 7, 1)) & (rows["time"] < datetime(2024, 9, 1))
    scores, positive = found["score"][validation], rows["bought"][validation] == "no"
    assert searched.positive == "no"
    costs = [
        ((scores >= value) & ~positive).mean() + 5 * ((scores < value) & positive).mean()
        for value in [*np.unique(scores), 2]
    ]
    assert searched.threshold is not None
    assert searched.threshold.cost == pytest.approx(min(costs))
    assert (found["predicted_label"] == "no").equals(found["score"] >= searched.threshold.value)
    # Isotonic: in validation rows as many are positive as the scores say.
    assert scores.mean() == pytest.approx(positive.mean())


def test_progress_is_told(searched: TrainedModel, told: Told) -> None:
    stages = [line.removeprefix("begin ") for line in told.lines if line.startswith("begin")]
    assert stages == ["check", "split", "search", "preprocess", "fit", "calibrate", "learning curve"]
    assert list(searched.seconds) == stages
    assert "search 100 %" in told.lines


def test_nothing_stays_in_memory(spark: SparkSession, table: DataFrame, searched: TrainedModel) -> None:
    """Only the fixture's table is cached: what training keeps, it releases."""
    parts = split(table, ROLES)
    for part in (parts.train, parts.validation):
        assert not part.storageLevel.useMemory


LOADED = """
import json, sys
from sparkfeat.engines.spark.session import local_session
from sparkfeat.models.saved import load
spark = local_session("loaded", **json.loads(sys.argv[3]))
found = load(sys.argv[1]).predict(spark.read.parquet(sys.argv[2]))
rows = found.select("id", "score", "prediction", "predicted_label").orderBy("id").collect()
print("FOUND" + json.dumps([[row[0], row[1].hex(), *row[2:]] for row in rows]))
"""


def test_a_new_process_predicts_exactly_the_same(
    table: DataFrame, searched: TrainedModel, tmp_path: Path
) -> None:
    folder, data = tmp_path / "a model", tmp_path / "rows.parquet"
    save(searched, folder)
    table.drop("bought", "amount", "size").write.parquet(str(data))
    conf = {
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.ui.enabled": "false",
    }
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(folder), str(data), json.dumps(conf)],
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    found = json.loads(done.stdout.partition("FOUND")[2])
    names = ["id", "score", "prediction", "predicted_label"]
    expected = predicted(searched, table)[names].to_numpy().tolist()
    assert found == [[row[0], row[1].hex(), *row[2:]] for row in expected]
    assert load(folder).__dict__ | {"pipeline": None} == searched.__dict__ | {"pipeline": None}
    with pytest.raises(OutputExistsError, match="There is a model already"):
        save(searched, folder)
    save(searched, folder, overwrite=True)


def test_folders_that_hold_no_model(spark: SparkSession, searched: TrainedModel, tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"There is no model\.json"):
        load(tmp_path)
    save(searched, tmp_path)
    facts = tmp_path / "model.json"
    facts.write_text('{"format": 99}')
    with pytest.raises(StorageError, match="A later release wrote this model"):
        load(tmp_path)
    for broken in ("{", "[]", '{"format": 1}'):
        facts.write_text(broken)
        with pytest.raises(StorageError, match=r"model\.json cannot be read"):
            load(tmp_path)


def test_preprocessing_sees_training_rows_only(table: DataFrame) -> None:
    """The scaler's mean is that of the fold's own training rows, not of those it is compared on."""
    with ExitStack() as kept:
        plan = make_plan(table, NUMBERS, config())
        parts = find_parts(table, None, plan, kept)
        some, others = parts.train.filter("mean < 0"), parts.train.filter("mean >= 0")
        prepared = kept.enter_context(Preparation(parts.roles, plan.labels, plan.config).of(some, others))
        of_train, of_others = (
            np.array([row[0].toArray() for row in part.select("features").collect()])[:, 1]
            for part in (prepared.train, prepared.validation)
        )
        counting = Candidate(0, "naive_bayes", {"modelType": "multinomial"})
        with pytest.raises(
            ConfigError, match=r"'.*' is negative .naive_bayes, modelType: multinomial.*by minmax"
        ):
            prepared.check([counting])
        prepared.check([Candidate(0, "naive_bayes", {}), Candidate(1, "decision_tree", {})])
    assert of_train.mean() == pytest.approx(0, abs=1e-9)
    assert of_others.min() > 1


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
def vectors(table: DataFrame) -> DataFrame:
    from pyspark.ml.functions import array_to_vector
    from pyspark.sql import functions

    place = functions.array((functions.col("`SUM(a.b)`") - 5) / 3, functions.col("mean"))
    return table.select(array_to_vector(place).alias("features"), "bought", "size", "amount").cache()


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
