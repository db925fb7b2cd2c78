"""What Featuretools' primitives need of the rows they are fed, by name.

Source: the primitives' own code and `featuretools.computational_backends` (1.31).
"""

from __future__ import annotations

# Aggregations whose value depends on the order of the rows; that of counts beside the mean by its rounding.
ORDERED_AGGREGATIONS = frozenset(
    {
        "count_above_mean",
        "count_below_mean",
        "count_inside_nth_std",
        "count_outside_nth_std",
        "date_first_event",
        "first",
        "first_last_time_delta",
        "is_monotonically_decreasing",
        "is_monotonically_increasing",
        "last",
        "max_consecutive_false",
        "max_consecutive_negatives",
        "max_consecutive_positives",
        "max_consecutive_true",
        "max_consecutive_zeros",
        "num_consecutive_greater_mean",
        "num_consecutive_less_mean",
        "num_false_since_last_true",
        "num_peaks",
        "num_true_since_last_false",
        "num_zero_crossings",
        "time_since_first",
        "time_since_last",
        "time_since_last_false",
        "time_since_last_max",
        "time_since_last_min",
        "time_since_last_true",
        "trend",
    }
)

# Transforms that look at the rows before a row but do not declare uses_full_dataframe: they see the
# rows of the instances that are computed together, at their cutoff time, and no others.
INSTANCE_SET_TRANSFORMS = frozenset(
    {
        "absolute_diff",
        "cumulative_time_since_last_false",
        "cumulative_time_since_last_true",
        "percent_change",
        "same_as_previous",
        "savgol_filter",
        "time_since_previous",
    }
)

# Full-dataframe transforms that look back only: later rows never change a row's value.
PREFIX_TRANSFORMS = frozenset(
    {
        "cum_count",
        "cum_max",
        "cum_mean",
        "cum_min",
        "cum_sum",
        "diff",
        "diff_datetime",
        "expanding_count",
        "expanding_max",
        "expanding_mean",
        "expanding_min",
        "expanding_std",
        "expanding_trend",
        "exponential_weighted_average",
        "exponential_weighted_std",
        "exponential_weighted_variance",
        "lag",
        "numeric_lag",
        "rate_of_change",
        "rolling_count",
        "rolling_max",
        "rolling_mean",
        "rolling_min",
        "rolling_outlier_count",
        "rolling_std",
        "rolling_trend",
    }
)
