"""Rows that point up: which parents' rows a partition gets, and customers among another one's rows."""

from __future__ import annotations

from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING

import featuretools as ft
import pandas as pd
import pytest
from featuretools import primitives as p
from featuretools.entityset.relationship import RelationshipPath
from featuretools.feature_base import AggregationFeature, DirectFeature, IdentityFeature

from sparkfeat.engines.partitioned import hot, runner
from tests.parity.conftest import quietly
from tests.parity.harness import matrix_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark


@cache
def letters() -> ft.EntitySet:
    """Return customers who write to each other."""
    made = ft.EntitySet("letters")
    ages = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0]
    made.add_dataframe(pd.DataFrame({"customer_id": range(8), "age": ages}), "customers", index="customer_id")
    numbers = range(24)
    written = {
        "letter_id": numbers,
        "sender": [number % 7 if number < 16 else 0 for number in numbers],
        "receiver": [(number * 3 + 1) % 8 for number in numbers],
    }
    made.add_dataframe(pd.DataFrame(written), "letters", index="letter_id")
    made.add_relationship("customers", "customer_id", "letters", "sender")
    made.add_relationship("customers", "customer_id", "letters", "receiver")
    return made


def age_of_receivers() -> ft.Feature:
    """Return the mean age of those to whom a customer writes."""
    sent, received = letters().relationships
    age = IdentityFeature(letters()["customers"].ww["age"])
    of_letter = DirectFeature(age, "letters", relationship=received)
    path = RelationshipPath([(False, sent)])
    return AggregationFeature(of_letter, "customers", p.Mean, relationship_path=path)


@pytest.fixture(autouse=True)
def several_partitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "ROWS_WORTH_A_TASK", 5)


@pytest.mark.parametrize("share", [0, 100], ids=["those pointed at", "all parents"])
def test_no_customer_has_two_rows(
    share: int, interpreted: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "EVERYWHERE_SHARE", share)

    quietly("partitioned", interpreted, letters(), [age_of_receivers()])


def test_nor_has_a_hot_one(interpreted: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hot, "SHARES", 0)
    monkeypatch.setattr(hot, "ROWS", 8)

    quietly("partitioned", interpreted, letters(), [age_of_receivers()])


def test_small_tables_of_parents_are_not_sought(
    interpreted: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows that point at them are read once, for themselves."""
    counts = {}
    for share in (0, 100):
        monkeypatch.setattr(runner, "EVERYWHERE_SHARE", share)
        made = matrix_of(letters(), [age_of_receivers()], "partitioned", interpreted).to_spark()
        counts[share] = plan_of(made).count("Scan")

    assert counts[100] < counts[0]


def plan_of(frame: DataFrame) -> str:
    """Return what `explain` prints, on Connect too."""
    printed = StringIO()
    with redirect_stdout(printed):
        frame.explain()
    return printed.getvalue()
