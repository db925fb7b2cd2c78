"""Texts in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

import string

from sparkfeat.primitives.rows import Row, expression

# Words are what stands between spaces, tabs and newlines and is more than ASCII punctuation.
_PUNCTUATION = "'" + string.punctuation.replace("'", "''") + "'"
_WORDS = (
    "CAST(len(list_filter(string_split(replace(replace(x, chr(10), ' '), chr(9), ' '), ' '),"
    f" lambda w: length(trim(w, {_PUNCTUATION})) > 0)) AS BIGINT)"
)
_SPARK_PUNCTUATION = "'" + string.punctuation.replace("\\", "\\\\").replace("'", "\\'") + "'"
_WORDS_SPARK = (
    "CAST(size(filter(split(translate(x, concat(char(10), char(9)), '  '), ' '),"
    f" w -> length(btrim(w, {_SPARK_PUNCTUATION})) > 0)) AS BIGINT)"
)

TEXTS: tuple[Row, ...] = (
    expression("num_characters", "CAST(length(x) AS BIGINT)"),
    expression("num_words", _WORDS, _WORDS_SPARK),
)
