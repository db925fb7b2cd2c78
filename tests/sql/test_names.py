"""Names and values of any kind: quoted, never pasted."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import featuretools as ft
import pandas as pd
import pytest
from featuretools import primitives as p

import sparkfeat as sf
from tests.entityset.shop import LINKS, column, cutoffs, day, frames, matrix
from tests.plan.features import aggregated

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NASTY = (
    'a"b',
    "it's",
    "a.b",
    "a`b",
    "a\\b",
    "a b",
    " ",
    "größe 日本",
    "select",
    "time",
    "instance_id",
    "f0",
    "?",
    "{x}",
    "line\nend",
    "-- comment",
    "x",
    "o",
    "r",
    "__up2",
    "__value",
    "__position",
)
"""Column names; table names and key names are made of them."""

LIKE_CTES = (
    "customers_rows",
    "customers_sessions_rows",
    "customers_by_sessions",
    "customers_joined",
    "customers_by_sessions_counts",
    "CUSTOMERS_ROWS",
    "main",
)
"""Names of tables that a query has relations of, or that DuckDB has."""


def renamed_shop(table: str, name: str) -> sf.EntitySet:
    """Return the shop's customers and sessions: the child table, its key and a column under other names."""
    made = sf.EntitySet(f"shop of {table} {name}")
    rows = frames()
    made.add_dataframe(rows["customers"], "customers", index="customer_id", time_index="joined")
    sessions = rows["sessions"].rename(columns={"length": name, "customer_id": f"{name} key"})
    types = {"device": "Categorical"}
    made.add_dataframe(sessions, table, index="session_id", time_index="started", logical_types=types)
    made.add_relationship("customers", "customer_id", table, f"{name} key")
    return made


def features_of(given: sf.EntitySet, table: str, name: str) -> list[ft.Feature]:
    twin = given.schema_twin()
    value, device = ft.Feature(twin[table].ww[name]), ft.Feature(twin[table].ww["device"])
    on_phone = ft.Feature(device, primitive=p.EqualScalar("phone"))
    features = [aggregated(value, "customers", each) for each in (p.Sum, p.Skew, p.Last)]
    features.append(aggregated(value, "customers", p.Max, where=on_phone))
    features.append(aggregated(device, "customers", p.Mode))
    features.append(ft.Feature(features[0], primitive=p.CumSum))
    return features


def values(table: str, name: str, **options: Any) -> list[list[Any]]:
    """Return the values of a shop with such names."""
    given = renamed_shop(table, name)
    computed = matrix(features_of(given, table, name), given, cutoff_time=cutoffs(), **options).to_pandas()
    computed = computed.round(9)
    return [list(row) for row in computed.astype(object).where(computed.notna(), None).to_numpy()]


@cache
def expected() -> list[list[Any]]:
    return values("sessions", "length")


@pytest.mark.parametrize("name", NASTY)
def test_columns_may_be_called(name: str) -> None:
    assert values("sessions", name) == expected()


@pytest.mark.parametrize("table", [*NASTY[:9], *LIKE_CTES])
def test_tables_may_be_called(table: str) -> None:
    assert values(table, "length") == expected()


@pytest.mark.parametrize(
    "name", [*NASTY, "__time", "session_id", "customer_id", "Customer_ID", "city", "instance_ID", "p0"]
)
def test_features_may_be_called(name: str) -> None:
    total = aggregated(column("sessions", "length"), "customers", p.Sum)

    computed = matrix([total.rename(name)], cutoff_time=cutoffs()).to_pandas()

    assert computed[name].to_dict() == {2: 5.5, 1: 4.25, 4: 0.0}


def test_a_feature_may_be_called_like_the_key_it_is_grouped_by() -> None:
    given = renamed_shop("sessions", "length")
    total = ft.Feature(
        ft.Feature(given.schema_twin()["sessions"].ww["length"]),
        parent_dataframe_name="customers",
        primitive=p.Sum,
    )

    computed = matrix([total.rename("length key")], given, cutoff_time=day(6)).to_pandas()

    assert list(computed["length key"]) == [4.25, 5.5, 10.0]


