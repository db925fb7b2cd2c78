"""Fixtures of the parity tests."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import featuretools as ft
import pytest

from tests.parity.harness import assert_parity, oracle

Parity = Callable[..., None]


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark), "featuretools"])
def engine(request: pytest.FixtureRequest) -> str:
    """Run a test once for each engine."""
    return str(request.param)


@pytest.fixture
def parity(request: pytest.FixtureRequest, engine: str) -> Parity:
    """Return `assert_parity` for one engine; Spark starts only when it is that one.

    In tests of `interpreted` modules Spark does not compile what runs once, on few rows.
    """
    session = "interpreted" if request.node.get_closest_marker("interpreted") else "spark"
    spark: Any = request.getfixturevalue(session) if engine == "spark" else None
    return partial(quietly, engine, spark)


def quietly(
    engine: str, spark: Any, entityset: ft.EntitySet, features: list[ft.Feature], **options: Any
) -> None:
    """Call `assert_parity`; what sparkfeat tells of orphans and hidden rows is tested elsewhere."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*last_time_index")
        if "expected" not in options:
            # Where Featuretools refuses, so must the engine: assert_parity compares that.
            with contextlib.suppress(Exception):
                options["expected"] = oracle(entityset, features, **options)
        assert_parity(entityset, features, [engine], spark=spark, **options)
