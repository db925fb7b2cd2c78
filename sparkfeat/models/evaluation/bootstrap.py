"""Bootstrap intervals without the rows.

A Poisson bootstrap gives each row a weight drawn from Poisson(1). The weights of n rows add up to
Poisson(n): rows that a metric cannot tell apart are drawn at once. So the bootstrap of counted scores is
that of the rows themselves, not an approximation, and it is the same for the same data and seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from sparkfeat.models.evaluation.config import EvaluationConfig
from sparkfeat.models.evaluation.points import Floats
from sparkfeat.models.evaluation.results import Metric

AT_ONCE = 2_000_000
"""Counts drawn at a time: 16 MB."""

Measure = Callable[..., Mapping[str, Floats]]


def measured(measure: Measure, config: EvaluationConfig, *counts: Floats) -> dict[str, Metric]:
    """Return metrics of counted rows with their intervals.

    Args:
        measure: takes arrays of shape (samples, points), one for each of `counts`, and returns metric ->
            one value a sample.
        config: how many samples, which interval, and the seed.
        counts: arrays of rows at each point.
    """
    data = {name: float(value[0]) for name, value in measure(*(one[None, :] for one in counts)).items()}
    if not config.replicates:
        return {name: Metric(value) for name, value in data.items()}
    drawn = [measure(*samples) for samples in _samples(counts, config)]
    return {
        name: _metric(value, np.concatenate([one[name] for one in drawn]), config.confidence)
        for name, value in data.items()
    }


def _samples(counts: tuple[Floats, ...], config: EvaluationConfig) -> Iterator[list[Floats]]:
    rng = np.random.default_rng(config.seed)
    size = max(1, AT_ONCE // max(1, len(counts[0])))
    for start in range(0, config.replicates, size):
        samples = min(size, config.replicates - start)
        yield [rng.poisson(one, (samples, len(one))).astype(float) for one in counts]


def _metric(value: float, samples: Floats, confidence: float) -> Metric:
    known = samples[np.isfinite(samples)]
    if not len(known) or not np.isfinite(value):
        return Metric(value)
    low, high = np.quantile(known, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Metric(value, float(low), float(high))
