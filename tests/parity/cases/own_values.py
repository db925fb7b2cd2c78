"""Aggregations with an output for each of several values, as they are tried."""

from __future__ import annotations

from sparkfeat import primitives as p
from tests.parity.cases.case import Case, aggregation
from tests.parity.data_sequences import sequences

CASES: dict[str, Case] = {
    "last_k": aggregation(p.LastK),
    "last_k_of_many": aggregation(p.LastK(5), data=sequences),
    "last_k_single": aggregation(p.LastK(1)),
    "count_per_value": aggregation(p.CountPerValue(["red", "blue", 3, True])),
    "count_per_value_other": aggregation(p.CountPerValue(["it's", "p1", "S", 7.0], other=True)),
    "count_per_value_single": aggregation(p.CountPerValue(["a"]), data=sequences),
    "sum_per_value": aggregation(p.SumPerValue(["red", "p1", 0, "M"])),
    "sum_per_value_other": aggregation(p.SumPerValue(["b", False], other=True), data=sequences),
}
