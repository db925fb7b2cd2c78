"""Importances, shuffles and baselines against brute force and scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, mean_squared_error, roc_auc_score

from sparkfeat.errors import DataError
from sparkfeat.models.evaluation import (
    EvaluationConfig,
    baselines,
    model_importances,
    permutation_importances,
)
from sparkfeat.models.evaluation.shuffle import shuffled
from sparkfeat.models.roles import Roles

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

STRONG, WEAK = "SUM(orders.amount, 2)", "MEAN(sessions.x`y)"


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    strong, weak = rng.normal(size=300), rng.normal(size=300)
    label = (2 * strong + 0.7 * weak + rng.normal(size=300) > 0).astype(int)
    return pd.DataFrame(
        {"id": range(300), STRONG: strong, WEAK: weak, "noise": rng.normal(size=300), "label": label}
    )


@pytest.fixture
def frame(interpreted: SparkSession, table: pd.DataFrame) -> Iterator[DataFrame]:
    frame = interpreted.createDataFrame(table).repartition(3).persist()
    yield frame
    frame.unpersist()


@dataclass(frozen=True)
class Slot:
    name: str
    sources: tuple[str, ...]


def score(rows: DataFrame) -> DataFrame:
    """A model: the logistic function of two features."""
    from pyspark.sql import functions as fn

    odds = 2 * fn.col(f"`{STRONG}`") + 0.7 * fn.col("`MEAN(sessions.x``y)`")
    return rows.withColumn("score", 1 / (1 + fn.exp(-odds))).withColumn("prediction", odds)


def odds(table: pd.DataFrame) -> np.ndarray:
    return (2 * table[STRONG] + 0.7 * table[WEAK]).to_numpy()


def by_hand(table: pd.DataFrame, name: str, measure: object, times: int = 300) -> float:
    """The mean change of a metric over many shuffles."""
    rng = np.random.default_rng(0)
    drawn = (table.assign(**{name: rng.permutation(table[name])}) for _ in range(times))
    return float(np.mean([measure(one) for one in drawn]) - measure(table))  # type: ignore[operator]


def test_shuffling_costs_what_it_costs_by_hand(frame: DataFrame, table: pd.DataFrame) -> None:
    config = EvaluationConfig(permutations=20)
    features = [STRONG, WEAK, "noise"]
    found = permutation_importances(
        score, frame, features, "binary", label="label", key=["id"], classes=[0, 1], config=config,
        words={STRONG: "what was spent"},
    )  # fmt: skip

    assert [one.name for one in found] == features
    assert found[0].words == "what was spent"
    for one in found[:2]:
        wanted = -by_hand(table, one.name, lambda rows: roc_auc_score(rows["label"], odds(rows)))
        assert one.value == pytest.approx(wanted, abs=0.02)
        assert one.low < wanted < one.high
    assert (found[2].value, found[2].low, found[2].high) == (
        pytest.approx(0),
        pytest.approx(0),
        pytest.approx(0),
    )


@pytest.mark.slow
def test_shuffling_numbers(frame: DataFrame, table: pd.DataFrame) -> None:
    config = EvaluationConfig(permutations=10)
    found = permutation_importances(
        score, frame, [WEAK, STRONG], "regression", label="label", key=["id"], config=config
    )

    def error(rows: pd.DataFrame) -> float:
        return float(mean_squared_error(rows["label"], odds(rows)) ** 0.5)

    assert [one.name for one in found] == [STRONG, WEAK]
    assert found[0].value == pytest.approx(by_hand(table, STRONG, error), rel=0.1)


@pytest.mark.slow
def test_rows_that_cannot_be_shuffled(frame: DataFrame) -> None:
    given = {"label": "label", "key": ["id"], "classes": [0, 1]}
    with pytest.raises(DataError, match="There are no rows to shuffle"):
        permutation_importances(score, frame.where("id < 0"), [STRONG], "binary", **given)
    with pytest.raises(DataError, match="of one class only"):
        permutation_importances(score, frame.where("label = 1"), [STRONG], "binary", **given)


@pytest.mark.slow
def test_shuffling_several_classes(frame: DataFrame, table: pd.DataFrame) -> None:
    from pyspark.ml.functions import array_to_vector
    from pyspark.sql import functions as fn

    def several(rows: DataFrame) -> DataFrame:
        scored = score(rows)
        return scored.withColumn(
            "probability", array_to_vector(fn.array(1 - fn.col("score"), fn.col("score")))
        )

    config = EvaluationConfig(permutations=10)
    found = permutation_importances(
        several, frame, [STRONG], "multiclass", label="label", key=["id"], classes=[0, 1], config=config
    )
    wanted = by_hand(table, STRONG, lambda rows: log_loss(rows["label"], 1 / (1 + np.exp(-odds(rows)))))
    assert found[0].value == pytest.approx(wanted, rel=0.1)


def test_a_shuffle_uses_every_value_once_and_breaks_the_tie(frame: DataFrame, table: pd.DataFrame) -> None:
    dealt = shuffled(frame, "label", ["id"], seed=4).toPandas().sort_values("id")
    again = shuffled(frame.repartition(7), "label", ["id"], seed=4).toPandas().sort_values("id")

    assert list(dealt.columns) == list(table.columns)
    assert sorted(dealt["label"]) == sorted(table["label"])
    assert dealt["label"].tolist() == again["label"].tolist()
    pd.testing.assert_series_equal(dealt[STRONG].reset_index(drop=True), table[STRONG])
    assert abs(np.corrcoef(dealt["label"], table["label"])[0, 1]) < 0.2


@pytest.mark.slow
def test_importances_of_slots_go_to_their_columns(frame: DataFrame) -> None:
    from pyspark.ml.classification import LogisticRegression
    from pyspark.ml.functions import array_to_vector
    from pyspark.sql import functions as fn

    scaled = fn.col("`MEAN(sessions.x``y)`") * 100
    slots = (Slot("a", (STRONG,)), Slot("b", (WEAK,)), Slot("c", (WEAK, "noise")))
    columns = [fn.col(f"`{STRONG}`"), scaled, fn.col("noise")]
    vectors = frame.select(array_to_vector(fn.array(*columns)).alias("features"), "label").persist()
    model = LogisticRegression(maxIter=20, standardization=False).fit(vectors)
    found = {one.name: one.value for one in model_importances([model], slots, vectors)}

    spread = [float(np.std(column, ddof=1)) for column in np.array(
        [row["features"].toArray() for row in vectors.collect()]).T]  # fmt: skip
    wanted = np.abs(model.coefficients.toArray()) * spread
    wanted /= wanted.sum()
    assert found == pytest.approx({
        STRONG: wanted[0], WEAK: wanted[1] + wanted[2] / 2, "noise": wanted[2] / 2,
    })  # fmt: skip
    assert model_importances([object()], slots, vectors) == ()  # type: ignore[list-item]


@dataclass(frozen=True)
class Means:
    """A model that scores by the mean label of rows where its first feature is above 0, or not."""

    feature: str
    above: float
    below: float

    def predict(self, rows: DataFrame) -> DataFrame:
        from pyspark.sql import functions as fn

        chosen = fn.when(fn.col(f"`{self.feature}`") > 0, self.above).otherwise(self.below)
        return rows.withColumn("score", chosen)


def learn(rows: DataFrame, roles: Roles) -> Means:
    from pyspark.sql import functions as fn

    name = roles.features[0]
    found = {row[0]: row[1] for row in rows.groupBy(fn.col(f"`{name}`") > 0).agg(fn.avg("label")).collect()}
    return Means(name, found[True], found[False])


RAW = Roles("label", numeric=("noise",), instance_id="id")


def test_baselines_are_judged_on_the_same_rows(frame: DataFrame, table: pd.DataFrame) -> None:
    train, test = frame.where("id < 200"), frame.where("id >= 200")
    roles = Roles("label", numeric=(STRONG, WEAK), instance_id="id")
    config = EvaluationConfig(replicates=20)
    found = baselines(train, test, roles, "binary", learn, raw=RAW, classes=[0, 1], config=config)

    by_name = {one.name: one.metrics["roc_auc"].value for one in found}
    rows, held = table[table["id"] < 200], table[table["id"] >= 200]
    means = rows.groupby(rows["noise"] > 0)["label"].mean()
    wanted = roc_auc_score(held["label"], (held["noise"] > 0).map(means))
    assert by_name == {
        "majority": 0.5,
        "raw_columns": pytest.approx(wanted),
        "shuffled_labels": by_name["shuffled_labels"],
    }
    model = learn(train, roles).predict(test).select("score", "label").toPandas()
    assert abs(by_name["shuffled_labels"] - 0.5) < 0.15 < roc_auc_score(model["label"], model["score"]) - 0.5
    assert found[0].metrics["brier"].value == pytest.approx(
        np.mean((held["label"] - rows["label"].mean()) ** 2)
    )


@pytest.mark.slow
def test_no_raw_column_is_told(frame: DataFrame) -> None:
    roles = Roles("label", numeric=(STRONG,), instance_id="id")
    found = baselines(frame, frame, roles, "binary", learn, raw=roles.only(()), classes=[0, 1],
                      config=EvaluationConfig(replicates=0))  # fmt: skip
    assert [(one.name, one.why_not) for one in found if one.why_not] == [
        ("raw_columns", "no feature is a column of the target table")
    ]
