"""A shop of three customers in Parquet, and a configuration that computes their features."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

JANUARY = [datetime(2024, 1, day) for day in range(1, 32)]
CUSTOMERS = {
    "customer_id": [1, 2, 3],
    "joined": [JANUARY[0], JANUARY[1], JANUARY[20]],
    "region": ["north", "south", "north"],
}
ORDERS = {
    "order_id": [10, 11, 12, 13, 14],
    "customer_id": [1, 1, 2, 1, 3],
    "ordered": [JANUARY[4], JANUARY[5], JANUARY[6], JANUARY[24], JANUARY[25]],
    "amount": [5.0, 7.5, None, 100.0, 1.0],
}
CUTOFFS = {"instance_id": [2, 1], "time": [JANUARY[9], JANUARY[9]], "label": [True, False]}
MATRIX = {
    "customer_id": [2, 1],
    "COUNT(orders)": [1, 2],
    "SUM(orders.amount)": [0.0, 12.5],
    "label": [True, False],
}
"""What the configuration computes: the orders of the first nine days."""


def write_shop(folder: Path, **changes: dict[str, Any]) -> Path:
    """Write the tables and a configuration; `changes` are merged into its sections. Returns its path."""
    tables = {"customers": CUSTOMERS, "orders": ORDERS, "cutoffs": CUTOFFS}
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    path = folder / "shop.yaml"
    path.write_text(yaml.safe_dump(_configuration(changes), sort_keys=False))
    return path


def _configuration(changes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    sections: dict[str, Any] = {
        "entityset": {
            "id": "shop",
            "dataframes": {
                "customers": {"path": "customers.parquet", "index": "customer_id", "time_index": "joined"},
                "orders": {"path": "orders.parquet", "index": "order_id", "time_index": "ordered"},
            },
            "relationships": [{"parent": "customers.customer_id", "child": "orders.customer_id"}],
        },
        "features": {
            "target_dataframe_name": "customers",
            "agg_primitives": ["count", "sum"],
            "trans_primitives": [],
            "drop_exact": ["region"],
        },
        "cutoff_time": {"path": "cutoffs.parquet"},
        "engine": {"name": "duckdb"},
        "output": {"path": "out", "run_id": "first"},
    }
    for section, change in changes.items():
        sections[section] = sections.get(section, {}) | change
    return sections
