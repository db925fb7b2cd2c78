"""sparkfeat's own primitives: Featuretools classes whose functions say what they compute."""

from __future__ import annotations

from typing import Any

from sparkfeat.definitions.dtypes import CUSTOM_MASKED
from sparkfeat.definitions.own.decay import (
    ExponentialWeightedCount,
    ExponentialWeightedMean,
    ExponentialWeightedSum,
    WindowCountRatio,
    WindowRatio,
)
from sparkfeat.definitions.own.encoding import DelayedTargetEncoding, TargetEncoding
from sparkfeat.definitions.own.interactions import (
    CoCount,
    ItemPopularity,
    PairCount,
    PopularityWithinCategory,
    TimeSincePair,
)
from sparkfeat.definitions.own.spread import ApproximateNumUnique, ApproximateQuantile, Quantile, Slope
from sparkfeat.definitions.own.times import (
    MaxTimeBetween,
    MedianTimeBetween,
    MinTimeBetween,
    StdTimeBetween,
    TimeSinceMax,
    TimeSinceMin,
)
from sparkfeat.definitions.own.values import CountPerValue, LastK, SumPerValue

__all__ = [
    "OWN",
    "ApproximateNumUnique",
    "ApproximateQuantile",
    "CoCount",
    "CountPerValue",
    "DelayedTargetEncoding",
    "ExponentialWeightedCount",
    "ExponentialWeightedMean",
    "ExponentialWeightedSum",
    "ItemPopularity",
    "LastK",
    "MaxTimeBetween",
    "MedianTimeBetween",
    "MinTimeBetween",
    "PairCount",
    "PopularityWithinCategory",
    "Quantile",
    "Slope",
    "StdTimeBetween",
    "SumPerValue",
    "TargetEncoding",
    "TimeSinceMax",
    "TimeSinceMin",
    "TimeSincePair",
    "WindowCountRatio",
    "WindowRatio",
]

OWN: dict[str, Any] = {
    primitive.name: primitive
    for primitive in (
        ApproximateNumUnique,
        ApproximateQuantile,
        CountPerValue,
        ExponentialWeightedCount,
        ExponentialWeightedMean,
        ExponentialWeightedSum,
        LastK,
        MaxTimeBetween,
        MedianTimeBetween,
        MinTimeBetween,
        Quantile,
        Slope,
        StdTimeBetween,
        SumPerValue,
        TimeSinceMax,
        TimeSinceMin,
        WindowCountRatio,
        WindowRatio,
        CoCount,
        DelayedTargetEncoding,
        ItemPopularity,
        PairCount,
        PopularityWithinCategory,
        TargetEncoding,
        TimeSincePair,
    )
}
"""The classes by name: aggregations, then transforms."""

# Their functions return plain numbers and NaN, whatever goes in.
CUSTOM_MASKED |= dict.fromkeys(OWN.values(), False)
