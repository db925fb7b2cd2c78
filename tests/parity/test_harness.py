"""The harness itself: it must see every kind of difference, and no difference where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import featuretools as ft
import numpy as np
import pandas as pd
import pytest

import sparkfeat as sf
from sparkfeat.definitions import read_features
from sparkfeat.testing import parity
from sparkfeat.testing.compare import CANCELLATION, differences, floors, is_vacuous
from tests.parity.harness import assert_parity, computable, known_difference


def matrix(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.Index([1, 2, 3], name="id"))


EQUAL: list[tuple[Any, Any]] = [
    ([1.0, np.nan, np.inf], [1.0 + 1e-10, np.nan, np.inf]),
    ([0.0, -0.0, 1.0], [-0.0, 0.0, 1.0]),
    (pd.array([1, None, 3], dtype="Int64"), pd.array([1, None, 3], dtype="Int64")),
    (pd.Categorical(["a", None, "b"]), pd.Categorical(["a", None, "b"], categories=["z", "b", "a"])),
    ([(1.0, np.nan), (np.nan, np.nan), (2.0, 3.0)], [(1.0, np.nan), (np.nan, np.nan), (2.0, 3.0)]),
    (pd.to_datetime(["2021-01-01", None, "2021-02-01"]), pd.to_datetime(["2021-01-01", None, "2021-02-01"])),
]
DIFFERENT: list[tuple[Any, Any, str]] = [
    ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0 + 1e-8], "row 3: expected 3.0, got 3.00000001"),
    ([1.0, 2.0, np.nan], [1.0, 2.0, 0.0], "row 3: expected nan, got 0.0"),
    ([1.0, 2.0, np.inf], [1.0, 2.0, -np.inf], "expected inf, got -inf"),
    ([1, 2, 3], [1.0, 2.0, 3.0], "dtype: expected int64, got float64"),
    (pd.array([1, 2, 3], dtype="Int64"), [1, 2, 3], "dtype: expected Int64, got int64"),
    (pd.Categorical(["a", "b", "b"]), ["a", "b", "b"], "dtype: expected category, got object"),
    (
        pd.Categorical([1, 2, 2], categories=[1, 2], ordered=True),
        pd.Categorical([1, 2, 2], categories=[2, 1], ordered=True),
        "dtype: expected ordered category [1, 2], got ordered category [2, 1]",
    ),
    ([(1.0, 2.0)] * 3, [(1.0, 2.0), (1.0, 2.5), None], "row 2: expected (1.0, 2.0), got (1.0, 2.5)"),
]


@pytest.mark.parametrize(("expected", "actual"), EQUAL)
def test_equal(expected: Any, actual: Any) -> None:
    assert differences(matrix(a=expected), matrix(a=actual), {}) == {}


@pytest.mark.parametrize(("expected", "actual", "told"), DIFFERENT)
def test_different(expected: Any, actual: Any, told: str) -> None:
    assert told in differences(matrix(a=expected), matrix(a=actual), {})["a"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda frame: frame[["b", "a"]], "columns: expected ['a', 'b']"),
        (lambda frame: frame.iloc[::-1], "rows: expected [1, 2, 3], got [3, 2, 1]"),
        (lambda frame: frame.iloc[:2], "rows: expected [1, 2, 3], got [1, 2]"),
        (lambda frame: frame.rename_axis("other"), "index names"),
        (lambda frame: frame.set_axis(frame.index.astype("float64"), axis=0), "index dtypes"),
    ],
)
def test_different_shape(change: Callable[[pd.DataFrame], pd.DataFrame], told: str) -> None:
    frame = matrix(a=[1, 2, 3], b=[1, 2, 3])

    assert told in differences(frame, change(frame), {})[""]


def test_many_different_rows_are_counted() -> None:
    frame = pd.DataFrame({"a": range(9)})

    assert "(9 of 9 rows differ)" in differences(frame, frame + 1, {})["a"]


def test_floor_is_that_of_the_inputs(customers: ft.EntitySet) -> None:
    features = ft.dfs(
        entityset=customers, target_dataframe_name="customers", agg_primitives=["sum"], features_only=True
    )
    given = sf.EntitySet.from_featuretools(customers)
    found = floors(given, read_features(features, given).features)

    assert found["SUM(orders.amount)"] == CANCELLATION * 1e6
    assert differences(matrix(a=[1e-8]), matrix(a=[2e-8]), {"a": CANCELLATION * 1e6}) == {}
    assert differences(matrix(a=[1e-8]), matrix(a=[2e-8]), {"a": CANCELLATION}) != {}


@pytest.mark.parametrize("frame", [matrix(a=[None] * 3), matrix(a=[1, 2, 3]).iloc[:0], matrix()])
def test_vacuous(frame: pd.DataFrame) -> None:
    assert is_vacuous(frame)
    assert not is_vacuous(matrix(a=[None, None, 1]))


@pytest.fixture
def customers() -> ft.EntitySet:
    entityset = ft.EntitySet("harness")
    owners = pd.DataFrame({"id": [1, 2]})
    orders = pd.DataFrame({"order": [1, 2, 3], "id": [1, 1, 2], "amount": [1.5, -1e6, np.nan]})
    entityset.add_dataframe(owners, "customers", index="id")
    entityset.add_dataframe(orders, "orders", index="order", logical_types={"amount": "Double"})
    return entityset.add_relationship("customers", "id", "orders", "id")


@pytest.fixture
def features(customers: ft.EntitySet) -> list[ft.Feature]:
    made = ft.dfs(
        entityset=customers,
        target_dataframe_name="customers",
        agg_primitives=["sum", "count"],
        features_only=True,
    )
    return list(made)


COMPUTED = parity.computed


def pretend(monkeypatch: pytest.MonkeyPatch, answer: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Let the engines answer with what Featuretools answers, changed."""

    def computed(
        entityset: sf.EntitySet, features: list[ft.Feature], engine: str, spark: Any = None, **options: Any
    ) -> pd.DataFrame:
        return answer(COMPUTED(entityset, features, "featuretools", **options))

    monkeypatch.setattr(parity, "computed", computed)


