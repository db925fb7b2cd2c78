"""Aggregations of value counts, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, aggregation
from tests.parity.data_counts import counts

CASES: dict[str, Case] = {
    "mode": aggregation(p.Mode),
    "num_unique": aggregation(p.NumUnique),
    "entropy": aggregation(p.Entropy),
    "entropy_base": aggregation(p.Entropy(dropna=True, base=2)),
    "n_most_common": aggregation(p.NMostCommon, data=counts),
    "n_most_common_of_two": aggregation(p.NMostCommon(n=2), data=counts),
    "n_most_common_frequency": aggregation(p.NMostCommonFrequency),
    "n_most_common_frequency_nulls": aggregation(p.NMostCommonFrequency(n=5, skipna=False)),
    "n_most_common_frequency_of_one": aggregation(p.NMostCommonFrequency(n=1)),
    "average_count_per_unique": aggregation(p.AverageCountPerUnique),
    "average_count_per_unique_nulls": aggregation(p.AverageCountPerUnique(skipna=False)),
}
