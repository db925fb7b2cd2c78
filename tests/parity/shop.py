"""The generated shop as a user of Featuretools would load it."""

from __future__ import annotations

from pathlib import Path

import featuretools as ft
import pandas as pd

from sparkfeat.pipelines import shop
from sparkfeat.pipelines.shop import schema

CUSTOMERS, SEED = 60, 5


def generated(folder: Path) -> None:
    """Write the shop's tables."""
    shop.generate(folder, customers=CUSTOMERS, seed=SEED)


def stored(folder: Path, name: str) -> pd.DataFrame:
    """Read a table; places as Featuretools wants them."""
    path = folder / name
    frame = pd.read_parquet(path if path.is_dir() else folder / f"{name}.parquet")
    for column in ("home", "store"):
        if column in frame:
            frame[column] = [
                None if at is None else (at["latitude"], at["longitude"]) for at in frame[column]
            ]
    return frame


def entityset_of(folder: Path) -> ft.EntitySet:
    """Return the shop as an EntitySet of Featuretools."""
    made = ft.EntitySet("shop")
    for table in schema.TABLES:
        made.add_dataframe(
            stored(folder, table.name),
            table.name,
            index=table.index,
            logical_types=dict(table.logical_types),
            time_index=table.time_index,
            secondary_time_index={key: list(names) for key, names in table.secondary_time_index.items()}
            or None,
        )
    for parent, parent_column, child, child_column in schema.RELATIONSHIPS:
        made.add_relationship(parent, parent_column, child, child_column)
    made.add_interesting_values(dataframe_name="sessions", values={"device": ["phone", "tablet"]})
    return made


def cutoffs_of(folder: Path) -> pd.DataFrame:
    """Return some customers at their labels' times: Featuretools needs a tenth of a second for each."""
    return stored(folder, schema.LABELS).head(12)
