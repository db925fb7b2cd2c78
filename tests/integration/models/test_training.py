"""Training on Spark from a table to a saved model, checked against scikit-learn."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from sparkfeat.errors import ConfigError, MissingInputError, OutputExistsError, StorageError
from sparkfeat.models.learning import LABEL
from sparkfeat.models.roles import Roles
from sparkfeat.models.saved import load, save
from sparkfeat.models.search import Candidate
from sparkfeat.models.settings import ModelConfig
from sparkfeat.models.splits import split
from sparkfeat.models.training import TrainedModel, train
from sparkfeat.models.training.parts import find_parts
from sparkfeat.models.training.plan import make_plan
from sparkfeat.models.training.prepared import Preparation
from tests.support.training_rows import NUMBERS, ROLES, config, make_rows, make_table, predicted

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.usefixtures("interpreted")


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return make_rows()


@pytest.fixture(scope="module")
def table(spark: SparkSession, rows: pd.DataFrame) -> Iterator[DataFrame]:
    with make_table(spark, rows) as table:
        yield table


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