def off_by_one(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{"SUM(orders.amount)": frame["SUM(orders.amount)"] + 1})


def refuse(frame: pd.DataFrame) -> pd.DataFrame:
    raise ValueError("no")


def test_equal_engines_pass(
    customers: ft.EntitySet, features: list[ft.Feature], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, lambda frame: frame)

    assert_parity(customers, features)


def test_difference_names_feature_row_and_values(
    customers: ft.EntitySet, features: list[ft.Feature], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, off_by_one)

    with pytest.raises(AssertionError) as failure:
        assert_parity(customers, features)

    message = str(failure.value)
    assert "duckdb differs from Featuretools" in message
    assert "SUM(orders.amount):" in message
    assert "row 2: expected 0.0, got 1.0" in message


def test_known_difference_is_strict(
    customers: ft.EntitySet, features: list[ft.Feature], monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = known_difference("counts from one", features=["SUM(*"])
    pretend(monkeypatch, off_by_one)
    assert_parity(customers, features, known_differences=[declared])

    pretend(monkeypatch, lambda frame: frame)
    with pytest.raises(AssertionError, match="no longer show"):
        assert_parity(customers, features, known_differences=[declared])


def test_known_difference_does_not_hide_another(
    customers: ft.EntitySet, features: list[ft.Feature], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, off_by_one)

    with pytest.raises(AssertionError, match=r"SUM\(orders\.amount\)"):
        assert_parity(
            customers, features, known_differences=[known_difference("counts", features=["COUNT*"])]
        )


def test_engine_must_refuse_what_featuretools_refuses(
    customers: ft.EntitySet, features: list[ft.Feature], monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = pd.DataFrame({"instance_id": [1, 1], "time": pd.to_datetime(["2021-01-01"] * 2)})
    monkeypatch.setattr(parity, "computed", lambda *_, **__: refuse(pd.DataFrame()))
    assert_parity(customers, features, cutoff_time=twice)

    monkeypatch.setattr(parity, "computed", lambda *_, **__: pd.DataFrame())
    with pytest.raises(AssertionError, match="duckdb computes what Featuretools refuses: AssertionError"):
        assert_parity(customers, features, cutoff_time=twice)
    declared = known_difference("pairs may repeat", raises=AssertionError)
    assert_parity(customers, features, cutoff_time=twice, known_differences=[declared])


def test_known_failure_that_is_gone(
    customers: ft.EntitySet, features: list[ft.Feature], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, lambda frame: frame)

    with pytest.raises(AssertionError, match="Featuretools raises nothing"):
        assert_parity(customers, features, known_differences=[known_difference("", raises=KeyError)])


def test_comparison_of_nothing_fails(
    customers: ft.EntitySet, features: list[ft.Feature], monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, lambda frame: frame)
    never = pd.DataFrame({"instance_id": [1, 2], "time": [pd.Timestamp("2021-01-01"), pd.NaT]})
    null_only = [feature for feature in features if feature.get_name().startswith("NO")]
    assert null_only == []

    with pytest.raises(AssertionError, match="vacuous"):
        assert_parity(customers, [ft.Feature(customers["orders"].ww["amount"])], instance_ids=[3])
    assert_parity(customers, [ft.Feature(customers["orders"].ww["amount"])], instance_ids=[3], vacuous=True)
    assert_parity(customers, features, cutoff_time=never)


def test_features_that_featuretools_cannot_compute_are_left_out(customers: ft.EntitySet) -> None:
    fine = ft.Feature(customers["orders"].ww["amount"])
    failing = ft.Feature(fine, primitive=Broken)

    kept, matrix = computable(customers, [fine, failing])

    assert [feature.get_name() for feature in kept] == list(matrix.columns) == ["amount"]


class Broken(ft.primitives.TransformPrimitive):  # type: ignore[misc]
    """A primitive that fails."""

    name = "broken"
    input_types = [ft.primitives.AddNumeric.input_types[0]]  # noqa: RUF012
    return_type = ft.primitives.AddNumeric.return_type

    def get_function(self) -> Callable[[pd.Series], pd.Series]:
        def fail(values: pd.Series) -> pd.Series:
            raise ValueError("broken")

        return fail
