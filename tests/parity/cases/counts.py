"""Aggregations of value counts, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, aggregation

CASES: dict[str, Case] = {
    "mode": aggregation(p.Mode),
    "num_unique": aggregation(p.NumUnique),
    "average_count_per_unique": aggregation(p.AverageCountPerUnique),
    "average_count_per_unique_nulls": aggregation(p.AverageCountPerUnique(skipna=False)),
}
