"""Visibility at a cutoff, checked against an oracle of its own (`naive`): Featuretools, and every engine."""

from __future__ import annotations

import itertools
import random
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

import featuretools as ft
import pandas as pd
import pytest

from tests.parity.harness import matrix_of, oracle
from tests.parity.naive import Row, Rule, totals, visible

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

START = pd.Timestamp("2021-05-01")
HOUR = pd.Timedelta(hours=1)
NAMES = {
    "sessions": "COUNT(sessions)",
    "count": "COUNT(transactions)",
    "sum": "SUM(transactions.amount)",
    "min": "MIN(transactions.amount)",
    "max": "MAX(transactions.amount)",
}
WINDOWS = (None, 3, 5)
GAPS = (None, 1, 2)


def at(hour: int | None) -> pd.Timestamp | None:
    return None if hour is None else START + hour * HOUR


@cache
def tables() -> dict[str, list[Row]]:
    """Few distinct hours, so that rows lie exactly on every bound; some without a time, some orphans."""
    dice = random.Random(7)
    hours = [*range(8), None]
    customers = [{"id": number, "time": at(dice.choice([*range(4), None]))} for number in range(9)]
    sessions = [{"id": n, "customer": dice.randrange(11), "time": at(dice.choice(hours))} for n in range(40)]
    transactions = [
        {
            "id": n,
            "session": dice.randrange(44),
            "time": at(dice.choice(hours)),
            "amount": dice.randrange(-5, 9),
        }
        for n in range(160)
    ]
    return {"customers": customers, "sessions": sessions, "transactions": transactions}


@cache
def entityset() -> ft.EntitySet:
    made = ft.EntitySet("times")
    for name, rows in tables().items():
        frame = pd.DataFrame(rows)
        frame["time"] = pd.to_datetime(frame["time"])
        made.add_dataframe(frame, name, index="id", time_index="time")
    made.add_relationship("customers", "id", "sessions", "customer")
    made.add_relationship("sessions", "id", "transactions", "session")
    return made


@cache
def features() -> list[ft.Feature]:
    made = ft.dfs(
        entityset=entityset(),
        target_dataframe_name="customers",
        agg_primitives=["count", "sum", "min", "max"],
        trans_primitives=[],
        max_depth=2,
        features_only=True,
    )
    return [feature for feature in made if feature.get_name() in NAMES.values()]


def cutoffs() -> pd.DataFrame:
    """Every customer at every hour, an unknown one too; and once without a time."""
    pairs = list(itertools.product(range(10), range(9)))
    random.Random(3).shuffle(pairs)
    frame = pd.DataFrame(
        {"instance_id": [pair[0] for pair in pairs], "time": [at(pair[1]) for pair in pairs]}
    )
    return pd.concat([frame, pd.DataFrame({"instance_id": [1], "time": [pd.NaT]})], ignore_index=True)


def assert_as_naive(matrix: pd.DataFrame, rule: Rule) -> None:
    asked = cutoffs()
    assert list(matrix.index) == list(asked["instance_id"])
    seen = 0
    for position, (customer, cutoff) in enumerate(zip(asked["instance_id"], asked["time"], strict=True)):
        answer = totals(tables(), customer, None if pd.isna(cutoff) else cutoff, rule)
        for key, name in NAMES.items():
            value = matrix[name].iloc[position]
            expected = None if answer is None else answer[key]
            same = pd.isna(value) if expected is None else value == expected
            assert same, f"{name} of customer {customer} at {cutoff}: expected {expected}, got {value}"
            seen += expected is not None and expected != 0
    assert seen > 20, "vacuous: hardly a customer has visible rows"


def rules(gaps: tuple[int | None, ...] = GAPS) -> list[Rule]:
    lengths = itertools.product((True, False), WINDOWS, gaps)
    return [
        Rule(include, *(None if length is None else length * HOUR for length in (window, gap)))
        for include, window, gap in lengths
    ]


def options(rule: Rule) -> dict[str, Any]:
    given = {"training_window": rule.window, "gap": rule.gap}
    return {"include_cutoff_time": rule.include_cutoff_time} | {
        k: v for k, v in given.items() if v is not None
    }


def computed(rule: Rule, engine: str, spark: SparkSession | None = None) -> pd.DataFrame:
    with warnings.catch_warnings():
        # As in Featuretools: without last time indexes a window also hides old parents.
        warnings.filterwarnings("ignore", message=".*last_time_index")
        matrix = matrix_of(entityset(), features(), engine, spark, cutoff_time=cutoffs(), **options(rule))
        return matrix.to_pandas()


@pytest.mark.parametrize(
    ("time", "include", "window", "gap", "expected"),
    [
        (5, True, None, None, True),
        (5, False, None, None, False),
        (6, True, None, None, False),
        (4, False, None, None, True),
        (2, True, 3, None, False),
        (2, False, 3, None, True),
        (3, True, 3, None, True),
        (4, True, None, 1, True),
        (5, True, None, 1, False),
        (4, False, None, 1, False),
        (1, True, 3, 1, False),
        (1, False, 3, 1, True),
        (None, True, None, None, False),
    ],
)
def test_naive_rules(
    time: int | None, include: bool, window: int | None, gap: int | None, expected: bool
) -> None:
    assert visible(time, 5, Rule(include, window, gap)) is expected


@pytest.mark.parametrize("rule", rules(gaps=(None,)), ids=str)
def test_featuretools_agrees_with_the_naive_oracle(rule: Rule) -> None:
    assert_as_naive(oracle(entityset(), features(), cutoff_time=cutoffs(), **options(rule)), rule)


@pytest.mark.parametrize("engine", ["duckdb", "featuretools"])
@pytest.mark.parametrize("rule", rules(), ids=str)
def test_engines_agree_with_the_naive_oracle(rule: Rule, engine: str) -> None:
    assert_as_naive(computed(rule, engine), rule)


@pytest.mark.spark
@pytest.mark.parametrize(
    "rule", [Rule(), Rule(False, 3 * HOUR, HOUR), Rule(True, 5 * HOUR, 2 * HOUR)], ids=str
)
def test_spark_agrees_with_the_naive_oracle(rule: Rule, spark: SparkSession) -> None:
    assert_as_naive(computed(rule, "spark", spark), rule)
