"""Who had to do with what before, as it is tried. CoCount has no SQL: see tests/definitions/test_own.py."""

from __future__ import annotations

from sparkfeat import primitives as p
from tests.parity.cases.case import Case, along_rows

CASES: dict[str, Case] = {
    "pair_count": along_rows(p.PairCount),
    "time_since_pair": along_rows(p.TimeSincePair("hours")),
    "item_popularity": along_rows(p.ItemPopularity),
    "popularity_within_category": along_rows(p.PopularityWithinCategory),
}
