"""Featuretools against sparkfeat: the same EntitySet, features and options through both."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest import mock

import featuretools
import pandas as pd
from featuretools.feature_base import FeatureBase

import sparkfeat as sf
from tests.parity.compare import differences, floors, is_vacuous

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ENGINES = ("duckdb", "spark")


@dataclass(frozen=True)
class KnownDifference:
    """A place where sparkfeat does not do what Featuretools does, and why. See `known_difference`."""

    reason: str
    raises: type[Exception] | None
    features: tuple[str, ...]
    engines: tuple[str, ...]

    def covers(self, column: str, engine: str) -> bool:
        """Whether a difference in `column` on `engine` is this one."""
        return engine in self.engines and any(fnmatchcase(column, pattern) for pattern in self.features)


def known_difference(
    reason: str,
    raises: type[Exception] | None = None,
    features: Iterable[str] = (),
    engines: Iterable[str] = (*ENGINES, "featuretools"),
) -> KnownDifference:
    """Declare a difference. It is strict: the test fails when the difference is gone.

    Args:
        reason: why it is right that the two differ.
        raises: what Featuretools raises where sparkfeat computes a value.
        features: names (or patterns) of the columns whose values or types differ, instead of `raises`.
        engines: engines that differ.
    """
    return KnownDifference(reason, raises, tuple(features), tuple(engines))


def oracle(entityset: featuretools.EntitySet, features: list[FeatureBase], **options: Any) -> pd.DataFrame:
    """Return Featuretools' feature matrix; what it warns of is not under test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        matrix = featuretools.calculate_feature_matrix(features, entityset, **_own(options))
    return pd.DataFrame(matrix)


def computed(
    entityset: featuretools.EntitySet,
    features: list[FeatureBase],
    engine: str,
    spark: SparkSession | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Return sparkfeat's feature matrix, by its public interface."""
    return matrix_of(entityset, features, engine, spark, **options).to_pandas()


def matrix_of(
    entityset: featuretools.EntitySet,
    features: list[FeatureBase],
    engine: str,
    spark: SparkSession | None = None,
    **options: Any,
) -> sf.FeatureMatrix:
    """Return sparkfeat's FeatureMatrix."""
    given = sf.EntitySet.from_featuretools(entityset)
    if spark is not None:
        return sf.calculate_feature_matrix(features, given, engine=engine, spark=spark, **_own(options))
    # A session that another test started would turn engine="featuretools" into Featuretools on Spark.
    with mock.patch("sparkfeat.synthesis.active_session", return_value=None):
        return sf.calculate_feature_matrix(features, given, engine=engine, **_own(options))


def _own(options: dict[str, Any]) -> dict[str, Any]:
    """Return options in which no frame is shared: Featuretools types the cutoff frame in place."""
    copied = {name: value.copy() for name, value in options.items() if isinstance(value, pd.DataFrame)}
    return options | copied


def assert_parity(
    entityset: featuretools.EntitySet,
    features: list[FeatureBase],
    engines: Sequence[str] = ENGINES,
    known_differences: Iterable[KnownDifference] = (),
    *,
    spark: SparkSession | None = None,
    vacuous: bool = False,
    expected: pd.DataFrame | None = None,
    **options: Any,
) -> None:
    """Fail unless every engine computes what Featuretools computes, or raises where Featuretools raises.

    Args:
        entityset: the data, as Featuretools holds it.
        features: Featuretools features.
        engines: engines of sparkfeat to compare.
        known_differences: see `known_difference`; each must show.
        spark: session for the Spark engine.
        vacuous: allow a comparison in which Featuretools' matrix has no row or no value.
        expected: what `oracle` returned for the same arguments, where it is known already.
        options: arguments of `calculate_feature_matrix`.
    """
    known = list(known_differences)
    try:
        expected = oracle(entityset, features, **options) if expected is None else expected
    except Exception as error:  # noqa: BLE001 - whatever Featuretools raises is its answer
        for engine in engines:
            compute = partial(computed, entityset, features, engine, spark, **options)
            _assert_raises_too(engine, error, known, compute)
        return
    assert not any(each.raises for each in known), "Featuretools raises nothing: the known difference is gone"
    assert vacuous or not is_vacuous(expected), "vacuous: Featuretools' matrix holds no value to compare with"
    floor = floors(entityset, features)
    for engine in engines:
        found = differences(expected, computed(entityset, features, engine, spark, **options), floor)
        _assert_as_known(engine, found, known)


def _assert_raises_too(
    engine: str, error: Exception, known: list[KnownDifference], compute: Callable[[], pd.DataFrame]
) -> None:
    """Featuretools raised: so must sparkfeat, unless that is known to be a fault of Featuretools."""
    declared = [each for each in known if each.raises and engine in each.engines]
    if declared:
        assert isinstance(error, declared[0].raises or ()), f"Featuretools raises {error!r}"
        assert isinstance(compute(), pd.DataFrame)
        return
    try:
        compute()
    except Exception:  # noqa: BLE001 - what it raises is for the tests of errors
        return
    raise AssertionError(f"{engine} computes what Featuretools refuses: {type(error).__name__}: {error}")


def _assert_as_known(engine: str, found: dict[str, str], known: list[KnownDifference]) -> None:
    """Fail on differences that were not declared, and on declared ones that do not show."""
    declared = [each for each in known if engine in each.engines]
    expected = {name for name in found if any(each.covers(name, engine) for each in declared)}
    news = {name: told for name, told in found.items() if name not in expected}
    assert not news, report(engine, news)
    gone = [each.reason for each in declared if not any(each.covers(name, engine) for name in found)]
    assert not gone, f"{engine}: known differences that no longer show: {gone}"


def report(engine: str, found: dict[str, str]) -> str:
    """Return the differences as a message: feature, row, both values."""
    lines = [f"{engine} differs from Featuretools in {len(found)} place(s)"]
    for name, told in list(found.items())[:20]:
        lines.append(f"{name or 'the matrix'}:")
        lines += [f"    {line}" for line in told.splitlines()]
    return "\n".join(lines)


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
