"""What a Spark Python worker does with one group of rows."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sparkfeat.engines.featuretools import payload
from sparkfeat.engines.featuretools.local import compute_local
from sparkfeat.engines.featuretools.transport import carried_out, unpacked
from sparkfeat.entityset import Table

CUTOFFS = ""
"""Name under which the cutoff rows travel; no table is called so."""


def run(work_bytes: bytes, rows: pd.DataFrame) -> pd.DataFrame:
    """Compute the features of a partition: rows of all tables in, one row for each of its cutoff rows out."""
    work = payload.load(work_bytes)
    frames = unpacked(rows, work.layout)
    cutoffs = frames.pop(CUTOFFS)
    in_order = {name: _in_order(table, frames[name]) for name, table in work.schema.tables.items()}
    options = work.options
    matrix = compute_local(
        work.schema,
        in_order,
        work.features,
        cutoffs,
        training_window=options.training_window,
        include_cutoff_time=options.include_cutoff_time,
        approximate=options.approximate,
    )
    columns: dict[str, Any] = {"id": cutoffs["instance_id"], "time": cutoffs["time"]}
    for position, output in enumerate(work.outputs, start=2):
        arrays = carried_out(matrix.iloc[:, position], output.form)
        columns.update(zip(output.carriers, arrays, strict=True))
    return pd.DataFrame(columns)


def _in_order(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """Sort rows by the table's order: nulls last, categories by their own order, text by code point."""
    order = list(table.order or (table.index,))
    return frame.sort_values(order, kind="stable", key=lambda values: _sort_key(table, values))


def _sort_key(table: Table, values: pd.Series[Any]) -> Any:
    if values.name not in table.column_names:
        return values
    categories = table.column(str(values.name)).categories
    if categories is None:
        return values
    return pd.Categorical(values, categories=list(categories), ordered=True)
