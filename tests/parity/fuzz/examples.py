"""One random example, and the check of it."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any
from unittest import mock

import pandas as pd

from tests.parity.fuzz.cutoffs import options
from tests.parity.fuzz.features import code_of, features, of_own_rows
from tests.parity.fuzz.recipe import Recipe, entityset_of, features_of
from tests.parity.fuzz.tables import tables
from tests.parity.harness import assert_parity, computable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def example(seed: int, only: Collection[str] = ()) -> Recipe:
    """Make the example of a seed; `only` with primitives of these names, where any are given."""
    dice = Random(seed)
    recipe = tables(dice)
    target = dice.choice(recipe.tables).name
    asked = options(dice, recipe, target)
    with quiet():
        found = features(dice, entityset_of(acyclic(recipe)), target, only, at_cutoff="cutoff_time" in asked)
    codes = [*map(code_of, found), *of_own_rows(dice, recipe, target)]
    return replace(recipe, features=tuple(codes), options=asked)


def acyclic(recipe: Recipe) -> Recipe:
    """Leave out what refers to its own table: dfs of Featuretools does not end on it."""
    return replace(recipe, links=tuple(link for link in recipe.links if link[0] != link[1]))


def check(recipe: Recipe, engine: str, spark: SparkSession | None = None) -> int:
    """Compare an engine with Featuretools; returns how many features were compared.

    Raises:
        AssertionError: they differ.
    """
    with quiet():
        entityset, asked = features_of(recipe)
        kept, expected = computable(entityset, asked, **recipe.options) if asked else ([], None)
        if kept:
            # Nothing but nulls is an answer too: the example was not chosen to prove anything.
            assert_parity(
                entityset, kept, [engine], spark=spark, vacuous=True, expected=expected, **recipe.options
            )
    return len(kept)


@contextmanager
def quiet() -> Iterator[None]:
    """What Woodwork and Featuretools warn of is not under test, nor what sparkfeat tells of the rows.

    Nor is how the CPU sorts values that are equally frequent: they stay in category order, which is what
    docs/known-differences.md promises for N_MOST_COMMON.
    """
    with warnings.catch_warnings(), mock.patch.object(pd.Series, "sort_values", _sorted_stably):
        warnings.simplefilter("ignore")
        yield


_sort_values = pd.Series.sort_values


def _sorted_stably(series: pd.Series, *, kind: str = "stable", **options: Any) -> pd.Series | None:
    return _sort_values(series, kind=kind, **options)
