"""Primitives: sparkfeat's own classes, SQL for users' classes, and how each primitive is written in SQL.

`sparkfeat.primitives` is to sparkfeat what `featuretools.primitives` is to Featuretools.
"""

from sparkfeat.definitions.own import (
    ApproximateNumUnique,
    ApproximateQuantile,
    CoCount,
    CountPerValue,
    DelayedTargetEncoding,
    ExponentialWeightedCount,
    ExponentialWeightedMean,
    ExponentialWeightedSum,
    ItemPopularity,
    LastK,
    MaxTimeBetween,
    MedianTimeBetween,
    MinTimeBetween,
    PairCount,
    PopularityWithinCategory,
    Quantile,
    Slope,
    StdTimeBetween,
    SumPerValue,
    TargetEncoding,
    TimeSinceMax,
    TimeSinceMin,
    TimeSincePair,
    WindowCountRatio,
    WindowRatio,
)
from sparkfeat.primitives.custom import register_primitive, unregister_primitive
from sparkfeat.primitives.macros import MACROS
from sparkfeat.primitives.rows import LETTERS, Level, Row, Shape, TwoPasses
from sparkfeat.primitives.support import find_row, reason_against

__all__ = [
    "LETTERS",
    "MACROS",
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
    "Level",
    "MaxTimeBetween",
    "MedianTimeBetween",
    "MinTimeBetween",
    "PairCount",
    "PopularityWithinCategory",
    "Quantile",
    "Row",
    "Shape",
    "Slope",
    "StdTimeBetween",
    "SumPerValue",
    "TargetEncoding",
    "TimeSinceMax",
    "TimeSinceMin",
    "TimeSincePair",
    "TwoPasses",
    "WindowCountRatio",
    "WindowRatio",
    "find_row",
    "reason_against",
    "register_primitive",
    "unregister_primitive",
]
