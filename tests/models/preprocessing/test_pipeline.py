"""The default pipeline against scikit-learn, saved and loaded."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from pyspark.ml import PipelineModel
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from sparkfeat.errors import ConfigError, SchemaError
from sparkfeat.models.preprocessing import PreprocessingConfig, build_preprocessing, feature_slots
from sparkfeat.models.roles import Roles, find_roles

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

AMOUNT = "SUM(sessions.MEAN(transactions.amount))"
ROWS = 60


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    amount = rng.gamma(2, 30, ROWS)
    amount[[3, 8]], amount[5], amount[6] = np.nan, np.inf, -np.inf
    start = datetime(2024, 1, 1)
    return pd.DataFrame(
        {
            "id": range(ROWS),
            "time": [start + timedelta(days=1) for _ in range(ROWS)],
            AMOUNT: amount,
            "count": pd.array(rng.integers(0, 9, ROWS), dtype="Int64"),
            "constant": 7.0,
            "empty": pd.array([None] * ROWS, dtype="Float64"),
            "yes": [None if row == 4 else bool(row % 3) for row in range(ROWS)],
            "kind": [None if row == 2 else "abc"[row % 3] for row in range(ROWS)],
            "joined": [start - timedelta(hours=12 * row) for row in range(ROWS)],
        }
    )


SCHEMA = (
    f"id long, time timestamp_ntz, `{AMOUNT}` double, count long, constant double, empty double,"
    " yes boolean, kind string, joined timestamp_ntz"
)


@pytest.fixture(scope="module")
def table(spark: SparkSession, frame: pd.DataFrame) -> DataFrame:
    plain = frame.astype(object).where(frame.notna(), None)
    for name in ("time", "joined"):
        plain[name] = pd.Series([time.to_pydatetime() for time in frame[name]], dtype=object)
    # Infinities and NaN come beside nulls: all of them are missing.
    plain.loc[8, AMOUNT] = math.nan
    return spark.createDataFrame(plain.to_dict("split")["data"], SCHEMA)


@pytest.fixture(scope="module")
def roles(table: DataFrame) -> Roles:
    return find_roles(table, instance_id="id", cutoff_time="time")


@pytest.fixture(scope="module")
def model(table: DataFrame, roles: Roles) -> PipelineModel:
    return build_preprocessing(PreprocessingConfig(), roles).fit(table)


def vectors(df: DataFrame) -> np.ndarray:
    return np.array([row["features"].toArray() for row in df.orderBy("id").collect()])


def test_the_default_pipeline_equals_scikit_learn(
    frame: pd.DataFrame, table: DataFrame, model: PipelineModel
) -> None:
    done = model.transform(table)
    assert done.columns == [*table.columns, "features"]
    found = pd.DataFrame(vectors(done), columns=[slot.name for slot in feature_slots(model)])
    numeric = frame[[AMOUNT, "count", "constant"]].astype(float).replace([np.inf, -np.inf], np.nan)
    numeric["joined"] = (frame["time"] - frame["joined"]) / pd.Timedelta(days=1)
    filled = SimpleImputer(strategy="median").fit_transform(numeric)
    expected = pd.DataFrame(StandardScaler().fit_transform(filled), columns=numeric.columns)
    expected["yes"] = frame["yes"].map({True: 1.0, False: 0.0, None: 1.0})
    expected["empty"] = 0.0
    for category in "abc":
        expected[f"kind = {category}"] = (frame["kind"] == category).astype(float)
    expected["kind is another"] = 0.0
    expected["kind is missing"] = frame["kind"].isna().astype(float)
    expected[f"{AMOUNT} is missing"] = numeric[AMOUNT].isna().astype(float)
    expected["empty is missing"] = 1.0
    assert set(found) == set(expected)
    np.testing.assert_allclose(found[expected.columns], expected, rtol=1e-12, atol=1e-12)


def test_slots_lead_back_to_columns(model: PipelineModel) -> None:
    slots = {slot.name: slot for slot in feature_slots(model)}
    assert slots[AMOUNT].sources == (AMOUNT,)
    assert slots[AMOUNT].meaning == (
        f"{AMOUNT}, missing values replaced by the median, scaled to mean 0 and standard deviation 1"
    )
    assert slots["kind = a"].sources == ("kind",)
    assert slots["joined"].meaning.startswith("joined, days before the cutoff time, ")


def test_unseen_values_have_a_rule(spark: SparkSession, model: PipelineModel) -> None:
    row = (0, datetime(2024, 1, 2), None, None, None, 3.0, None, "__unknown", datetime(2023, 1, 1))
    done = model.transform(spark.createDataFrame([row], SCHEMA))
    found = dict(zip((slot.name for slot in feature_slots(model)), vectors(done)[0], strict=True))
    assert found["kind is another"] == 1
    assert [found[f"kind = {category}"] for category in "abc"] == [0, 0, 0]
    assert np.isfinite(list(found.values())).all()


def test_a_saved_pipeline_gives_the_same_vectors(
    table: DataFrame, model: PipelineModel, tmp_path: Path
) -> None:
    model.save(str(tmp_path / "model"))
    loaded = PipelineModel.load(str(tmp_path / "model"))
    assert feature_slots(loaded) == feature_slots(model)
    np.testing.assert_array_equal(vectors(loaded.transform(table)), vectors(model.transform(table)))


def test_a_wrong_column_is_named(roles: Roles) -> None:
    config = PreprocessingConfig.model_validate({"steps": [{"step": "scale", "columns": "cuont"}]})
    with pytest.raises(SchemaError, match=r"No feature 'cuont' .*Did you mean 'count'\?"):
        build_preprocessing(config, roles)


def test_text_that_no_step_encodes_is_refused(roles: Roles) -> None:
    with pytest.raises(ConfigError, match="'kind' is still text after all steps"):
        build_preprocessing(PreprocessingConfig(steps=()), roles)
