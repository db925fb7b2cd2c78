"""Aggregations of how values lie, as they are tried."""

from __future__ import annotations

from sparkfeat import primitives as p
from tests.parity.cases.case import Case, aggregation
from tests.parity.data_sequences import sequences

# With an error below DuckDB's own it counts exactly; the groups are so small that Spark is exact as well.
CASES: dict[str, Case] = {
    "slope": aggregation(p.Slope),
    "slope_unit": aggregation(p.Slope("hours"), data=sequences),
    "quantile": aggregation(p.Quantile(0.9)),
    "quantile_least": aggregation(p.Quantile(0)),
    "quantile_of_many": aggregation(p.Quantile(0.35), data=sequences),
    "approximate_quantile": aggregation(p.ApproximateQuantile(0.6)),
    "approximate_num_unique": aggregation(p.ApproximateNumUnique(0.01)),
}
