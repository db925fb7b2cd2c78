"""Aggregations that weigh rows by how long ago they were, as they are tried."""

from __future__ import annotations

from sparkfeat import primitives as p
from tests.parity.cases.case import Case, aggregation
from tests.parity.data_sequences import sequences

CASES: dict[str, Case] = {
    "exponential_weighted_sum": aggregation(p.ExponentialWeightedSum("2 days")),
    "exponential_weighted_mean": aggregation(p.ExponentialWeightedMean("36 hours")),
    "exponential_weighted_mean_long_ago": aggregation(p.ExponentialWeightedMean("1 min"), data=sequences),
    "exponential_weighted_count": aggregation(p.ExponentialWeightedCount),
    "window_ratio": aggregation(p.WindowRatio("2 days", "5 days"), data=sequences),
    "window_count_ratio": aggregation(p.WindowCountRatio("1 day", "4 days"), data=sequences),
}
