"""Every primitive on Spark, on rows full of traps; too long for `make test`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import featuretools as ft
import pandas as pd
import pytest

from tests.parity.cases.case import Data
from tests.parity.cases.native import CASES, TRANSFORMS
from tests.parity.cases.options import KINDS
from tests.parity.cases.test_native import ROW_LOCAL, Reference, reference, reference_of_events
from tests.parity.data import day
from tests.parity.harness import assert_parity

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def in_groups(cases: Iterable[str], size: int = 15) -> list[tuple[str, ...]]:
    """Put cases of the same data together, fifteen at a time."""
    by_data: dict[Data, list[str]] = defaultdict(list)
    for case in cases:
        by_data[CASES[case].data].append(case)
    return [
        tuple(same[start : start + size]) for same in by_data.values() for start in range(0, len(same), size)
    ]


def some_of_each(references: list[Reference]) -> Reference:
    """Put three features of every case into one matrix: Spark takes seconds to start on one."""
    chosen: dict[str, ft.Feature] = {}
    columns: dict[str, pd.Series] = {}
    for features, matrix in references:
        for feature in features[:: len(features) // 3 + 1]:
            chosen[feature.get_name()] = feature
            columns |= {name: matrix[name] for name in feature.get_feature_names()}
    return list(chosen.values()), pd.DataFrame(columns)


@pytest.fixture
def interpreted(spark: SparkSession) -> Iterator[SparkSession]:
    """Let Spark interpret queries: to compile one takes longer than to run it on these few rows.

    The tests of whole schemas run compiled code.
    """
    modes = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
    before = {key: spark.conf.get(key) for key in modes}
    for key, value in modes.items():
        spark.conf.set(key, value)
    yield spark
    for key, value in before.items():
        spark.conf.set(key, value)


@pytest.mark.spark
@pytest.mark.parametrize("cases", in_groups([name for name in CASES if name not in ROW_LOCAL]), ids=",".join)
def test_native_on_spark(cases: tuple[str, ...], interpreted: SparkSession) -> None:
    features, _ = some_of_each([reference(case, "many") for case in cases])
    assert_parity(CASES[cases[0]].data(), features, ["spark"], spark=interpreted, **KINDS["many"])


@pytest.mark.spark
@pytest.mark.parametrize("cases", in_groups(TRANSFORMS), ids=",".join)
def test_rows_of_events_on_spark(cases: tuple[str, ...], interpreted: SparkSession) -> None:
    features, expected = some_of_each([reference_of_events(case) for case in cases])
    assert_parity(
        CASES[cases[0]].data(), features, ["spark"], spark=interpreted, expected=expected, cutoff_time=day(10)
    )
