"""Aggregations along the row order, as they are tried."""

from __future__ import annotations

from functools import partial

import featuretools.primitives as p

from tests.parity.cases.case import Case, aggregation
from tests.parity.data_sequences import sequences

along = partial(aggregation, data=sequences)

CASES: dict[str, Case] = {
    "max_consecutive_true": along(p.MaxConsecutiveTrue),
    "max_consecutive_false": along(p.MaxConsecutiveFalse),
    "max_consecutive_positives": along(p.MaxConsecutivePositives),
    "max_consecutive_positives_nulls": along(p.MaxConsecutivePositives(skipna=False)),
    "max_consecutive_negatives": along(p.MaxConsecutiveNegatives),
    "max_consecutive_negatives_nulls": along(p.MaxConsecutiveNegatives(skipna=False)),
    "max_consecutive_zeros": along(p.MaxConsecutiveZeros),
    "max_consecutive_zeros_nulls": along(p.MaxConsecutiveZeros(skipna=False)),
    "num_consecutive_greater_mean": along(p.NumConsecutiveGreaterMean),
    "num_consecutive_greater_mean_nulls": along(p.NumConsecutiveGreaterMean(skipna=False)),
    "num_consecutive_less_mean": along(p.NumConsecutiveLessMean),
    "num_consecutive_less_mean_nulls": along(p.NumConsecutiveLessMean(skipna=False)),
    "num_true_since_last_false": along(p.NumTrueSinceLastFalse),
    "num_false_since_last_true": along(p.NumFalseSinceLastTrue),
    "is_monotonically_increasing": along(p.IsMonotonicallyIncreasing),
    "is_monotonically_decreasing": along(p.IsMonotonicallyDecreasing),
    "num_peaks": along(p.NumPeaks),
    "num_zero_crossings": along(p.NumZeroCrossings),
}
