"""Smoothing along the row order, as it is tried: by Featuretools, among features that SQL computes."""

from __future__ import annotations

from functools import partial

import featuretools.primitives as p

from tests.parity.cases.case import Case, along_rows
from tests.parity.data_sequences import sequences

smooth = partial(along_rows, data=sequences)

CASES: dict[str, Case] = {
    "exponential_weighted_average": smooth(p.ExponentialWeightedAverage),
    "exponential_weighted_std": smooth(p.ExponentialWeightedSTD(halflife=2)),
    "exponential_weighted_variance": smooth(p.ExponentialWeightedVariance(span=5, ignore_na=True)),
    "savgol_filter": smooth(p.SavgolFilter),
}