@pytest.mark.parametrize("names", [("total", "TOTAL"), ("a", "A"), ("ä", "Ä"), ("straße", "STRASSE")])
def test_names_of_features_may_differ_by_case_only(names: tuple[str, str]) -> None:
    length = column("sessions", "length")
    features = [
        aggregated(length, "customers", each).rename(name)
        for name, each in zip(names, (p.Sum, p.Max), strict=True)
    ]

    computed = matrix(features, cutoff_time=day(6)).to_pandas()

    assert list(computed.columns) == list(names)
    assert computed.to_numpy().tolist() == [[4.25, 3.0], [5.5, 4.0], [10.0, 8.0]]


def test_pass_through_columns_may_be_called_anything() -> None:
    names = ["__time", "f0", "p1", 'a"b', "a.b", "select", "TIME", "a", "A", "__position", "customer_ID"]
    rows = cutoffs(**{name: range(n, n + 4) for n, name in enumerate(names)})

    computed = matrix([column("customers", "city")], cutoff_time=rows).to_pandas()

    assert list(computed.columns) == ["city", *names]
    assert list(computed.index) == list(rows["instance_id"])
    assert computed[names].to_numpy().tolist() == rows[names].to_numpy().tolist()


VALUES = ("it's", "a\\b", 'z"q', "`t`", "\\'", "line\nend", "\\", "%s", "日本", "")
"""Categories in an order that is not that of the alphabet; pairs of them are equally frequent."""


def tie(first: str, second: str) -> sf.EntitySet:
    """Return one customer with two sessions, on devices that are categories in the order of VALUES."""
    made = sf.EntitySet("ties")
    made.add_dataframe(pd.DataFrame({"customer_id": [1]}), "customers", index="customer_id")
    devices = pd.Categorical([second, first], categories=list(VALUES))
    sessions = pd.DataFrame({"session_id": [1, 2], "customer_id": [1, 1], "device": devices})
    made.add_dataframe(sessions, "sessions", index="session_id")
    made.add_relationship(*LINKS[0])
    return made


def mode(given: sf.EntitySet) -> ft.Feature:
    device = ft.Feature(given.schema_twin()["sessions"].ww["device"])
    return ft.Feature(device, parent_dataframe_name="customers", primitive=p.Mode)


@pytest.mark.parametrize(("first", "second"), list(pairwise(VALUES)), ids=repr)
def test_a_tie_goes_to_the_first_category(first: str, second: str) -> None:
    given = tie(first, second)

    assert matrix([mode(given)], given).to_pandas().iloc[0, 0] == first


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_constant_may_be(value: str) -> None:
    given = tie("it's", value)
    same = ft.Feature(given.schema_twin()["sessions"].ww["device"])

    computed = matrix([ft.Feature(same, primitive=p.EqualScalar(value))], given).to_pandas()

    assert list(computed.iloc[:, 0]) == [True, value == "it's"]


@pytest.mark.spark
def test_names_and_values_mean_the_same_to_spark(spark: SparkSession) -> None:
    name = "a\"b.c`d\\e 'select'"
    given = tie("a\\b", 'z"q')
    twin = given.schema_twin()
    equals = [
        ft.Feature(ft.Feature(twin["sessions"].ww["device"]), primitive=p.EqualScalar(value))
        for value in VALUES
    ]
    counted = [
        ft.Feature(
            ft.Feature(twin["sessions"].ww["session_id"]),
            parent_dataframe_name="customers",
            primitive=p.Count,
            where=each,
        )
        for each in equals
    ]

    assert values(name, name, engine="spark", spark=spark) == expected()
    computed = matrix([mode(given), *counted], given, engine="spark", spark=spark).to_pandas()
    assert list(computed.iloc[0]) == ["a\\b", *[int(value in {"a\\b", 'z"q'}) for value in VALUES]]
