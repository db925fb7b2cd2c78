"""Rows of several tables in one Spark DataFrame, so that a partition can hold them all.

Tables share slots: columns of one type each, as many of a type as the table with most columns of it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

TABLE = "table"


@dataclass(frozen=True)
class Layout:
    """Which slot carries which column. `tables`: column and slot, by table; `slots`: Spark type by slot."""

    tables: Mapping[str, tuple[tuple[str, str], ...]]
    slots: Mapping[str, str]

    def number(self, table: str) -> int:
        """Return how rows of a table are marked."""
        return list(self.tables).index(table)


def layout_of(columns: Mapping[str, Sequence[tuple[str, str]]]) -> Layout:
    """Assign slots; `columns` gives name and Spark type of each table's columns."""
    types = {kind: None for fields in columns.values() for _, kind in fields}
    places = {kind: f"s{number}_" for number, kind in enumerate(types)}
    tables, slots = {}, {}
    for table, fields in columns.items():
        used: Counter[str] = Counter()
        assigned = []
        for name, kind in fields:
            slot = f"{places[kind]}{used[kind]}"
            used[kind] += 1
            slots[slot] = kind
            assigned.append((name, slot))
        tables[table] = tuple(assigned)
    return Layout(tables, dict(sorted(slots.items())))


def packed(frame: DataFrame, layout: Layout, table: str, columns: Sequence[str], place: str) -> DataFrame:
    """Return rows as (place, table, slots); `columns` are the frame's, in the layout's order."""
    carried = {slot: name for name, (_, slot) in zip(columns, layout.tables[table], strict=True)}
    texts = [
        f"{carried[slot]} AS {slot}" if slot in carried else f"CAST(NULL AS {kind}) AS {slot}"
        for slot, kind in layout.slots.items()
    ]
    number = f"CAST({layout.number(table)} AS TINYINT) AS {TABLE}"
    chosen: DataFrame = frame.selectExpr(place, number, *texts)
    return chosen


def unpacked(batch: pa.RecordBatch, layout: Layout) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the rows of each table that a batch holds, under their own names."""
    numbers = batch.column(TABLE)
    for table, fields in layout.tables.items():
        own = batch.filter(pc.equal(numbers, layout.number(table)))
        if own.num_rows:
            columns = [own.column(slot) for _, slot in fields]
            yield table, pa.RecordBatch.from_arrays(columns, names=[name for name, _ in fields])
