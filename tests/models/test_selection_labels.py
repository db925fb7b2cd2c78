"""Labels that features cannot be selected by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sparkfeat.errors import DataError, SchemaError
from sparkfeat.models.roles import Roles
from sparkfeat.models.selection import select
from sparkfeat.models.selection.leaks import suspicious
from sparkfeat.models.selection.results import Measured

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ([1, 1, 1], "All rows have the same label"),
        ([1, None, 0], "1 of 3 rows have a null"),
        ([], "There are no rows"),
        ([*range(103)], "The label has more than 100 classes.*Is it a regression"),
    ],
)
def test_labels_that_tell_nothing(interpreted: SparkSession, label: list[int | None], told: str) -> None:
    rows = [(n, one, float(n)) for n, one in enumerate(label)]
    frame = interpreted.createDataFrame(rows, "id int, label int, x double")
    with pytest.raises(DataError, match=told):
        select(frame, Roles("label", numeric=("x",), instance_id="id"))


def test_texts_are_no_numbers_to_predict(interpreted: SparkSession) -> None:
    frame = interpreted.createDataFrame([(1, "a", 0.5), (2, "b", 1.5)], "id int, label string, x double")
    with pytest.raises(SchemaError, match=r"The label holds no numbers \(label\)\. Its type is string"):
        select(frame, Roles("label", numeric=("x",), instance_id="id"), regression=True)


def test_a_label_is_needed(interpreted: SparkSession) -> None:
    frame = interpreted.createDataFrame([(1, 0.5), (2, 1.5)], "id int, noise double")
    with pytest.raises(SchemaError, match="Features are selected by a label"):
        select(frame, Roles(None, numeric=("noise",)))


@pytest.mark.parametrize(("p_value", "told"), [(1e-6, {"late", "half"}), (0.05, set())])
def test_what_tells_the_label_in_few_rows_only_is_not_suspicious(p_value: float, told: set[str]) -> None:
    found = {name: measured(name, alone, p_value) for name, alone in (("late", 1.0), ("half", 0.6))}
    sources = {"late": frozenset({"a.late"}), "half": frozenset({"a.late"})}
    assert set(suspicious(found, 0.95, sources, (), {"late": "a.late"}, regression=False)) == told


def measured(name: str, alone: float, p_value: float) -> Measured:
    given = {"nulls": 0.0, "same": 0.0, "variance": 1.0, "q_value": p_value, "information": 0.1}
    return Measured(name=name, kind="numeric", p_value=p_value, alone=alone, **given)
