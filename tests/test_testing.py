"""`sf.testing` as users call it."""

from __future__ import annotations

import featuretools as ft
import pandas as pd
import pytest

import sparkfeat as sf
from sparkfeat.errors import UserInputError
from tests.primitives import own


@pytest.fixture
def frames() -> dict[str, pd.DataFrame]:
    return {
        "owners": pd.DataFrame({"owner": [1, 2]}),
        "orders": pd.DataFrame({"order": [1, 2, 3], "owner": [1, 1, 2], "amount": [1.5, -4.0, 2.0]}),
    }


def of_featuretools(frames: dict[str, pd.DataFrame]) -> ft.EntitySet:
    made = ft.EntitySet("testing")
    made.add_dataframe(frames["owners"].copy(), "owners", index="owner")
    made.add_dataframe(frames["orders"].copy(), "orders", index="order")
    return made.add_relationship("owners", "owner", "orders", "owner")


def of_sparkfeat(frames: dict[str, pd.DataFrame]) -> sf.EntitySet:
    tables = {"owners": (frames["owners"], "owner"), "orders": (frames["orders"], "order")}
    return sf.EntitySet("testing", tables, [("owners", "owner", "orders", "owner")])


def spread(entityset: ft.EntitySet) -> list[ft.Feature]:
    amount = ft.Feature(entityset["orders"].ww["amount"])
    return [ft.Feature(amount, parent_dataframe_name="owners", primitive=own.Spread)]


@pytest.mark.parametrize("make", [of_featuretools, of_sparkfeat])
def test_equal_values_pass(make: type, frames: dict[str, pd.DataFrame]) -> None:
    with own.registered(own.Spread):
        sf.testing.assert_parity(make(frames), spread(of_featuretools(frames)))


@pytest.mark.parametrize("make", [of_featuretools, of_sparkfeat])
def test_a_difference_is_told_with_feature_row_and_values(
    make: type, frames: dict[str, pd.DataFrame]
) -> None:
    sf.register_primitive(own.Spread, "max(x)")
    try:
        with pytest.raises(AssertionError) as failure:
            sf.testing.assert_parity(make(frames), spread(of_featuretools(frames)), engines="duckdb")
    finally:
        sf.unregister_primitive(own.Spread)

    message = str(failure.value)
    assert "duckdb differs from Featuretools in 1 place(s)" in message
    assert "SPREAD(orders.amount):" in message
    assert "row 1: expected 5.5, got 1.5" in message


def test_files_are_compared(frames: dict[str, pd.DataFrame], tmp_path: object) -> None:
    entityset = sf.EntitySet("files")
    for name, index in (("owners", "owner"), ("orders", "order")):
        frames[name].to_parquet(f"{tmp_path}/{name}.parquet")
        entityset.add_dataframe(f"{tmp_path}/{name}.parquet", name, index=index)
    entityset.add_relationship("owners", "owner", "orders", "owner")

    with own.registered(own.Spread):
        sf.testing.assert_parity(entityset, spread(of_featuretools(frames)))


def test_a_gap_cannot_be_compared(frames: dict[str, pd.DataFrame]) -> None:
    with pytest.raises(UserInputError, match="Featuretools knows of no gap"):
        sf.testing.assert_parity(of_featuretools(frames), spread(of_featuretools(frames)), gap="1 day")
