"""A small shop as plain frames, and EntitySets of them: customers <- sessions <- sales, products <- sales."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import featuretools as ft
import numpy as np
import pandas as pd

import sparkfeat as sf

START = pd.Timestamp("2022-01-01")
KEYS = {"customers": "customer_id", "sessions": "session_id", "sales": "sale_id", "products": "product_id"}
TIMES = {"customers": "joined", "sessions": "started", "sales": "sold", "products": "launched"}
LINKS = (
    ("customers", "customer_id", "sessions", "customer_id"),
    ("sessions", "session_id", "sales", "session_id"),
    ("products", "product_id", "sales", "product_id"),
)
TYPES: dict[str, dict[str, Any]] = {
    "customers": {
        "customer_id": "Integer",
        "city": "Categorical",
        "age": "IntegerNullable",
        "member": "BooleanNullable",
        "motto": "NaturalLanguage",
    },
    "sessions": {"session_id": "Integer", "customer_id": "Integer", "device": "Categorical"},
    "sales": {
        "sale_id": "Integer",
        "session_id": "Integer",
        "product_id": "Unknown",
        "amount": "Double",
        "items": "Integer",
    },
    "products": {"product_id": "Unknown", "price": "Double", "kind": "Categorical"},
}


def day(number: float) -> pd.Timestamp:
    """Return midnight of a day of January 2022, or later that day for a fraction."""
    return START + pd.Timedelta(days=number - 1)


def frames() -> dict[str, pd.DataFrame]:
    """Return the tables, rows by time and index; times in microseconds, as Spark reads them."""
    made = {"customers": _customers(), "sessions": _sessions(), "sales": _sales(), "products": _products()}
    for name, frame in made.items():
        frame[TIMES[name]] = frame[TIMES[name]].astype("datetime64[us]")
    return made


def _customers() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": [1, 2, 3, 4],
            "joined": [day(1), day(1), day(2), day(9)],
            "city": ["Ulm", "Bonn", None, "Ulm"],
            "age": pd.array([40, None, 18, 7], dtype="Int64"),
            "member": pd.array([True, None, False, True], dtype="boolean"),
            "motto": ["less is more", "", None, "grow or go"],
        }
    )


def _sessions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "session_id": range(10, 20),
            "customer_id": [1, 2, 1, 3, 1, 2, 3, 1, 3, 1],
            "started": [day(number) for number in (2, 2, 3, 3, 4, 5, 6, 6, 8, 9)],
            "device": ["phone", "desk", "phone", "desk", "desk", "phone", "tablet", "phone", None, "tablet"],
            "length": [3.0, 1.5, np.nan, 8.0, 0.25, 4.0, 2.0, 1.0, 6.5, 3.5],
        }
    )


def _sales() -> pd.DataFrame:
    sessions = [10, 11, 10, 12, 13, 14, 15, 15, 16, 17, 18, 19, 19, 13, 12]
    return pd.DataFrame(
        {
            "sale_id": range(100, 115),
            "session_id": sessions,
            "product_id": ["a", "b", "c", "a", "b", "b", None, "a", "c", "c", "a", "b", "a", "c", "b"],
            "sold": [day(2 + number / 2) for number in range(15)],
            "amount": [5.0, 2.5, np.nan, 7.0, 1.0, 9.5, 3.0, 4.0, 0.5, 2.0, 8.0, 6.0, np.nan, 1.5, 2.5],
            "items": [1, 2, 1, 3, 1, 1, 2, 2, 5, 1, 1, 4, 1, 1, 2],
        }
    )


def _products() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "product_id": ["a", "b", "c"],
            "launched": [day(1), day(1), day(4)],
            "price": [9.5, np.nan, 3.0],
            "kind": ["food", "toy", "food"],
        }
    )


def entityset(
    hold: Callable[[str, pd.DataFrame], Any] = lambda _, frame: frame,
    names: Iterable[str] = tuple(KEYS),
    id: str = "another shop",  # noqa: A002 - Featuretools' name
    **options: Any,
) -> sf.EntitySet:
    """Return an EntitySet of some tables, each as `hold(name, frame)` gives it."""
    kept = tuple(names)
    made = sf.EntitySet(id)
    for name, frame in frames().items():
        if name in kept:
            made.add_dataframe(
                hold(name, frame),
                name,
                index=KEYS[name],
                time_index=TIMES[name],
                **{"logical_types": TYPES[name], **options},
            )
    made.add_relationships(link for link in LINKS if link[0] in kept and link[2] in kept)
    return made


@cache
def shop() -> sf.EntitySet:
    """Return the shop held in pandas; it is shared, so leave it as it is."""
    return entityset(id="shop")


@cache
def reference() -> ft.EntitySet:
    """Return the same shop as Featuretools holds it; it is shared, so leave it as it is."""
    made = ft.EntitySet("reference shop")
    for name, frame in frames().items():
        made.add_dataframe(frame, name, index=KEYS[name], time_index=TIMES[name], logical_types=TYPES[name])
    for link in LINKS:
        made.add_relationship(*link)
    return made


@cache
def twin() -> ft.EntitySet:
    """Return the shop's empty twin, to define features on."""
    return shop().schema_twin()


def column(table: str, name: str) -> ft.Feature:
    """Return the feature that is a column itself."""
    return ft.Feature(twin()[table].ww[name])


def matrix(features: list[ft.Feature], given: sf.EntitySet | None = None, **options: Any) -> sf.FeatureMatrix:
    """Return a matrix on DuckDB, whatever else the process runs."""
    return sf.calculate_feature_matrix(features, given or shop(), **{"engine": "duckdb", **options})


def found(target: str = "customers", given: sf.EntitySet | None = None, **options: Any) -> list[ft.Feature]:
    """Return what dfs finds, in an order that does not depend on the hash seed."""
    chosen = {"agg_primitives": ["count", "sum"], "trans_primitives": [], **options}
    features = sf.dfs(entityset=given or shop(), target_dataframe_name=target, features_only=True, **chosen)
    return sorted(features, key=lambda feature: str(feature.get_name()))


def cutoffs(**columns: Any) -> pd.DataFrame:
    """Return cutoff rows: customers at times of their own, one of them twice, one not yet there."""
    return pd.DataFrame({"instance_id": [2, 1, 4, 1], "time": [day(5), day(3), day(6), day(8)], **columns})
