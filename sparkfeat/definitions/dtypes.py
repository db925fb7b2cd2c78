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
from sparkfeat.entityset.types import BOOLEAN_TYPES, CATEGORY_TYPES, DOUBLE_TYPES, INTEGER_TYPES, MASKED_TYPES

# Aggregations that pandas computes without leaving the masked dtype of their input, and Python functions with
# whole numbers as results, which it casts back to that dtype.
_KEEP_MASKED = frozenset(
    {
        *("sum", "min", "max", "mean", "std", "variance", "median", "first", "last", "mode", "num_true"),
        *("all", "any", "max_count", "max_min_delta", "median_count", "min_count"),
        *("count_above_mean", "count_below_mean", "count_greater_than", "count_less_than"),
        *("count_inside_nth_std", "count_inside_range", "count_outside_nth_std", "count_outside_range"),
        *("num_consecutive_greater_mean", "num_consecutive_less_mean", "num_peaks", "num_zero_crossings"),
        *("is_unique", "has_no_duplicates", "is_monotonically_decreasing", "is_monotonically_increasing"),
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
        "multiply_numeric_boolean",
        "number_of_words_in_quotes",
        "season",
        "total_word_length",
        "url_to_domain",
        "url_to_protocol",
        "url_to_tld",
        "week",
    }
)

# Types whose masked arrays answer with a masked array whether each value is in a list; strings do not.
_MASKED_NUMBERS = INTEGER_TYPES | DOUBLE_TYPES | BOOLEAN_TYPES | {None}

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
    if name == "isin":
        return is_masked(feature.bases[0]) and feature.bases[0].logical_type in _MASKED_NUMBERS
    if name.startswith(_COMPARISON_PARTS) and _answers_alone(feature.bases[0]):
        return False
    if name in _KEEP_INPUT or name.startswith(_ARITHMETIC_PARTS + _COMPARISON_PARTS):
        return any(is_masked(base) for base in feature.bases)
    return False


def _answers_alone(feature: Feature) -> bool:
    """Tell whether values are compared without asking what kind of null the other side has."""
    while isinstance(feature, DirectFeature):
        feature = feature.base
    stored = isinstance(feature, IdentityFeature) and feature.logical_type in CATEGORY_TYPES
    return stored or feature.logical_type in {"Datetime", "Timedelta"}
