"""Featuretools against sparkfeat: the same EntitySet, features and options through both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from sparkfeat.definitions import read_features
from sparkfeat.engines.featuretools import reference
from sparkfeat.entityset import EntitySet
from sparkfeat.errors import UserInputError
from sparkfeat.synthesis import calculate_feature_matrix
from sparkfeat.testing.compare import differences, floors, is_vacuous

if TYPE_CHECKING:
    import featuretools
    from featuretools.feature_base import FeatureBase
    from pyspark.sql import SparkSession


AnyEntitySet: TypeAlias = "EntitySet | featuretools.EntitySet"

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
    """Declare a difference. It is strict: `assert_parity` fails when the difference is gone.

    Args:
        reason: why it is right that the two differ.
        raises: what Featuretools raises where sparkfeat computes a value.
        features: names (or patterns) of the columns whose values or types differ, instead of `raises`.
        engines: engines that differ.
    """
    return KnownDifference(reason, raises, tuple(features), tuple(engines))


def assert_parity(
    entityset: AnyEntitySet,
    features: Sequence[FeatureBase],
    engines: Sequence[str] = ("duckdb",),
    spark: SparkSession | None = None,
    *,
    known_differences: Iterable[KnownDifference] = (),
    vacuous: bool = False,
    expected: pd.DataFrame | None = None,
    **options: Any,
) -> None:
    """Fail unless every engine computes what Featuretools computes, or raises where Featuretools raises.

    Args:
        entityset: the data, of sparkfeat or of Featuretools.
        features: Featuretools features.
        engines: engines of sparkfeat to compare with Featuretools.
        spark: session for the Spark engine.
        known_differences: see `known_difference`; each must show.
        vacuous: allow a comparison in which Featuretools' matrix has no row or no value.
        expected: Featuretools' matrix, where it is known already.
        options: arguments of `calculate_feature_matrix` that Featuretools has too.

    Raises:
        AssertionError: names the features that differ, and of each the first rows with both values.
    """
    known, engines = list(known_differences), [engines] if isinstance(engines, str) else engines
    if options.get("gap") is not None:
        raise UserInputError("A gap cannot be compared", why="Featuretools knows of no gap")
    try:
        expected = expected_matrix(entityset, features, spark, **options) if expected is None else expected
    except Exception as error:  # noqa: BLE001 - whatever Featuretools raises is its answer
        for engine in engines:
            compute = partial(computed, entityset, features, engine, spark, **options)
            _assert_raises_too(engine, error, known, compute)
        return
    assert not any(each.raises for each in known), "Featuretools raises nothing: the known difference is gone"
    assert vacuous or not is_vacuous(expected), "vacuous: Featuretools' matrix holds no value to compare with"
    given = own(entityset)
    floor = floors(given, read_features(features, given).features)
    for engine in engines:
        found = differences(expected, computed(given, features, engine, spark, **options), floor)
        _assert_as_known(engine, found, known)


def expected_matrix(
    entityset: AnyEntitySet,
    features: Sequence[FeatureBase],
    spark: SparkSession | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Return what Featuretools computes: on its own EntitySet, or on the rows of one of sparkfeat."""
    if isinstance(entityset, EntitySet):
        return computed(entityset, features, "featuretools", spark, **options)
    return reference(entityset, features, **options)


def computed(
    entityset: AnyEntitySet,
    features: Sequence[FeatureBase],
    engine: str,
    spark: SparkSession | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Return what an engine computes."""
    matrix = calculate_feature_matrix(features, own(entityset), engine=engine, spark=spark, **options)
    return matrix.to_pandas()


def own(entityset: AnyEntitySet) -> EntitySet:
    """Return an EntitySet of sparkfeat as it is, and one of Featuretools taken over."""
    return entityset if isinstance(entityset, EntitySet) else EntitySet.from_featuretools(entityset)


def _assert_raises_too(
    engine: str, error: Exception, known: list[KnownDifference], compute: Callable[[], pd.DataFrame]
) -> None:
    """Featuretools raised: so must the engine, unless that is known to be a fault of Featuretools."""
    declared = [each for each in known if each.raises and engine in each.engines]
    if declared:
        assert isinstance(error, declared[0].raises or ()), f"Featuretools raises {error!r}"
        assert isinstance(compute(), pd.DataFrame)
        return
    try:
        compute()
    except Exception:  # noqa: BLE001 - what it raises is not compared
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
