"""Aggregations of when rows happened, as they are tried."""

from __future__ import annotations

from sparkfeat import primitives as p
from tests.parity.cases.case import Case, aggregation
from tests.parity.data_sequences import sequences

CASES: dict[str, Case] = {
    "time_since_max": aggregation(p.TimeSinceMax, data=sequences),
    "time_since_max_unit": aggregation(p.TimeSinceMax("days")),
    "time_since_min": aggregation(p.TimeSinceMin, data=sequences),
    "max_time_between": aggregation(p.MaxTimeBetween),
    "min_time_between": aggregation(p.MinTimeBetween),
    "median_time_between": aggregation(p.MedianTimeBetween("hours"), data=sequences),
    "std_time_between": aggregation(p.StdTimeBetween("years"), data=sequences),
}
