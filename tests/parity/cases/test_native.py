"""Every primitive that has an SQL form, on rows full of traps, at every kind of cutoff, on every engine."""

from __future__ import annotations

from functools import cache

import featuretools as ft
import pandas as pd
import pytest

import sparkfeat as sf
from tests.parity.cases.native import (
    ARITHMETIC,
    BUILDERS,
    COMPARISONS,
    DATES_AND_TEXT,
    ROW_ORDER,
    features_of,
    features_of_events,
    parts,
)
from tests.parity.cases.options import KINDS, kinds_for
from tests.parity.conftest import Parity
from tests.parity.data import day, traps
from tests.parity.harness import computable

CASES = tuple(BUILDERS)
TRANSFORMS = (*DATES_AND_TEXT, *ARITHMETIC, *COMPARISONS, *ROW_ORDER)


def without_calculation_time(features: list[ft.Feature]) -> list[ft.Feature]:
    """Leave out what measures time from now: two engines never compute at the same moment."""
    return [
        feature for feature in features if not any(each.primitive.uses_calc_time for each in parts(feature))
    ]


@cache
def reference(case: str, kind: str) -> tuple[list[ft.Feature], pd.DataFrame]:
    """Return what Featuretools can compute of a case, and its matrix: the same for every engine."""
    chosen = features_of(case)
    if kind == "none":
        chosen = without_calculation_time(chosen)
    return computable(traps(), chosen, **KINDS[kind]) if chosen else ([], pd.DataFrame())


@pytest.mark.parametrize("case", CASES)
def test_native(case: str, parity: Parity, engine: str) -> None:
    for kind in kinds_for(engine):
        features, expected = reference(case, kind)
        if features:
            parity(traps(), features, expected=expected, vacuous=kind != "many", **KINDS[kind])
    assert reference(case, "many")[0]


@cache
def reference_of_events(case: str) -> tuple[list[ft.Feature], pd.DataFrame]:
    return computable(traps(), features_of_events(case), cutoff_time=day(10))


@pytest.mark.parametrize("case", TRANSFORMS)
def test_rows_of_events(case: str, parity: Parity) -> None:
    features, expected = reference_of_events(case)
    assert features
    parity(traps(), features, expected=expected, cutoff_time=day(10))


def test_every_primitive_with_sql_has_a_case() -> None:
    table = sf.list_primitives()
    native = table[(table["duckdb_level"] == "exact") | (table["spark_level"] == "exact")]
    tried = {
        each.primitive.name for case in CASES for feature in features_of(case) for each in parts(feature)
    }

    assert set(native["name"]) - tried == set()


@pytest.mark.parametrize("case", CASES)
def test_cases_are_computed_in_sql(case: str) -> None:
    """Else the comparisons above would prove nothing: Featuretools would be compared with itself."""
    features = features_of(case)
    matrix = sf.calculate_feature_matrix(features, sf.EntitySet.from_featuretools(traps()), engine="duckdb")

    assert len(matrix.fallbacks) < len(features) / 4, matrix.fallbacks[:3]
