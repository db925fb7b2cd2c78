"""Which of pandas' nulls a feature's values carry while Featuretools computes.

Comparisons, `where` and boolean logic treat a null by the dtype of the column at run time: NaN in a
numpy column compares as False, NA in a masked column (Int64, boolean, string) stays NA.
"""

from __future__ import annotations

from sparkfeat.definitions.features import (
    AggregationFeature,
    DirectFeature,
    Feature,
    FeatureOutputSlice,
    GroupByTransformFeature,
    IdentityFeature,
    TransformFeature,
)
from sparkfeat.entityset.types import MASKED_TYPES

# Aggregations that pandas computes without leaving the masked dtype of their input, and Python functions with
# whole numbers as results, which it casts back to that dtype.
_KEEP_MASKED = frozenset(
    {
        "count_above_mean",
        "count_below_mean",
        "first",
        "has_no_duplicates",
        "is_monotonically_decreasing",
        "is_monotonically_increasing",
        "is_unique",
        "last",
        "max",
        "max_count",
        "mean",
        "median",
        "min",
        "min_count",
        "mode",
        "num_true",
        "num_zero_crossings",
        "std",
        "sum",
        "variance",
    }
)
# Transforms whose result keeps the dtype of their inputs: masked as soon as one input is.
_ARITHMETIC_PARTS = ("add_", "subtract_", "multiply_", "divide_", "modulo_", "scalar_subtract")
_COMPARISON_PARTS = ("equal", "not_equal", "greater_than", "less_than")
_KEEP_INPUT = frozenset(
    {
        "negate",
        "absolute",
        "cum_sum",
        "cum_max",
        "cum_mean",
        "cum_min",
        "diff",
        "lag",
        "not",
        "and",
        "or",
        "natural_logarithm",
        "square_root",
        "sine",
        "cosine",
        "tangent",
        "absolute_diff",
        "numeric_lag",
        "percent_change",
        "rate_of_change",
        "same_as_previous",
    }
)
# Transforms that return masked integers or strings whatever goes in. Other counts in texts are floats, or
# objects, among which NA compares as NaN does.
_ALWAYS_MASKED = frozenset(
    {
        "email_address_to_domain",
        "file_extension",
        "full_name_to_first_name",
        "full_name_to_last_name",
        "full_name_to_title",
        "number_of_words_in_quotes",
        "total_word_length",
        "url_to_domain",
        "url_to_protocol",
        "url_to_tld",
        "week",
    }
)

CUSTOM_MASKED: dict[type, bool] = {}
"""What users say of their own primitives, by class; where they say nothing, what comes in decides."""


def is_masked(feature: Feature) -> bool:
    """Tell whether nulls of the feature are NA (masked) rather than NaN, NaT or None (numpy)."""
    match feature:
        case IdentityFeature():
            return feature.logical_type in MASKED_TYPES
        case DirectFeature() | FeatureOutputSlice():
            return is_masked(feature.base)
        case AggregationFeature() | TransformFeature() if not feature.primitive.standard:
            return _custom_masked(feature)
        case AggregationFeature():
            return feature.primitive.name in _KEEP_MASKED and is_masked(feature.bases[0])
        case TransformFeature():
            return _transform_masked(feature)
        case GroupByTransformFeature():
            # The result is written into a column that starts as its default, a plain numpy one.
            return False
    raise AssertionError(feature)


def _custom_masked(feature: AggregationFeature | TransformFeature) -> bool:
    said = CUSTOM_MASKED.get(feature.primitive.custom) if feature.primitive.custom else None
    return any(is_masked(base) for base in feature.bases) if said is None else said


def _transform_masked(feature: TransformFeature) -> bool:
    name = feature.primitive.name
    if name in _ALWAYS_MASKED:
        return True
    if name in _KEEP_INPUT or name.startswith(_ARITHMETIC_PARTS + _COMPARISON_PARTS):
        return any(is_masked(base) for base in feature.bases)
    return False
