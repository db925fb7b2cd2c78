"""Primitives of users, by their own Python functions and by SQL that is registered for them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import featuretools as ft
import featuretools.primitives as p
import pandas as pd
import pytest

from tests.parity.cases.case import parts, search
from tests.parity.cases.options import KINDS, MANY
from tests.parity.conftest import Parity
from tests.parity.data import traps
from tests.parity.harness import assert_parity, computable, matrix_of
from tests.primitives import own

pytestmark = pytest.mark.heavy

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

AGGREGATIONS = (own.Spread, own.AboveMean, own.Often, own.Newest, own.HoursSince)
TRANSFORMS = (own.Scaled, own.Weekend, own.CumSum)
Reference = tuple[list[ft.Feature], pd.DataFrame]


@cache
def features_of(primitive: type) -> list[ft.Feature]:
    """Return features of a class: filtered, stacked, below and beside, and in groups."""
    aggregates = primitive in AGGREGATIONS
    made = search(
        "customers",
        agg_primitives=[primitive, p.Max] if aggregates else [p.Last],
        where_primitives=[primitive] if aggregates else None,
        trans_primitives=[p.GreaterThanScalar(1)] if aggregates else [primitive, p.GreaterThanScalar(1)],
        groupby_trans_primitives=[primitive] if primitive is own.CumSum else [],
        max_depth=2,
    )
    found = [feature for feature in made if any(type(each.primitive) is primitive for each in parts(feature))]
    return found[:: len(found) // 40 + 1]


@cache
def reference(primitive: type, kind: str) -> Reference:
    return computable(traps(), features_of(primitive), **KINDS[kind])


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "none"])
@pytest.mark.parametrize("primitive", own.SQL, ids=lambda primitive: primitive.__name__)
def test_registered(primitive: type, kind: str) -> None:
    features, expected = reference(primitive, kind)
    assert features
    with own.registered(primitive):
        assert not matrix_of(traps(), features, "duckdb", **KINDS[kind]).fallbacks
        assert_parity(traps(), features, ["duckdb"], expected=expected, **KINDS[kind])


@pytest.mark.parametrize("primitive", own.SQL, ids=lambda primitive: primitive.__name__)
def test_not_registered(primitive: type) -> None:
    features, expected = reference(primitive, "many")

    assert len(matrix_of(traps(), features, "duckdb", cutoff_time=MANY).fallbacks) == len(features)
    assert_parity(traps(), features, ["duckdb"], expected=expected, **KINDS["many"])


@pytest.mark.spark
def test_registered_on_spark(spark: SparkSession) -> None:
    found = [reference(primitive, "many") for primitive in own.SQL]
    features = [feature for some, _ in found for feature in some[::6]]
    with own.registered(*own.SQL):
        assert not matrix_of(traps(), features, "spark", spark, **KINDS["many"]).fallbacks
        assert_parity(traps(), features, ["spark"], spark=spark, **KINDS["many"])


class Sign(p.TransformPrimitive):  # type: ignore[misc]
    """A category without a declared logical type: the values decide."""

    name = "sign"
    input_types = [own.NUMBER]  # noqa: RUF012
    return_type = p.Month.return_type.__class__(semantic_tags={"category"})

    def __init__(self, texts: bool = True) -> None:
        self.texts = texts

    def get_function(self) -> own.Function:
        known = ["-", "+"] if self.texts else [0, 1]
        return lambda values: values.map(lambda value: None if pd.isna(value) else known[value > 0])


@pytest.mark.parametrize("texts", [True, False])
def test_an_open_return_type(texts: bool, parity: Parity) -> None:
    score = ft.Feature(traps()["customers"].ww["score"])
    parity(traps(), [ft.Feature(score, primitive=Sign(texts))], **KINDS["many"])
