"""The places that rows can come from, each as a function of a table's name, its frame and a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

Hold = Callable[[str, pd.DataFrame, Path], Any]


def arrow(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as Arrow, without its pandas index."""
    return pa.Table.from_pandas(frame, preserve_index=False)


def as_pandas(name: str, frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
    return frame


def as_arrow(name: str, frame: pd.DataFrame, folder: Path) -> pa.Table:
    return arrow(frame)


def as_record_batch(name: str, frame: pd.DataFrame, folder: Path) -> pa.RecordBatch:
    return arrow(frame).combine_chunks().to_batches()[0]


def as_file(name: str, frame: pd.DataFrame, folder: Path) -> Path:
    path = folder / f"{name}.parquet"
    pq.write_table(arrow(frame), path)
    return path


def as_uri(name: str, frame: pd.DataFrame, folder: Path) -> str:
    return as_file(name, frame, folder).as_uri()


def as_folder(name: str, frame: pd.DataFrame, folder: Path) -> str:
    """Write files whose names are not in the order of the rows, and what must be left out beside them."""
    place = folder / name
    (place / "_temporary").mkdir(parents=True)
    halves = frame.iloc[len(frame) // 2 :], frame.iloc[: len(frame) // 2]
    for number, half in enumerate(halves):
        pq.write_table(arrow(half), place / f"part-{number}.parquet")
    pq.write_table(arrow(frame), place / "_temporary" / "part-9.parquet")
    (place / "_SUCCESS").touch()
    (place / "notes.csv").write_text("left,out")
    return str(place)


def as_hive(name: str, frame: pd.DataFrame, folder: Path) -> str:
    """Write Hive-style partitions of every value of a column."""
    place = folder / name
    pq.write_to_dataset(arrow(frame), place, partition_cols=[PARTITIONS[name]])
    return str(place)


PARTITIONS = {
    "customers": "customer_id",
    "sessions": "customer_id",
    "sales": "items",
    "products": "product_id",
}

KINDS: dict[str, Hold] = {
    "pandas": as_pandas,
    "arrow": as_arrow,
    "record batch": as_record_batch,
    "file": as_file,
    "file uri": as_uri,
    "folder": as_folder,
    "hive": as_hive,
}
