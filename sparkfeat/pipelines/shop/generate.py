"""Writes a shop to Parquet, chunk after chunk, in memory that does not grow with its size."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sparkfeat.errors import UserInputError
from sparkfeat.pipelines.shop import label, schema, world
from sparkfeat.pipelines.shop.history import history
from sparkfeat.pipelines.shop.people import FIRST_ERASED_ID, customers_table, people, timestamps
from sparkfeat.storage.failures import explained

TRUTH = "truth.json"
Progress = Callable[[int, int], None]
_STREAMED = ("customers", "sessions", "transactions", "returns")


@dataclass(frozen=True)
class ShopSummary:
    """What was written: rows and orphan keys of each table, and how the labels came out."""

    folder: Path
    seed: int
    rows: dict[str, int]
    orphans: dict[str, int]
    positive_labels: int
    flipped_labels: int


@dataclass(frozen=True)
class Chunk:
    """One chunk of customers: its part of every streamed table."""

    tables: dict[str, pa.Table]
    orphans: dict[str, int]
    positive: int
    flipped: int


def generate(
    folder: Path | str,
    customers: int = 2_000,
    seed: int = 7,
    progress: Progress | None = None,
) -> ShopSummary:
    """Write a shop of any size; the same seed and size give the same files, byte for byte.

    A shop already in the folder is replaced. `truth.json`, written last, says what was planted.

    Args:
        folder: where the tables go: customers/, sessions/, transactions/ and returns/ with one or more
            Parquet files each, regions.parquet, products.parquet and labels.parquet.
        customers: how many customers; each has about 25 sessions and 20 transactions.
        seed: any non-negative number.
        progress: called with (customers done, customers) after every chunk.

    Raises:
        UserInputError: fewer than one customer, or a negative seed.
        EnvironmentProblem, StorageError: the folder cannot be written.
    """
    if customers < 1 or seed < 0:
        raise UserInputError(
            "Cannot generate a shop",
            where=f"customers={customers}, seed={seed}",
            why="It needs at least one customer and a seed of 0 or more",
            hint="For example customers=2000, seed=7",
        )
    with explained("write the shop", str(folder)):
        return _write(Path(folder), customers, seed, progress)


def chunk_size(customers: int) -> int:
    """Return the customers of one chunk, which is one row group: it depends on the size of the shop alone."""
    return max(1, min(5_000, -(-customers // 4)))


def make_chunk(number: int, customers: int, seed: int) -> Chunk:
    """Make the chunk of a number; it depends on the arguments alone, not on the chunks made before."""
    size = chunk_size(customers)
    ids = np.arange(number * size, min((number + 1) * size, customers)) + 1
    erased = FIRST_ERASED_ID + number * size + np.arange(-(-len(ids) // 200))
    rng = np.random.default_rng([seed, 1 + number])
    who = people(rng, ids, erased)
    done = history(rng, world.Calendar(), world.catalogue(seed), who, number)
    rows = customers_table(rng, who, done.days_since_last_order)
    kept = slice(None, who.kept)
    cutoffs = [pa.array(who.customer_id[kept]), timestamps(who.cutoff[kept]), pa.array(done.label[kept])]
    return Chunk(
        tables={
            "customers": rows,
            "sessions": done.sessions,
            "transactions": done.transactions,
            "returns": done.returns,
            schema.LABELS: pa.table(cutoffs, schema=schema.LABEL_SCHEMA),
        },
        orphans={"customers.region_id": _closed(rows), **done.orphans},
        positive=int(done.label[kept].sum()),
        flipped=int(done.flipped[kept].sum()),
    )


def _write(folder: Path, customers: int, seed: int, progress: Progress | None) -> ShopSummary:
    _clear(folder)
    rows: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    orphans: Counter[str] = Counter()
    for name, table in (("regions", world.regions()), ("products", world.catalogue(seed).table())):
        pq.write_table(table, folder / f"{name}.parquet")
        rows[name] = table.num_rows
    done = 0
    for chunk in _written(folder, customers, seed):
        rows.update({name: table.num_rows for name, table in chunk.tables.items()})
        orphans.update(chunk.orphans)
        totals.update(positive=chunk.positive, flipped=chunk.flipped)
        done += chunk.tables["customers"].num_rows
        if progress:
            progress(done, customers)
    summary = ShopSummary(folder, seed, dict(rows), dict(orphans), totals["positive"], totals["flipped"])
    _write_truth(summary)
    return summary


def _written(folder: Path, customers: int, seed: int) -> Iterator[Chunk]:
    """Yield every chunk after it was written; a chunk is a row group, several chunks share a file."""
    chunks = -(-customers // chunk_size(customers))
    per_file = max(2, chunks // 16)
    with pq.ParquetWriter(folder / f"{schema.LABELS}.parquet", schema.LABEL_SCHEMA) as labels:
        for first in range(0, chunks, per_file):
            with ExitStack() as parts:
                writers = {name: _writer(parts, folder, name, first // per_file) for name in _STREAMED}
                writers[schema.LABELS] = labels
                for number in range(first, min(first + per_file, chunks)):
                    chunk = make_chunk(number, customers, seed)
                    for name, table in chunk.tables.items():
                        writers[name].write_table(table, row_group_size=max(1, table.num_rows))
                    yield chunk


def _writer(parts: ExitStack, folder: Path, name: str, part: int) -> pq.ParquetWriter:
    known = {table.name: table for table in schema.TABLES}
    path = folder / name / f"part-{part:05d}.parquet"
    return parts.enter_context(pq.ParquetWriter(path, schema.arrow_schema(known[name])))


def _clear(folder: Path) -> None:
    """Make the folder, without a shop in it; other files stay."""
    (folder / TRUTH).unlink(missing_ok=True)
    for name in _STREAMED:
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)


def _closed(customers: pa.Table) -> int:
    """Count the customers whose region is no longer in the regions table."""
    return int(pc.sum(pc.equal(customers["region_id"], world.CLOSED_REGION)).as_py() or 0)


def _write_truth(summary: ShopSummary) -> None:
    told: dict[str, Any] = {**label.truth(), **asdict(summary)}
    del told["folder"]  # the file says the same wherever the shop lies
    text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    (summary.folder / TRUTH).write_text(text, encoding="utf-8")
