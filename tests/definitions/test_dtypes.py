"""Which of pandas' nulls a feature carries while Featuretools computes: checked against Featuretools."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import featuretools as ft
import numpy as np
import pandas as pd
import pytest
from featuretools import primitives as p

import sparkfeat as sf
from sparkfeat.definitions import read_features
from sparkfeat.definitions.dtypes import is_masked

COLUMNS: dict[str, tuple[Any, bool]] = {
    "Integer": ([1, 2, 3, 4], False),
    "IntegerNullable": (pd.array([1, None, 3, 4], dtype="Int64"), True),
    "Age": ([1, 2, 3, 4], False),
    "AgeNullable": (pd.array([1, None, 3, 4], dtype="Int64"), True),
    "Double": ([1.0, np.nan, 3.0, 4.0], False),
    "Boolean": ([True, False, True, True], False),
    "BooleanNullable": (pd.array([True, None, True, False], dtype="boolean"), True),
    "Categorical": (["a", None, "b", "a"], False),
    "PostalCode": (["1", None, "2", "1"], False),
    "NaturalLanguage": (["a b", None, "c", "d"], True),
    "EmailAddress": (["a@b.c", None, "d@e.f", "g@h.i"], True),
    "Unknown": (["a", None, "c", "d"], True),
    "Datetime": (pd.to_datetime(["2022-01-01", None, "2022-01-03", "2022-01-04"]), False),
}


@cache
def reference() -> ft.EntitySet:
    made = ft.EntitySet("nulls")
    made.add_dataframe(pd.DataFrame({"parent_id": [1, 2]}), "parents", index="parent_id")
    rows = {name.lower(): values for name, (values, _) in COLUMNS.items()}
    made.add_dataframe(
        pd.DataFrame({"id": range(4), "parent_id": [1, 1, 2, 2], **rows}),
        "rows",
        index="id",
        logical_types={name.lower(): name for name in COLUMNS},
    )
    made.add_relationship("parents", "parent_id", "rows", "parent_id")
    return made


@cache
def given() -> sf.EntitySet:
    return sf.EntitySet.from_featuretools(reference())


def column(logical_type: str) -> ft.Feature:
    return ft.Feature(reference()["rows"].ww[logical_type.lower()])


def masked(feature: ft.Feature) -> bool:
    return is_masked(read_features([feature], given()).features[0])


@pytest.mark.parametrize("logical_type", COLUMNS)
def test_nulls_of_a_column_follow_its_type(logical_type: str) -> None:
    feature = column(logical_type)

    assert masked(feature) is COLUMNS[logical_type][1]
    assert masked(feature) is _is_masked(reference()["rows"][logical_type.lower()])


def _is_masked(values: pd.Series[Any]) -> bool:
    """Tell whether a null compares as NA: by the dtype. Among objects it does not, even where it is NA."""
    return getattr(values.dtype, "na_value", None) is pd.NA


def transformed(primitive: Any, *types: str) -> Callable[[], ft.Feature]:
    return lambda: ft.Feature([column(one) for one in types], primitive=primitive)


def aggregated(primitive: Any, logical_type: str) -> Callable[[], ft.Feature]:
    return lambda: ft.Feature(column(logical_type), parent_dataframe_name="parents", primitive=primitive)


FEATURES: dict[str, tuple[Callable[[], ft.Feature], bool]] = {
    "sum of plain": (transformed(p.AddNumeric, "Integer", "Double"), False),
    "sum with masked": (transformed(p.AddNumeric, "Double", "IntegerNullable"), True),
    "comparison of plain": (transformed(p.GreaterThan, "Integer", "Double"), False),
    "comparison with masked": (transformed(p.GreaterThan, "Double", "IntegerNullable"), True),
    "constant on plain": (transformed(p.EqualScalar(1), "Double"), False),
    "constant on masked": (transformed(p.EqualScalar(1), "IntegerNullable"), True),
    "negated plain": (transformed(p.Negate, "Double"), False),
    "negated masked": (transformed(p.Negate, "IntegerNullable"), True),
    "words": (transformed(p.NumWords, "NaturalLanguage"), False),
    "hashtags": (transformed(p.NumberOfHashtags, "NaturalLanguage"), False),
    "words in quotes": (transformed(p.NumberOfWordsInQuotes, "NaturalLanguage"), True),
    "length of words": (transformed(p.TotalWordLength, "NaturalLanguage"), True),
    "domain": (transformed(p.EmailAddressToDomain, "EmailAddress"), True),
    "free domain": (transformed(p.IsFreeEmailDomain, "EmailAddress"), False),
    "digits of a code": (transformed(p.TwoDigitPostalCode, "PostalCode"), False),
    "is null of masked": (transformed(p.IsNull, "IntegerNullable"), False),
    "month": (transformed(p.Month, "Datetime"), False),
    "season": (transformed(p.Season, "Datetime"), True),
    "product with a boolean": (transformed(p.MultiplyNumericBoolean, "Double", "Boolean"), True),
    "logic of plain": (transformed(p.And, "Boolean", "Boolean"), False),
    "logic with masked": (transformed(p.Or, "Boolean", "BooleanNullable"), True),
    "time against masked": (transformed(p.Equal, "Datetime", "IntegerNullable"), False),
    "masked against category": (transformed(p.Equal, "Unknown", "Categorical"), True),
    "member of a list": (transformed(p.IsIn([1]), "IntegerNullable"), True),
    "text in a list": (transformed(p.IsIn(["a"]), "Unknown"), False),
    "running total of plain": (transformed(p.CumSum, "Double"), False),
    "running total of masked": (transformed(p.CumSum, "IntegerNullable"), True),
}


@pytest.mark.parametrize("name", FEATURES)
def test_nulls_of_a_transform(name: str) -> None:
    make, expected = FEATURES[name]

    assert masked(make()) is expected
    primitive = make().primitive
    inputs = [reference()["rows"][str(base.get_name())] for base in make().base_features]
    assert _is_masked(pd.Series(primitive.get_function()(*inputs))) is expected


@pytest.mark.parametrize(
    ("primitive", "logical_type", "expected"),
    [
        (p.Count, "Integer", False),
        (p.Sum, "Double", False),
        (p.Sum, "IntegerNullable", True),
        (p.Max, "IntegerNullable", True),
        (p.Mean, "IntegerNullable", True),
        (p.Last, "BooleanNullable", True),
        (p.Last, "Double", False),
        (p.NumUnique, "Categorical", False),
        (p.All, "BooleanNullable", True),
        (p.CountAboveMean, "IntegerNullable", True),
        (p.MaxCount, "IntegerNullable", True),
        (p.MaxCount, "Double", False),
        (p.PercentTrue, "BooleanNullable", False),
    ],
    ids=lambda each: getattr(each, "name", str(each)),
)
def test_nulls_of_an_aggregation(primitive: Any, logical_type: str, expected: bool) -> None:
    bases = {"count": "id"}
    feature = (
        ft.Feature(
            ft.Feature(reference()["rows"].ww[bases["count"]]),
            parent_dataframe_name="parents",
            primitive=primitive,
        )
        if primitive is p.Count
        else aggregated(primitive, logical_type)()
    )

    assert masked(feature) is expected


def test_a_direct_feature_has_the_nulls_of_its_base() -> None:
    total = aggregated(p.Sum, "IntegerNullable")()

    assert masked(ft.Feature(total, dataframe_name="rows"))


def test_a_transform_in_groups_has_plain_nulls() -> None:
    feature = ft.Feature(column("IntegerNullable"), primitive=p.CumSum, groupby=column("Categorical"))

    assert not masked(feature)
