"""Rows that are read several times, kept meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@contextmanager
def kept(table: DataFrame) -> Iterator[DataFrame]:
    """Keep the rows in memory, or on disk, for the block, unless the caller keeps them already."""
    own = not (table.storageLevel.useMemory or table.storageLevel.useDisk)
    if own:
        table.persist()
    try:
        yield table
    finally:
        if own:
            table.unpersist()
