"""The arguments of `dfs` and `calculate_feature_matrix`: checked at the call, before anything is computed."""

from __future__ import annotations

import logging
from typing import Any

import featuretools as ft
import numpy as np
import pandas as pd
import pytest
from featuretools import primitives as p

import sparkfeat as sf
from sparkfeat import errors
from sparkfeat.engines.duckdb import DuckDBRunner
from tests.entityset.others import steps
from tests.entityset.shop import column, cutoffs, entityset, matrix
from tests.plan.features import aggregated, count, smoothed


@pytest.fixture(autouse=True)
def nothing_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where an engine starts."""

    def start(*_: Any, **__: Any) -> None:
        raise AssertionError("an engine started")

    monkeypatch.setattr(DuckDBRunner, "arrow", start)


def one() -> list[ft.Feature]:
    return [count("sessions", "customers")]


def numeric() -> sf.EntitySet:
    return sf.EntitySet.from_featuretools(steps())


def numeric_features() -> list[ft.Feature]:
    return [
        ft.Feature(
            ft.Feature(steps()["readings"].ww["value"]), parent_dataframe_name="machines", primitive=p.Sum
        )
    ]


def test_a_call_computes_nothing() -> None:
    assert isinstance(matrix(one(), cutoff_time=cutoffs()), sf.FeatureMatrix)


# Engines --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("engine", "message"),
    [("duckbd", "Did you mean 'duckdb'"), ("Spark", "Did you mean 'spark'"), ("pandas", "Known: 'auto'")],
)
def test_an_unknown_engine_is_told_with_the_nearest(engine: str, message: str) -> None:
    with pytest.raises(errors.UserInputError, match=message):
        matrix(one(), engine=engine)


@pytest.mark.parametrize("engine", ["duckdb", "featuretools"])
def test_the_engine_is_the_one_asked_for(engine: str) -> None:
    assert matrix(one(), engine=engine).engine == engine


def one_left() -> list[ft.Feature]:
    return [*one(), smoothed(column("customers", "age"))]


def test_falling_back_can_be_forbidden() -> None:
    with pytest.raises(errors.UnsupportedError, match=r"1 feature has no SQL form.*SAVGOL_FILTER\(age\)"):
        matrix(one_left(), fallback="error")


def test_features_with_sql_do_not_fall_back() -> None:
    assert matrix(one(), fallback="error").fallbacks == []


def test_falling_back_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    matrix(one_left())

    assert "1 of 2 features are computed by Featuretools itself" in caplog.text
    assert "SAVGOL_FILTER(age)" in caplog.text


def test_falling_back_is_neither_allowed_nor_forbidden_by_another_word() -> None:
    with pytest.raises(errors.UserInputError, match="'allow' or 'error'"):
        matrix(one(), fallback="never")


def test_approximate_has_sql_where_rows_have_their_own_times() -> None:
    assert matrix(one(), cutoff_time=cutoffs(), approximate="1 day").fallbacks == []


def test_approximate_with_one_time_is_left_to_featuretools() -> None:
    assert matrix(one(), cutoff_time=pd.Timestamp("2024-01-09"), approximate="1 day").fallbacks == [
        ("COUNT(sessions)", "approximate with one time for all rows")
    ]


# Windows and gaps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("argument", ["training_window", "gap"])
@pytest.mark.parametrize("given", ["a while", "1.5 days", "10 min", "3 observations", "", [], True], ids=repr)
def test_a_span_of_time_cannot_be(given: Any, argument: str) -> None:
    with pytest.raises(errors.CutoffError, match=f"{argument}="):
        matrix(one(), **{argument: given})


@pytest.mark.parametrize("argument", ["training_window", "gap"])
@pytest.mark.parametrize(
    "given", [pd.Timedelta("-2 days"), "-2 days", pd.DateOffset(days=-2), pd.DateOffset(months=-1)], ids=repr
)
def test_a_span_of_time_cannot_be_negative(given: Any, argument: str) -> None:
    # A negative gap would show the future.
    with pytest.raises(errors.CutoffError, match=argument):
        matrix(one(), **{argument: given})


@pytest.mark.parametrize("gap", [-1, -0.5, float("nan"), float("-inf")])
def test_a_gap_in_numbers_cannot_be(gap: float) -> None:
    with pytest.raises(errors.CutoffError, match="gap"):
        matrix(numeric_features(), numeric(), gap=gap)


@pytest.mark.parametrize("gap", [5, 5.0, np.int64(5)], ids=repr)
def test_a_gap_is_a_span_where_times_are_datetimes(gap: Any) -> None:
    with pytest.raises(errors.CutoffError, match=r"gap=.*5.*span of time"):
        matrix(one(), gap=gap)


@pytest.mark.parametrize("gap", ["5 days", pd.Timedelta("5 days"), True], ids=repr)
def test_a_gap_is_a_number_where_times_are_numbers(gap: Any) -> None:
    with pytest.raises(errors.CutoffError, match=r"does not fit the time indexes. Give a number"):
        matrix(numeric_features(), numeric(), gap=gap)


@pytest.mark.parametrize("gap", [2, 2.5, np.int64(2), np.float64(2)], ids=repr)
def test_a_gap_may_be_any_number(gap: Any) -> None:
    assert f"cutoff - {float(gap)}" in matrix(numeric_features(), numeric(), gap=gap).explain()


@pytest.mark.parametrize("window", ["5 days", 5])
def test_there_is_no_window_of_numbers(window: Any) -> None:
    with pytest.raises(errors.CutoffError, match="training_window cannot be used"):
        matrix(numeric_features(), numeric(), training_window=window)


# Features -------------------------------------------------------------------------------------------------

BAD_FEATURES: dict[str, tuple[Any, str]] = {
    "an empty list": ([], "non-empty list"),
    "a number": (5, "non-empty list"),
    "words": (["COUNT(sessions)"], "no Featuretools feature"),
    "a missing file": ("gone.json", "No such file of feature definitions"),
}


@pytest.mark.parametrize("case", BAD_FEATURES)
def test_features_cannot_be(case: str) -> None:
    given, message = BAD_FEATURES[case]

    with pytest.raises(errors.DefinitionError, match=message):
        matrix(given)


def test_features_describe_one_table() -> None:
    with pytest.raises(errors.DefinitionError, match=r"different dataframes.*customers, sessions"):
        matrix([*one(), count("sales", "sessions")])


def test_two_features_of_one_name_are_refused() -> None:
    total = aggregated(column("sessions", "length"), "customers", p.Sum)

    with pytest.raises(errors.DefinitionError, match="COUNT"):
        matrix([*one(), total.rename("COUNT(sessions)")])


def test_the_same_feature_twice_is_refused() -> None:
    with pytest.raises(errors.DefinitionError, match="COUNT"):
        matrix([*one(), *one()])


def test_features_of_another_entityset_are_told_with_the_nearest() -> None:
    small = entityset(names=["customers", "products"])

    with pytest.raises(errors.SchemaError, match="No dataframe 'sessions'"):
        matrix(one(), small)


@pytest.mark.parametrize("given", [None, "shop", 5])
def test_an_entityset_is_needed(given: Any) -> None:
    with pytest.raises(errors.SchemaError, match="No EntitySet given"):
        sf.calculate_feature_matrix(one(), given)


@pytest.mark.parametrize(
    "argument", [{"save_progress": "here"}, {"chunk_size": 10}, {"dask_kwargs": {}}, {"n_jobs": 2}], ids=str
)
def test_an_argument_without_effect_is_told(
    argument: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "sparkfeat"):
        matrix(one(), **argument)

    assert f"{next(iter(argument))} has no effect" in caplog.text


def test_instance_ids_beside_a_table_of_cutoff_times_are_told(caplog: pytest.LogCaptureFixture) -> None:
    matrix(one(), cutoff_time=cutoffs(), instance_ids=[1])

    assert "instance_ids" in caplog.text


def test_verbose_logs_the_plan(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "sparkfeat"):
        matrix(one(), verbose=True)

    assert "rows of customers known, as visible at the cutoff" in caplog.text
