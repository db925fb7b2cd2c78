"""Any schema, rows, features and cutoffs: see `tests/parity/fuzz`, whose examples are drawn here by seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from tests.parity.fuzz.examples import check, example

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# A seed has no smaller one: `make fuzz` makes an example smaller.
drawn = settings(phases=[Phase.explicit, Phase.generate])
seeds = given(seed=st.integers(0, 2**32 - 1))


def check_seed(seed: int, engine: str, spark: SparkSession | None = None) -> None:
    try:
        assume(check(example(seed), engine, spark))
    except AssertionError as error:
        error.add_note(f"As a short script: make fuzz N=1 SEED={seed} ENGINE={engine}")
        raise


@settings(drawn, max_examples=80)
@seeds
def test_duckdb(seed: int) -> None:
    check_seed(seed, "duckdb")


@settings(drawn, max_examples=25)
@seeds
def test_featuretools(seed: int) -> None:
    check_seed(seed, "featuretools")


@pytest.mark.spark
@settings(drawn, max_examples=12)
@seeds
def test_spark(spark: SparkSession, seed: int) -> None:
    check_seed(seed, "spark", spark)
