"""Skewness from sums of one pass, where later features enlarge what rounding makes of it."""

from __future__ import annotations

import featuretools as ft
import numpy as np
import numpy.typing as npt
import pandas as pd
from featuretools import primitives as p

import sparkfeat as sf

CUSTOMERS, SESSIONS, EVENTS = 4_000, 8, 10

Exact = npt.NDArray[np.longdouble]


def skewness(values: Exact) -> Exact:
    """Return pandas' skewness of the last axis, by two passes in extended precision."""
    count = values.shape[-1]
    centred = values - values.mean(axis=-1, keepdims=True)
    squares, cubes = (centred**2).sum(axis=-1), (centred**3).sum(axis=-1)
    return count * np.sqrt(np.longdouble(count - 1)) / (count - 2) * cubes / squares ** np.longdouble(1.5)


def test_a_skewness_of_skewnesses_keeps_its_digits() -> None:
    values = np.random.default_rng(3).normal(20, 1, (CUSTOMERS, SESSIONS, EVENTS))
    sessions = np.arange(CUSTOMERS * SESSIONS)
    es = ft.EntitySet("events")
    es.add_dataframe(pd.DataFrame({"customer": range(CUSTOMERS)}), "customers", index="customer")
    es.add_dataframe(
        pd.DataFrame({"session": sessions, "customer": sessions // SESSIONS}), "sessions", index="session"
    )
    events = np.arange(values.size)
    rows = pd.DataFrame({"event": events, "session": events // EVENTS, "value": values.ravel()})
    es.add_dataframe(rows, "events", index="event")
    es.add_relationship("customers", "customer", "sessions", "customer")
    es.add_relationship("sessions", "session", "events", "session")
    of_session = ft.Feature(es["events"].ww["value"], parent_dataframe_name="sessions", primitive=p.Skew)
    feature = ft.Feature(of_session, parent_dataframe_name="customers", primitive=p.Skew)

    matrix = sf.calculate_feature_matrix([feature], sf.EntitySet.from_featuretools(es), engine="duckdb")

    found = matrix.to_pandas()[feature.get_name()].to_numpy()
    expected = skewness(skewness(values.astype(np.longdouble))).astype(np.float64)
    assert np.max(np.abs(found - expected) / np.maximum(np.abs(expected), 1e-3)) < 1e-10
