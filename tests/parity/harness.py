"""`sparkfeat.testing` as the tests use it: every engine by default, and no session but the one given."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any
from unittest import mock

import featuretools
import pandas as pd
from featuretools.feature_base import FeatureBase

import sparkfeat as sf
from sparkfeat.engines.featuretools import reference
from sparkfeat.testing import KnownDifference, known_difference
from sparkfeat.testing.parity import ENGINES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = [
    "ENGINES",
    "KnownDifference",
    "assert_parity",
    "computable",
    "known_difference",
    "matrix_of",
    "oracle",
]


KNOWN = 8
"""So many of Featuretools' matrices are kept: a test's engines follow each other."""
_KNOWN: dict[tuple[Any, ...], tuple[featuretools.EntitySet, pd.DataFrame]] = {}


def oracle(entityset: featuretools.EntitySet, features: list[FeatureBase], **options: Any) -> pd.DataFrame:
    """Return Featuretools' matrix, computed once for all engines that are compared with it."""
    tables = tuple((name, id(frame), *frame.columns) for name, frame in entityset.dataframe_dict.items())
    key = (id(entityset), tables, featuretools.save_features(features), pickle.dumps(options))
    if key not in _KNOWN:
        # The EntitySet is kept with it, so that no other one gets its id.
        _KNOWN[key] = entityset, reference(entityset, features, **options)
        if len(_KNOWN) > KNOWN:
            del _KNOWN[next(iter(_KNOWN))]
    return _KNOWN[key][1].copy()


def matrix_of(
    entityset: featuretools.EntitySet,
    features: list[FeatureBase],
    engine: str,
    spark: SparkSession | None = None,
    **options: Any,
) -> sf.FeatureMatrix:
    """Return sparkfeat's FeatureMatrix."""
    given = sf.EntitySet.from_featuretools(entityset)
    with _only(spark):
        return sf.calculate_feature_matrix(features, given, engine=engine, spark=spark, **options)


def _only(spark: SparkSession | None) -> AbstractContextManager[Any]:
    """Hide a session that another test started: it would turn engine="featuretools" into one on Spark."""
    return nullcontext() if spark else mock.patch("sparkfeat.synthesis.active_session", return_value=None)


def assert_parity(
    entityset: featuretools.EntitySet,
    features: list[FeatureBase],
    engines: Sequence[str] = ENGINES,
    *,
    spark: SparkSession | None = None,
    **options: Any,
) -> None:
    """Call `sparkfeat.testing.assert_parity`; see there."""
    with _only(spark):
        sf.testing.assert_parity(entityset, features, engines, spark, **options)


def computable(
    entityset: featuretools.EntitySet, features: list[FeatureBase], **options: Any
) -> tuple[list[FeatureBase], pd.DataFrame]:
    """Leave out the features on which Featuretools itself fails with these options.

    Returns:
        The other features and their matrix; an empty list and an empty matrix where none is left.
    """
    try:
        return features, oracle(entityset, features, **options)
    except Exception:  # noqa: BLE001 - it fails in many ways
        if len(features) == 1:
            return [], pd.DataFrame()
    middle = len(features) // 2
    halves = [computable(entityset, half, **options)[0] for half in (features[:middle], features[middle:])]
    kept = [feature for half in halves for feature in half]
    return (kept, oracle(entityset, kept, **options)) if kept else ([], pd.DataFrame())
