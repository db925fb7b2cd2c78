"""Which column is what."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from sparkfeat.errors import SchemaError
from sparkfeat.models.roles import Roles, find_roles

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@pytest.fixture(scope="module")
def table(spark: SparkSession) -> DataFrame:
    schema = "id int, time timestamp, label int, `SUM(a.b)` double, code bigint, yes boolean, kind string,"
    row = (1, datetime(2024, 1, 1), 1, 2.0, 3, True, "a", "free text", datetime(2023, 1, 1), [1.0])
    return spark.createDataFrame([row], schema + "note string, joined timestamp_ntz, place array<double>")


def test_every_column_has_a_role_or_a_reason(table: DataFrame) -> None:
    logical = {"code": "Categorical", "note": "NaturalLanguage"}
    roles = find_roles(table, "label", instance_id="id", cutoff_time="time", logical_types=logical)
    assert roles.numeric == ("SUM(a.b)",)
    assert roles.boolean == ("yes",)
    assert roles.categorical == ("code", "kind")
    assert roles.times == ("joined",)
    assert dict(roles.left_out) == {
        "note": "text of type NaturalLanguage, different in every row",
        "place": "values of type array<double>",
    }
    assert roles.features == ("SUM(a.b)", "yes", "code", "kind", "joined")


def test_roles_of_some_features_and_of_both() -> None:
    roles = Roles(
        "label", ("a", "b"), ("c",), ("d",), ("e",), instance_id="id", left_out=(("x", "excluded"),)
    )
    some = roles.only(["e", "b", "label", "z"])
    assert some == Roles("label", numeric=("b",), times=("e",), instance_id="id", left_out=roles.left_out)
    other = Roles(None, ("b", "f"), categorical=("g",))
    both = Roles("label", ("b", "f"), (), ("g",), ("e",), instance_id="id", left_out=roles.left_out)
    assert some.beside(other) == both


def test_times_need_a_cutoff_time(table: DataFrame) -> None:
    roles = find_roles(table, "label", instance_id="id", exclude=["time"])
    assert roles.times == ()
    assert dict(roles.left_out)["joined"].startswith("a time, and the rows have no cutoff time")
    assert dict(roles.left_out)["time"] == "excluded"


def test_a_wrong_column_is_named(table: DataFrame) -> None:
    told = r"No column 'labell' \(the training table\)\. Did you mean 'label'\?"
    with pytest.raises(SchemaError, match=told):
        find_roles(table, "labell")


def test_no_feature_left(table: DataFrame) -> None:
    with pytest.raises(SchemaError, match=r"No feature is left to learn from .*kind: excluded"):
        find_roles(table.select("label", "kind"), "label", exclude=["kind"])
