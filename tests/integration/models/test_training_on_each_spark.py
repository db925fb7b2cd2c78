"""A small model from its rows to its predictions. test_spark4.py runs it on Spark 4 as well."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from sparkfeat.models import saved
from sparkfeat.models.evaluation import EvaluationConfig, evaluate
from sparkfeat.models.roles import find_roles
from sparkfeat.models.splits import SplitConfig, split
from sparkfeat.models.training import TrainingConfig, train

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROWS = 600


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    amount, minutes = rng.normal(size=ROWS), rng.normal(size=ROWS)
    town = rng.choice(["bern", "oslo"], ROWS)
    chance = 1 / (1 + np.exp(-(1.5 * amount - minutes + (town == "oslo"))))
    label = (rng.random(ROWS) < chance).astype(int)
    amount[rng.random(ROWS) < 0.1] = np.nan
    return pd.DataFrame(
        {"id": range(ROWS), "SUM(a.amount)": amount, "minutes": minutes, "town": town, "label": label}
    )


def by_sklearn(learned: pd.DataFrame, judged: pd.DataFrame) -> np.ndarray:
    """Return the probabilities that scikit-learn gives the same rows."""
    median = np.nanmedian(learned["SUM(a.amount)"])
    seen, asked = (
        np.column_stack(
            [
                one["SUM(a.amount)"].fillna(median),
                one["SUM(a.amount)"].isna(),
                one["minutes"],
                one["town"] == "oslo",
            ]
        )
        for one in (learned, judged)
    )
    fitted = LogisticRegression(C=1e9, tol=1e-10, max_iter=1_000).fit(seen, learned["label"])
    chances: np.ndarray = fitted.predict_proba(asked)[:, 1]
    return chances


def test_a_model_is_trained_saved_loaded_and_scores(
    spark: SparkSession, rows: pd.DataFrame, tmp_path: Path
) -> None:
    table = spark.createDataFrame(rows)
    roles = find_roles(table, "label", instance_id="id")
    same = {"maxIter": 200, "tol": 1e-10}
    settings = {
        "models": [
            {"algorithm": "logistic_regression", "params": same, "search": {"regParam": [0.0, 1_000.0]}}
        ],
        "search": {"parallelism": 2},
        "split": {"method": "random", "folds": 2},
    }
    config = TrainingConfig.model_validate(settings)
    parts = split(table, roles, SplitConfig(method="random"))
    model = train(table, roles, config, split=parts)
    assert {one.candidate for one in model.scores} == {0, 1}
    predicted = model.predict(parts.test).orderBy("id")
    before = predicted.select("id", "score", "predicted_label").toPandas()

    learned, judged = (one.orderBy("id").toPandas() for one in (parts.train, parts.test))
    assert before["score"].to_numpy() == pytest.approx(by_sklearn(learned, judged), abs=1e-4)
    found = evaluate(predicted, "binary", label="label", key=["id"], config=EvaluationConfig(replicates=0))
    assert found.metrics["roc_auc"].value > 0.75

    saved.save(model, tmp_path / "model")
    again = saved.load(tmp_path / "model")
    after = again.predict(parts.test).orderBy("id").select("id", "score", "predicted_label").toPandas()
    pd.testing.assert_frame_equal(after, before, check_exact=True)
