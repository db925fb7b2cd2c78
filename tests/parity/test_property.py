"""Any schema, rows, features and cutoffs that hypothesis comes up with."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings

from tests.parity.harness import assert_parity, computable
from tests.parity.strategies import Example, examples

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def check(example: Example, engine: str, spark: SparkSession | None = None) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*last_time_index")
        features, expected = computable(example.entityset, example.features, **example.options)
        assume(features)
        # Here nothing but nulls is an answer too: the example was not chosen to prove anything.
        assert_parity(
            example.entityset,
            features,
            [engine],
            spark=spark,
            vacuous=True,
            expected=expected,
            **example.options,
        )


@settings(max_examples=120)
@given(example=examples())
def test_duckdb(example: Example) -> None:
    check(example, "duckdb")


@settings(max_examples=30)
@given(example=examples())
def test_featuretools(example: Example) -> None:
    check(example, "featuretools")


@pytest.mark.spark
@settings(max_examples=12)
@given(example=examples())
def test_spark(spark: SparkSession, example: Example) -> None:
    check(example, "spark", spark)
