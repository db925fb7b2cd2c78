"""Every primitive that has an SQL form, on rows full of traps, at every kind of cutoff, on every engine."""

from __future__ import annotations

from functools import cache

import featuretools as ft
import pandas as pd
import pytest

import sparkfeat as sf
from sparkfeat.definitions.catalog import catalog
from sparkfeat.primitives.families import FAMILIES as ROWS_BY_FAMILY
from sparkfeat.primitives.families import WITHOUT_SQL
from sparkfeat.primitives.own import OWN_FAMILIES
from tests.parity.cases.case import needs_time
from tests.parity.cases.native import CASES, FAMILIES, TRANSFORMS, features_of, features_of_events
from tests.parity.cases.options import KINDS, kinds_for
from tests.parity.data import day
from tests.parity.harness import assert_parity, computable

# The featuretools engine runs Featuretools itself: some cases show that it does so on the same rows.
LOCAL = [*((case, "duckdb") for case in CASES), *((case, "featuretools") for case in tuple(CASES)[::15])]

# Transforms of one row are tried on Spark at one time only, row by row.
ROW_LOCAL = frozenset(name for name, case in CASES.items() if case.kind == "transform")

Reference = tuple[list[ft.Feature], pd.DataFrame]


@cache
def reference(case: str, kind: str) -> Reference:
    """Return what Featuretools can compute of a case, and its matrix: the same for every engine."""
    chosen = features_of(case)
    if kind == "none":
        chosen = [feature for feature in chosen if not needs_time(feature)]
    return computable(CASES[case].data(), chosen, **KINDS[kind]) if chosen else ([], pd.DataFrame())


@pytest.mark.parametrize(("case", "engine"), LOCAL)
def test_native(case: str, engine: str) -> None:
    varied = engine == "duckdb" and case not in ROW_LOCAL
    for kind in kinds_for(tuple(CASES).index(case)) if varied else ("many",):
        features, expected = reference(case, kind)
        if features:
            vacuous = kind != "many"
            assert_parity(
                CASES[case].data(), features, [engine], expected=expected, vacuous=vacuous, **KINDS[kind]
            )
    assert reference(case, "many")[0]


@cache
def reference_of_events(case: str) -> Reference:
    return computable(CASES[case].data(), features_of_events(case), cutoff_time=day(10))


@pytest.mark.parametrize("case", TRANSFORMS)
def test_rows_of_events(case: str) -> None:
    features, expected = reference_of_events(case)
    assert features
    assert_parity(
        CASES[case].data(),
        features,
        ["duckdb"],
        expected=expected,
        vacuous=CASES[case].always_null,
        cutoff_time=day(10),
    )


def test_every_primitive_has_a_case_in_its_family() -> None:
    tried = {family: {case.name for case in cases.values()} for family, cases in FAMILIES.items()}
    known = {family: {row.name for row in rows} for family, rows in ROWS_BY_FAMILY.items()}
    own = {family: {row.name for row in rows.values()} for family, rows in OWN_FAMILIES.items()}
    assert tried == known | own | {"smoothing": set(WITHOUT_SQL)}
    assert {entry.name for entry in catalog()} <= set.union(*tried.values())


@pytest.mark.parametrize("case", [name for name, case in CASES.items() if case.name not in WITHOUT_SQL])
def test_cases_are_computed_in_sql(case: str) -> None:
    """Else the comparisons above would prove nothing: Featuretools would be compared with itself."""
    features = features_of(case)
    matrix = sf.calculate_feature_matrix(
        features, sf.EntitySet.from_featuretools(CASES[case].data()), engine="duckdb"
    )

    assert len(matrix.fallbacks) < len(features) / 4, matrix.fallbacks[:3]
