"""What all customers of the shop share: the calendar, the regions and the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sparkfeat.pipelines.shop import schema

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Strings = npt.NDArray[np.object_]

HOUR, DAY = 3_600, 86_400


def seconds(date: str) -> int:
    """Return the seconds since 1970 of a date such as 2024-07-01."""
    return int(np.datetime64(date, "s").astype(np.int64))


START, LAST_JOIN = seconds("2023-01-01"), seconds("2024-09-01")
FIRST_CUTOFF, LAST_CUTOFF = seconds("2024-03-01"), seconds("2024-10-31")
END = seconds("2025-01-01")  # the day of the export: nothing is known of later days

# id, name, population; where its stores are: latitude, longitude
REGION_ROWS = (
    ("R01", "Île-de-France", 12_271_794, 48.85, 2.35),
    ("R02", "Zürich", 1_553_423, 47.38, 8.54),
    ("R03", "São Paulo", 12_325_232, -23.55, -46.63),
    ("R04", "Łódź", 2_394_946, 51.76, 19.46),
    ("R05", "北海道", 5_224_614, 43.06, 141.35),
    ("R06", "Αττική", 3_814_064, 37.98, 23.73),
    ("R07", "Yorkshire", 5_541_262, 53.96, -1.08),
    ("R08", "Oaxaca", 4_132_148, 17.06, -96.72),
    ("R09", "Đồng Nai", 3_097_107, 10.95, 106.82),
    ("R10", "Västra Götaland", 1_744_859, 57.71, 11.97),
    ("R11", "القاهرة", 10_100_166, 30.04, 31.24),
    ("R12", "Tirol", 764_102, 47.27, 11.39),
)
CLOSED_REGION = "R99"  # customers still point at it, the table has it no more
REGION_SHARE = np.array([16, 6, 15, 8, 9, 8, 12, 6, 7, 6, 5, 2]) / 100

PRODUCTS, WITHDRAWN = 300, 6  # withdrawn: sold before, no longer in the catalogue
CATEGORIES = ("books", "garden", "kitchen", "toys", "sports", "électronique", "clothing", "food")
BRANDS = ("Ålesund", "Mira", "Kōyō", "Fjord", "Østra", "Nube", "Zenit & Co", "O'Hara")

_WEEK = np.array([0.90, 0.85, 0.85, 0.95, 1.10, 1.30, 1.15])  # Monday first
_NIGHT_AND_MORNING = [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11]
_HOURS = np.array([*_NIGHT_AND_MORNING, 12, 11, 10, 10, 11, 13, 16, 19, 20, 17, 11, 5])


class Calendar:
    """Turns uniform numbers into times that follow the hours of the day, the week and the year."""

    def __init__(self) -> None:
        self._grid = np.arange(START, END + 1, HOUR, dtype=np.float64)
        hours = np.arange(len(self._grid) - 1)
        weight = _day_weights()[hours // 24] * _HOURS[hours % 24]
        self._cumulative = np.concatenate([[0.0], np.cumsum(weight)])

    def times(self, rng: np.random.Generator, start: Ints, end: Ints) -> Ints:
        """Draw one time between each start and end, in whole seconds."""
        low = np.interp(start, self._grid, self._cumulative)
        high = np.interp(end, self._grid, self._cumulative)
        drawn = np.interp(low + rng.random(len(start)) * (high - low), self._cumulative, self._grid)
        return np.clip(drawn.astype(np.int64), start, end)


def _day_weights() -> Floats:
    """Return the weight of each day: weekends, a busy end of November, a slow summer."""
    days = np.arange((END - START) // DAY)
    of_year = days % 365
    season = 1 + 0.6 * np.exp(-(((of_year - 330) / 18) ** 2)) - 0.2 * np.exp(-(((of_year - 210) / 25) ** 2))
    return np.asarray(season * _WEEK[(days + 6) % 7])  # 2023-01-01 was a Sunday


@dataclass(frozen=True)
class Catalogue:
    """The products, the popularity of each, and those withdrawn from the catalogue."""

    product_id: Strings
    category: Strings
    brand: Strings
    price: Floats
    popularity: Floats

    def table(self) -> pa.Table:
        """Return the products table: everything sold but the withdrawn products."""
        listed = slice(None, PRODUCTS)
        columns = [self.product_id[listed], self.category[listed], self.brand[listed], self.price[listed]]
        return pa.table([pa.array(column) for column in columns], schema=schema.arrow_schema(schema.PRODUCTS))


def catalogue(seed: int) -> Catalogue:
    """Make the products of a seed; their popularity follows Zipf's law in a shuffled order."""
    rng = np.random.default_rng([seed, 0])
    count = PRODUCTS + WITHDRAWN
    popularity = 1 / np.arange(1, count + 1) ** 1.1
    rng.shuffle(popularity)
    # Withdrawn products sell a fixed small share, so that orphan keys are always there, and always few.
    popularity[PRODUCTS:] = 0.003 * popularity[:PRODUCTS].sum() / WITHDRAWN
    return Catalogue(
        product_id=np.array([f"P{number:04d}" for number in range(1, count + 1)], dtype=object),
        category=rng.choice(np.array(CATEGORIES, dtype=object), count),
        brand=rng.choice(np.array([*BRANDS, None], dtype=object), count),
        price=np.round(rng.gamma(2.0, 14.0, count) + 1, 2),
        popularity=popularity / popularity.sum(),
    )


def regions() -> pa.Table:
    """Return the regions table."""
    columns = [pa.array(column) for column in list(zip(*REGION_ROWS, strict=True))[:3]]
    return pa.table(columns, schema=schema.arrow_schema(schema.REGIONS))
