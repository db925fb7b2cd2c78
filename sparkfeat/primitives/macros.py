"""Short names that rows may use in SQL, and what they stand for in each dialect."""

from __future__ import annotations

# Spark subtracts TIMESTAMP_NTZ into a day-time interval; its parts add up exactly and, unlike
# unix_micros, do not pass through the session's time zone.
_SPARK_SECONDS = (
    "(CAST(extract(DAY FROM (a - b)) AS DOUBLE) * 86400 + extract(HOUR FROM (a - b)) * 3600"
    " + extract(MINUTE FROM (a - b)) * 60 + CAST(extract(SECOND FROM (a - b)) AS DOUBLE))"
)
_SPARK_MICROS = (
    "(CAST(extract(DAY FROM (a - b)) AS BIGINT) * 86400000000 + extract(HOUR FROM (a - b)) * 3600000000"
    " + extract(MINUTE FROM (a - b)) * CAST(60000000 AS BIGINT)"
    " + CAST(extract(SECOND FROM (a - b)) * 1000000 AS BIGINT))"
)
# The interval's days and its rest have one sign: a negative rest begins one more day.
_SPARK_DAYS = (
    "(extract(DAY FROM (a - b)) + floor((extract(HOUR FROM (a - b)) * 3600"
    " + extract(MINUTE FROM (a - b)) * 60 + CAST(extract(SECOND FROM (a - b)) AS DOUBLE)) / 86400))"
)
_DUCKDB_DAYS = (
    "((epoch_us(a) - epoch_us(b)) // 86400000000"
    " - CASE WHEN (epoch_us(a) - epoch_us(b)) % 86400000000 < 0 THEN 1 ELSE 0 END)"
)
_TIME_UNIT = (
    "CASE WHEN {s} % 86400 = 0 THEN 86400.0e0 WHEN {s} % 3600 = 0 THEN 3600.0e0"
    " WHEN {s} % 60 = 0 THEN 60.0e0 ELSE 1.0e0 END"
)
_WHOLE_SECONDS_DUCKDB = "CAST(trunc(CAST(epoch_us(a) * 1000 AS DOUBLE) * 1e-9) AS BIGINT)"
_WHOLE_SECONDS_SPARK = (
    "CAST(CAST(CAST(seconds_between(a, TIMESTAMP_NTZ '1970-01-01 00:00:00') * 1e6 AS BIGINT) * 1000"
    " AS DOUBLE) * 1e-9 AS BIGINT)"
)

# The mean of the two lengths in the middle, which are one and the same of an odd number.
_SPARK_MEDIAN_LENGTH = (
    "get(transform(array(array_sort(transform(a, w -> length(w)))),"
    " w -> (get(w, CAST(floor((size(w) - 1) / 2) AS INT)) + get(w, CAST(floor(size(w) / 2) AS INT))) / 2), 0)"
)
# numpy's pairwise sum of up to 128 numbers: eight sums side by side, each of every eighth number, and the
# numbers that are left over one by one. Beyond that the sum is compensated. A null counts as 0, as in pandas.
_WHOLE_EIGHTS = "len(w) - len(w) % 8"
_EIGHT_SUMS = (
    "list_transform([1, 2, 3, 4, 5, 6, 7, 8],"
    f" lambda v: coalesce(list_sum(list_slice(w, v, {_WHOLE_EIGHTS}, 8)), 0.0e0))"
)
_OF_EIGHT = (
    f"list_transform([{_EIGHT_SUMS}],"
    " lambda n: ((n[1] + n[2]) + (n[3] + n[4])) + ((n[5] + n[6]) + (n[7] + n[8])))[1]"
)
_PAIRWISE = (
    "CASE WHEN count(*) > 128 THEN compensated_sum(a)"
    " ELSE list_transform([list(coalesce(a, 0.0e0) ORDER BY b)], lambda w:"
    f" list_sum(list_concat([{_OF_EIGHT}], list_slice(w, {_WHOLE_EIGHTS} + 1, len(w)))))[1] END"
)

