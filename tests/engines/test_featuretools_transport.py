from __future__ import annotations

from typing import Any

import featuretools as ft
import featuretools.primitives as p
import numpy as np
import pandas as pd
import pytest

from sparkfeat.engines.featuretools.outputs import carrier_schema, outputs_of
from sparkfeat.engines.featuretools.transport import carried_out, layout_of, unpacked
from tests.parity.data import BEYOND_DOUBLE, traps

LAYOUT = layout_of(
    {
        "people": [("id", "long"), ("age", "long"), ("tall", "boolean"), ("home", "latlong")],
        "visits": [("at", "time"), ("note", "text"), ("cost", "double")],
    }
)


def test_tables_share_slots() -> None:
    assert LAYOUT.slots == {
        "double0": "double",
        "double1": "double",
        "flag0": "tinyint",
        "flag1": "tinyint",
        "flag2": "tinyint",
        "long0": "bigint",
        "long1": "bigint",
        "text0": "string",
        "time0": "timestamp_ntz",
    }


def test_tables_come_out_as_they_went_in() -> None:
    rows = pd.DataFrame(
        {
            "table": [1, 0, 0],
            "long0": [0, 1, BEYOND_DOUBLE],
            "flag0": [0, 0, 0],
            "long1": [0, 0, 7],
            "flag1": [0, 2, 0],
            "flag2": [0, 1, 2],
            "double0": [2.5, 52.5, np.nan],
            "double1": [0.0, 13.4, np.nan],
            "time0": [pd.Timestamp("2021-03-01"), pd.NaT, pd.NaT],
            "text0": ["hé", None, None],
        }
    )

    frames = unpacked(rows, LAYOUT)

    assert frames["people"]["id"].tolist() == [1, BEYOND_DOUBLE]
    assert frames["people"]["age"].tolist() == [pd.NA, 7]
    assert frames["people"]["tall"].tolist() == [True, pd.NA]
    assert frames["people"]["home"].tolist()[0] == (52.5, 13.4)
    assert frames["visits"].to_dict("records") == [
        {"at": pd.Timestamp("2021-03-01"), "note": "hé", "cost": 2.5}
    ]


@pytest.mark.parametrize(
    ("values", "form", "expected"),
    [
        (pd.Series([1, None], dtype="Int64"), "long", [1, None]),
        (pd.Series([1.0, pd.NA], dtype="object"), "long", [1, None]),
        (pd.Series([True, None], dtype="object"), "boolean", [True, None]),
        (pd.Series([1.5, np.inf, None], dtype="object"), "double", [1.5, np.inf, None]),
        (pd.Series(pd.Categorical(["b", None])), "text", ["b", None]),
        (pd.Series(pd.Categorical([3, None])), "long", [3, None]),
        (pd.to_timedelta(pd.Series([2, None]), unit="s"), "timedelta", [2_000_000, None]),
        (
            pd.Series([None, "2021-03-01 00:00:00.000001"]),
            "time",
            [None, pd.Timestamp("2021-03-01 00:00:00.000001")],
        ),
    ],
)
def test_results_as_spark_takes_them(values: pd.Series, form: str, expected: list[Any]) -> None:
    (carried,) = carried_out(values, form)

    assert [None if pd.isna(value) else value for value in carried] == expected


def test_missing_place_is_not_a_place_of_nulls() -> None:
    values = pd.Series([(1.0, 2.0), (np.nan, np.nan), np.nan], dtype="object")

    latitudes, longitudes, present = carried_out(values, "latlong")

    assert latitudes[0] == 1.0
    assert longitudes[0] == 2.0
    assert present.tolist() == [True, True, False]


def test_types_of_results() -> None:
    events, customers = traps()["events"].ww, traps()["customers"].ww
    features = [
        ft.Feature(customers["age"]),
        ft.Feature(events["digit"], parent_dataframe_name="customers", primitive=p.Mode),
        ft.Feature(events["color"], parent_dataframe_name="customers", primitive=p.Mode),
        ft.Feature(events["color"], parent_dataframe_name="customers", primitive=p.NMostCommonFrequency(n=2)),
        ft.Feature(customers["left"], primitive=p.Year),
        ft.Feature(customers["left"], primitive=p.PartOfDay),
        ft.Feature(customers["home"]),
    ]
    stored = {"digit": "long", "color": "text"}

    outputs = outputs_of(features, lambda table, column: stored[column])

    assert [output.form for output in outputs] == [
        "long",
        "long",
        "text",
        "double",
        "double",
        "long",
        "text",
        "latlong",
    ]
    assert carrier_schema(outputs[-2:], "bigint", "timestamp_ntz") == (
        "id bigint, time timestamp_ntz, f6 string, f7a double, f7o double, f7p boolean"
    )
