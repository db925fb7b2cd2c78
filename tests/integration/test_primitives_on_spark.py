"""Every primitive on Spark, on rows full of traps; too long for `make test`."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import featuretools as ft
import pytest

from tests.parity.cases.case import MOST_FEATURES, Data, parts
from tests.parity.cases.native import CASES, TRANSFORMS, features_of, features_of_events
from tests.parity.cases.options import KINDS
from tests.parity.cases.test_native import ROW_LOCAL
from tests.parity.data import day
from tests.parity.harness import assert_parity, computable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


# Another version of Spark is tried with fewer features of each case.
OF_EACH = int(os.environ.get("SPARKFEAT_TESTS_OF_EACH", "2"))


def in_groups(cases: Iterable[str], size: int = 15) -> list[tuple[str, ...]]:
    """Put cases of the same data together, fifteen at a time."""
    by_data: dict[Data, list[str]] = defaultdict(list)
    for case in cases:
        by_data[CASES[case].data].append(case)
    return [
        tuple(same[start : start + size]) for same in by_data.values() for start in range(0, len(same), size)
    ]


def compare(
    cases: tuple[str, ...],
    find: Callable[[str], list[ft.Feature]],
    spark: SparkSession | None,
    engine: str = "spark",
    **options: Any,
) -> None:
    """Compare some features of every case; all of a case, where Featuretools fails on those."""
    failed = without_any(cases, find, spark, OF_EACH, engine, **options)
    assert not failed or not without_any(failed, find, spark, MOST_FEATURES, engine, **options)


def without_any(
    cases: tuple[str, ...],
    find: Callable[[str], list[ft.Feature]],
    spark: SparkSession | None,
    of_each: int,
    engine: str,
    **options: Any,
) -> tuple[str, ...]:
    """Compare features in one matrix, for Spark is slow to start on one; return cases that none is of."""
    chosen: dict[str, ft.Feature] = {}
    for case in cases:
        found = find(case)
        chosen |= {feature.get_name(): feature for feature in found[:: len(found) // of_each + 1]}
    data = CASES[cases[0]].data()
    features, expected = computable(data, list(chosen.values()), **options)
    if features:
        assert_parity(data, features, [engine], spark=spark, expected=expected, **options)
    names = {part.primitive.name for feature in features for part in parts(feature)}
    return tuple(case for case in cases if CASES[case].name not in names)


@pytest.mark.spark
@pytest.mark.parametrize("cases", in_groups([name for name in CASES if name not in ROW_LOCAL]), ids=",".join)
def test_native_on_spark(cases: tuple[str, ...], interpreted: SparkSession) -> None:
    compare(cases, features_of, interpreted, **KINDS["many"])


@pytest.mark.spark
@pytest.mark.parametrize("cases", in_groups(TRANSFORMS), ids=",".join)
def test_rows_of_events_on_spark(cases: tuple[str, ...], interpreted: SparkSession) -> None:
    compare(cases, features_of_events, interpreted, cutoff_time=day(10))