MACROS: dict[str, dict[str, str]] = {
    # NaN is a value in SQL; in pandas it is the missing one.
    "nan_to_null": {
        "duckdb": "nullif(a, CAST('NaN' AS DOUBLE))",
        "spark": "nullif(a, CAST('NaN' AS DOUBLE))",
    },
    # Seconds from b to a, with microseconds as the fraction.
    "seconds_between": {
        "duckdb": "((epoch_us(a) - epoch_us(b)) / 1e6)",
        "spark": _SPARK_SECONDS,
    },
    # Microseconds from b to a, exact.
    "micros_between": {
        "duckdb": "(epoch_us(a) - epoch_us(b))",
        "spark": _SPARK_MICROS,
    },
    # In a window: the last, and the first, value that is not null.
    "latest": {"duckdb": "last_value(a IGNORE NULLS)", "spark": "last_value(a, TRUE)"},
    "earliest": {"duckdb": "first_value(a IGNORE NULLS)", "spark": "first_value(a, TRUE)"},
    # As numpy rounds to five digits.
    "round_5": {"duckdb": "(round_even(a * 1e5, 0) / 1e5)", "spark": "(rint(a * 1e5) / 1e5)"},
    # pandas sums groups with Kahan's compensation, as fsum does; fsum gives NaN where an infinity takes part,
    # and then the plain sum is the answer.
    "compensated_sum": {
        "duckdb": "CASE WHEN isfinite(fsum(a)) THEN fsum(a) ELSE sum(a) END",
        "spark": "sum(a)",
    },
    # The sum of a, rounded as numpy rounds it in the row order b: whether a number equals a mean hangs on it.
    "numpy_sum": {
        "duckdb": _PAIRWISE,
        "spark": "sum(a)",
    },
    # Whole days from b to a, rounded down.
    "whole_days": {
        "duckdb": _DUCKDB_DAYS,
        "spark": _SPARK_DAYS,
    },
    # The value of a in the first row, by the order c, among those where b holds.
    "first_by": {
        "duckdb": "first(a ORDER BY NOT (b), c)",
        "spark": "min_by(a, CASE WHEN b THEN c END)",
    },
    # Text a with every match of the regular expression b replaced by c.
    "replace_all": {
        "duckdb": "regexp_replace(a, b, c, 'g')",
        "spark": "regexp_replace(a, b, c)",
    },
    # Every match of the regular expression b in text a, as a list.
    "all_matches": {
        "duckdb": "regexp_extract_all(a, b)",
        "spark": "regexp_extract_all(a, b, 0)",
    },
    # The pieces of text a between the matches of the regular expression b.
    "pieces": {
        "duckdb": "string_split_regex(a, b)",
        "spark": "split(a, b)",
    },
    # The items w of list a for which b holds, and what b makes of each item w.
    "those_of": {
        "duckdb": "list_filter(a, lambda w: b)",
        "spark": "filter(a, w -> b)",
    },
    "each_of": {
        "duckdb": "list_transform(a, lambda w: b)",
        "spark": "transform(a, w -> b)",
    },
    # How many items a list has; of no list Spark says -1.
    "size_of": {
        "duckdb": "CAST(len(a) AS BIGINT)",
        "spark": "CAST(nullif(size(a), -1) AS BIGINT)",
    },
    "last_of": {
        "duckdb": "list_extract(a, -1)",
        "spark": "get(reverse(a), 0)",
    },
    "distinct_of": {
        "duckdb": "list_distinct(a)",
        "spark": "array_distinct(a)",
    },
    # The texts of list a as one text, with b between them.
    "joined": {
        "duckdb": "array_to_string(a, b)",
        "spark": "array_join(a, b)",
    },
    # Whether the regular expression b is found in text a.
    "found_in": {
        "duckdb": "regexp_matches(a, b)",
        "spark": "regexp_like(a, b)",
    },
    # Statistics of the lengths of list a's texts; Spark has none of lists, and names a list by a lambda.
    "mean_length": {
        "duckdb": "list_aggregate(list_transform(a, lambda w: length(w)), 'avg')",
        "spark": "get(transform(array(a), w -> length(array_join(w, '')) / nullif(size(w), 0)), 0)",
    },
    "median_length": {
        "duckdb": "list_aggregate(list_transform(a, lambda w: length(w)), 'median')",
        "spark": _SPARK_MEDIAN_LENGTH,
    },
    # The value of a in the last row, by the order c, among those where b holds.
    "last_by": {
        "duckdb": "last(a ORDER BY c) FILTER (WHERE b)",
        "spark": "max_by(a, CASE WHEN b THEN c END)",
    },
    # Seconds in the unit that Featuretools' trend takes when its first row is at a.
    "time_unit": {
        "duckdb": _TIME_UNIT.format(s=_WHOLE_SECONDS_DUCKDB),
        "spark": _TIME_UNIT.format(s=_WHOLE_SECONDS_SPARK),
    },
}
