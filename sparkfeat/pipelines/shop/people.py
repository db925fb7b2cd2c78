"""The customers of one chunk: who they are, when they joined, how they behave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sparkfeat.pipelines.shop import schema
from sparkfeat.pipelines.shop.world import (
    CLOSED_REGION,
    DAY,
    FIRST_CUTOFF,
    LAST_CUTOFF,
    LAST_JOIN,
    REGION_ROWS,
    REGION_SHARE,
    START,
    Floats,
    Ints,
    Strings,
    seconds,
)

FIRST_ERASED_ID = 1_000_000_000
_FIRST = ["Ana", "Björn", "Chloé", "Đặng", "Ełka", "Fátima", "Γιώργος", "海斗", "İpek", "Мария", "عمر"]
_LAST = ["Aguilar", "Bäcker", "Çelik", "D'Angelo", "Łukasik", "Nguyễn", "O’Neil", "Παππάς", "佐藤", "Straße"]
_SEGMENTS = np.array(["private", "family", "business", "student"], dtype=object)


@dataclass(frozen=True)
class People:
    """Customers and, after them, erased accounts: their rows are gone, what they did is still there."""

    customer_id: Ints
    kept: int
    joined: Ints
    cutoff: Ints
    paused: Ints  # seconds before the cutoff in which nothing was done
    weekly: Floats  # sessions a week
    mobile: Floats  # share of sessions on a telephone

    def __len__(self) -> int:
        return len(self.customer_id)


def people(rng: np.random.Generator, ids: Ints, erased: Ints) -> People:
    """Draw customers with the given ids, and erased accounts."""
    count = len(ids) + len(erased)
    joined = START + ((LAST_JOIN - START) * rng.random(count) ** 0.6).astype(np.int64)
    earliest: Ints = np.maximum(joined + 14 * DAY, FIRST_CUTOFF)
    cutoff = earliest + ((LAST_CUTOFF - earliest) * rng.random(count)).astype(np.int64)
    pause = np.where(rng.random(count) < 0.45, rng.exponential(45 * DAY, count), 0.0).astype(np.int64)
    return People(
        customer_id=np.concatenate([ids, erased]),
        kept=len(ids),
        joined=joined,
        cutoff=cutoff,
        paused=np.minimum(pause, cutoff - joined - 3 * DAY),
        # A Pareto tail: a few customers make most of the visits (Zipf's law).
        weekly=np.minimum(0.2 * (1 + rng.pareto(1.4, count)), 10.0),
        mobile=rng.beta(1.1, 1.1, count),
    )


def customers_table(rng: np.random.Generator, who: People, days_since_last_order: Floats) -> pa.Table:
    """Return the rows of the kept customers.

    Args:
        rng: the chunk's generator.
        who: the people of the chunk.
        days_since_last_order: the decoy column, NaN where nothing was ever bought.
    """
    count = who.kept
    region = _regions(rng, count)
    columns = {
        "customer_id": who.customer_id[:count],
        "region_id": with_nulls(rng, region, 0.01),
        "joined": timestamps(who.joined[:count]),
        "birthday": timestamps(_birthdays(rng, count), missing=rng.random(count) < 0.08),
        "full_name": _names(rng, count),
        "email": with_nulls(rng, _emails(rng, who.customer_id[:count]), 0.05),
        "segment": with_nulls(rng, rng.choice(_SEGMENTS, count, p=[0.5, 0.25, 0.15, 0.1]), 0.03),
        "newsletter": with_nulls(rng, rng.random(count) < 0.4, 0.1),
        "home": _places(rng, region, spread=0.3, unknown=0.04),
        "store": _places(rng, region, spread=0.1, unknown=0.0),
        schema.DECOY_COLUMN: pa.array(days_since_last_order[:count], from_pandas=True),
    }
    return pa.table(columns, schema=schema.arrow_schema(schema.CUSTOMERS))


def timestamps(values: Ints, missing: object = None) -> pa.Array:
    """Return whole seconds as Arrow timestamps in microseconds, null where `missing` says so."""
    return pa.array(values * 1_000_000, pa.int64(), mask=missing).cast(pa.timestamp("us"))


def with_nulls(rng: np.random.Generator, values: npt.NDArray[Any], share: float) -> pa.Array:
    """Return the values as Arrow, a share of them null."""
    return pa.array(values, mask=rng.random(len(values)) < share)


def _regions(rng: np.random.Generator, count: int) -> Strings:
    ids = np.array([row[0] for row in REGION_ROWS], dtype=object)
    drawn = rng.choice(ids, count, p=REGION_SHARE)
    return np.where(rng.random(count) < 0.005, CLOSED_REGION, drawn)


def _birthdays(rng: np.random.Generator, count: int) -> Ints:
    first, last = seconds("1940-01-01"), seconds("2006-12-31")
    return first + rng.integers(0, (last - first) // DAY, count) * DAY


def _names(rng: np.random.Generator, count: int) -> Strings:
    first = rng.choice(np.array(_FIRST, dtype=object), count)
    last = rng.choice(np.array(_LAST, dtype=object), count)
    return np.asarray(first + " " + last, dtype=object)


def _emails(rng: np.random.Generator, ids: Ints) -> Strings:
    hosts = rng.choice(["example.org", "mail.example.com", "example.net"], len(ids))
    pairs = zip(ids, hosts, strict=True)
    return np.array([f"customer{number}@{host}" for number, host in pairs], dtype=object)


def _places(rng: np.random.Generator, region: Strings, spread: float, unknown: float) -> pa.Array:
    """Draw a place near the centre of each region; a share of them is unknown."""
    centres = {row[0]: row[3:] for row in REGION_ROWS} | {CLOSED_REGION: (0.0, 0.0)}
    points = np.array([centres[name] for name in region]) + rng.normal(0, spread, (len(region), 2))
    missing = pa.array(rng.random(len(region)) < unknown)
    parts = [pa.array(np.round(points[:, axis], 5)) for axis in (0, 1)]
    return pa.StructArray.from_arrays(parts, fields=list(schema.LAT_LONG), mask=missing)
