"""Rows to train on, their roles, and what a model says of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sparkfeat.models.roles import Roles
from sparkfeat.models.training import TrainedModel, TrainingConfig

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ROLES = Roles("bought", ("SUM(a.b)", "mean"), ("new",), ("kind",), instance_id="id", cutoff_time="time")
NUMBERS = Roles("bought", ("SUM(a.b)", "mean"), instance_id="id", cutoff_time="time")
SIZE = 400


def make_rows() -> pd.DataFrame:
    """Return rows with labels of all kinds, which follow from two numbers and a text."""
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


@contextmanager
def make_table(spark: SparkSession, rows: pd.DataFrame) -> Iterator[DataFrame]:
    """Give the block the rows in Spark, kept in memory until it ends."""
    schema = "`SUM(a.b)` double, mean double, new boolean, kind string, id int, time timestamp_ntz,"
    data = [
        tuple(getattr(one, "to_pydatetime", lambda one=one: one)() for one in row)
        for row in rows.itertuples(index=False)
    ]
    table = spark.createDataFrame(data, schema + "bought string, amount double, size string").cache()
    yield table
    table.unpersist()


def config(**given: object) -> TrainingConfig:
    return TrainingConfig.model_validate(given)


def predicted(model: TrainedModel, table: DataFrame) -> pd.DataFrame:
    """Return predictions by id, in order; the label is not among the columns."""
    return (
        model.predict(table.drop("bought", "amount", "size")).toPandas().sort_values("id", ignore_index=True)
    )
