"""Interesting values are those that Featuretools finds in the same rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import featuretools as ft
import numpy as np
import pandas as pd
import pytest

import sparkfeat as sf
from tests.entityset.kinds import KINDS
from tests.entityset.shop import frames, reference, shop

ROWS = 60
COUNTS = {
    "few": [("a", 30), ("b", 20), ("c", 10)],
    "nulls": [("x", 15), (None, 40), ("y", 5)],
    "many": [("top", 25), ("next", 10), *((f"rare {n}", 1) for n in range(25))],
    "all rare": [(f"rare {n:02}", 2 if n < 5 else 1) for n in range(55)],
    "one": [("only", 60)],
    "numbers": [(9, 30), (10, 20), (11, 10)],
}


def rows() -> pd.DataFrame:
    """Return columns in which values occur so often; there is a choice only between rare ones."""
    columns: dict[str, Any] = {"id": range(ROWS)}
    dice = np.random.default_rng(2)
    for name, counts in COUNTS.items():
        values = [value for value, count in counts for _ in range(count)]
        columns[name] = [values[at] for at in dice.permutation(ROWS)]
    return pd.DataFrame(columns)


TYPES = dict.fromkeys(COUNTS, "Categorical") | {"all rare": "NaturalLanguage"}


def expected(max_values: int) -> dict[str, list[Any]]:
    made = ft.EntitySet("interesting")
    made.add_dataframe(rows(), "t", index="id", logical_types=TYPES)
    made.add_interesting_values(max_values=max_values)
    columns = made["t"].ww.columns
    return {name: columns[name].metadata.get("interesting_values", []) for name in columns}


@pytest.mark.parametrize("kind", ["pandas", "arrow", "file", "folder"])
@pytest.mark.parametrize("max_values", [1, 2, 5])
def test_frequent_values_are_those_of_featuretools(max_values: int, kind: str, tmp_path: Path) -> None:
    given = sf.EntitySet("interesting")
    given.add_dataframe(KINDS[kind]("t", rows(), tmp_path), "t", index="id", logical_types=TYPES)
    given.add_interesting_values(max_values=max_values)

    found = {one.name: list(one.interesting_values) for one in given["t"].columns}
    assert found == expected(max_values)


@pytest.mark.parametrize(
    "values",
    [
        pd.Categorical(["z", "a", "m"] * 2, categories=["z", "m", "a"]),
        pd.Categorical([10, 9, 11] * 2),
    ],
    ids=["text", "numbers"],
)
def test_equally_frequent_values_come_in_category_order(values: pd.Categorical) -> None:
    made, given = ft.EntitySet("ties"), sf.EntitySet("ties")
    for each in (made, given):
        each.add_dataframe(pd.DataFrame({"id": range(6), "c": values}), "t", index="id")
        each.add_interesting_values(max_values=2)

    expected_values = made["t"].ww.columns["c"].metadata["interesting_values"]
    assert list(given["t"].column("c").interesting_values) == expected_values


def test_keys_have_no_interesting_values() -> None:
    given = sf.EntitySet("keys")
    for name, index in (("sessions", "session_id"), ("customers", "customer_id")):
        types = dict.fromkeys({index, "customer_id"}, "Categorical")
        given.add_dataframe(frames()[name], name, index=index, logical_types=types)
    given.add_relationship("customers", "customer_id", "sessions", "customer_id")
    given.add_interesting_values()

    assert given["sessions"].column("session_id").interesting_values == ()
    assert given["sessions"].column("customer_id").interesting_values == ()


def test_values_can_be_given() -> None:
    given = sf.EntitySet("given")
    given.add_dataframe(frames()["sessions"], "sessions", index="session_id")
    given.add_interesting_values(dataframe_name="sessions", values={"device": ["desk", "phone"]})

    assert given["sessions"].column("device").interesting_values == ("desk", "phone")


def test_one_table_can_be_chosen() -> None:
    given = sf.EntitySet.from_featuretools(reference())
    given.add_interesting_values(dataframe_name="products")

    assert given["products"].column("kind").interesting_values == ("food", "toy")
    assert given["sessions"].column("device").interesting_values == ()


def test_verbose_prints_the_values(capsys: pytest.CaptureFixture[str]) -> None:
    given = sf.EntitySet.from_featuretools(reference())
    given.add_interesting_values(dataframe_name="products", verbose=True)

    assert capsys.readouterr().out == "products.kind: food, toy\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dataframe_name": "sesions"}, "Did you mean 'sessions'"),
        ({"dataframe_name": "sessions", "values": {"devise": ["x"]}}, "Did you mean 'device'"),
        ({"values": {"device": ["x"]}}, "dataframe_name"),
    ],
)
def test_wrong_names_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(sf.errors.SchemaError, match=message):
        shop().add_interesting_values(**arguments)
