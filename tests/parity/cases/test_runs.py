"""Runs of masked values: pandas misses the first of them, which has none before it to be compared with."""

from __future__ import annotations

import featuretools as ft
import featuretools.primitives as p
import pytest

from tests.parity.cases.options import MANY
from tests.parity.conftest import Parity
from tests.parity.data import day
from tests.parity.data_sequences import sequences

# Customers with more than one event: Featuretools cannot fill booleans with the default, a number.
WITH_EVENTS = [1, 4, 6, 8, 9, 10]

OF_NUMBERS = (
    *(p.MaxConsecutivePositives(), p.MaxConsecutiveNegatives(), p.MaxConsecutiveZeros()),
    *(p.MaxConsecutivePositives(skipna=False), p.MaxConsecutiveNegatives(skipna=False)),
    p.MaxConsecutiveZeros(skipna=False),
)


def of_customers(base: ft.Feature, primitive: ft.primitives.AggregationPrimitive) -> list[ft.Feature]:
    """Return the aggregation of all events, and of those with label a."""
    labelled = ft.Feature(sequences()["events"].ww["label"], primitive=p.EqualScalar("a"))
    return [
        ft.Feature(base, parent_dataframe_name="customers", primitive=primitive, where=where)
        for where in (None, labelled)
    ]


@pytest.mark.parametrize("primitive", OF_NUMBERS, ids=lambda each: f"{each.name}{each.get_args_string()}")
def test_runs_of_masked_numbers(parity: Parity, primitive: ft.primitives.AggregationPrimitive) -> None:
    signs = ft.Feature(sequences()["events"].ww["grade"], primitive=p.Sine)

    parity(sequences(), of_customers(signs, primitive), cutoff_time=MANY)


@pytest.mark.parametrize("primitive", [p.MaxConsecutiveTrue, p.MaxConsecutiveFalse])
def test_runs_of_masked_booleans(parity: Parity, primitive: type) -> None:
    good = ft.Feature(sequences()["events"].ww["grade"], primitive=p.IsIn([1, 2]))

    parity(sequences(), of_customers(good, primitive()), cutoff_time=day(50), instance_ids=WITH_EVENTS)
