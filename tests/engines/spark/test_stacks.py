"""Columns stacked into rows on Spark: values are Featuretools' own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import featuretools as ft
import featuretools.primitives as p
import pytest

import sparkfeat as sf
from sparkfeat.sql import DIALECTS, stacks
from tests.parity.cases.made import aggregate, column
from tests.parity.cases.options import KINDS
from tests.parity.data import traps
from tests.parity.harness import assert_parity, computable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NUMBERS = {
    "doubles": ("amount", "other"),
    "integers": ("whole", "count"),
}
OF_NUMBERS = (p.Sum, p.Mean, p.Min, p.Max, p.Std, p.Skew, p.Median, p.Variance, p.MaxMinDelta, p.Last)
OF_BOOLEANS = (p.All, p.Any, p.NumTrue, p.PercentTrue, p.Last)


@pytest.fixture(autouse=True)
def two_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DIALECTS["spark"], "stacked_from", 2)
    monkeypatch.setattr(stacks, "STATISTICS_THAT_PAY", 1)


def of_columns(names: tuple[str, ...], primitives: tuple[type, ...], **options: Any) -> list[ft.Feature]:
    """Return statistics of events' columns for customers."""
    return [
        aggregate(column("events", name), "customers", one, **options) for name in names for one in primitives
    ]


def chosen() -> list[ft.Feature]:
    """Return statistics of every type, with and without a condition, beside others and of each other."""
    numbers = [one for names in NUMBERS.values() for one in of_columns(names, OF_NUMBERS)]
    flagged = column("events", "flag") == True  # noqa: E712 - makes a feature
    of_regions = [aggregate(one, "regions", kind) for one in numbers[:6] for kind in (p.Sum, p.Mean, p.Skew)]
    return [
        *numbers,
        *of_columns(("flag", "check"), OF_BOOLEANS),
        *of_columns(("due", "at"), (p.First, p.Last)),
        *of_columns(("amount", "other", "whole"), (p.Sum, p.Min, p.Skew), where=flagged),
        *of_columns(("amount", "other"), (p.Sum, p.Max), use_previous="3 days"),
        aggregate(column("events", "event_id"), "customers", p.Count),
        *(ft.Feature(one, "customers") for one in of_regions),
    ]


@pytest.mark.spark
@pytest.mark.parametrize("kind", KINDS)
def test_values(kind: str, interpreted: SparkSession) -> None:
    features, expected = computable(traps(), chosen(), **KINDS[kind])
    matrix = sf.calculate_feature_matrix(
        features, sf.EntitySet.from_featuretools(traps()), engine="duckdb", **KINDS[kind]
    )

    assert matrix.sql(dialect="spark").count("POSEXPLODE") > len(NUMBERS)
    assert_parity(traps(), features, ["spark"], spark=interpreted, expected=expected, **KINDS[kind])
