"""Comparisons, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, Columns, transform

# Columns left out where a primitive takes any pair: enough of each type stays.
FEWER: Columns = {
    "events": ["from", "to", "note", "digit"],
    "customers": ["home", "work", "about", "left", "refund", "reason"],
    "products": ["label", "fair"],
    "regions": ["name", "cities"],
    "items": ["kind"],
}

CASES: dict[str, Case] = {
    "equal": transform(p.Equal, ignored=FEWER),
    "not_equal": transform(p.NotEqual, ignored=FEWER),
    "greater_than": transform(p.GreaterThan),
    "greater_than_equal_to": transform(p.GreaterThanEqualTo),
    "less_than": transform(p.LessThan),
    "less_than_equal_to": transform(p.LessThanEqualTo),
    "equal_scalar": transform(p.EqualScalar(5)),
    "equal_scalar_text": transform(p.EqualScalar("red")),
    "equal_scalar_none": transform(p.EqualScalar(None)),
    "not_equal_scalar_none": transform(p.NotEqualScalar(None)),
    "equal_scalar_true": transform(p.EqualScalar(True)),
    "not_equal_scalar": transform(p.NotEqualScalar(5)),
    "not_equal_scalar_text": transform(p.NotEqualScalar("red")),
    "greater_than_scalar": transform(p.GreaterThanScalar(1.5)),
    "greater_than_equal_to_scalar": transform(p.GreaterThanEqualToScalar(5)),
    "less_than_scalar": transform(p.LessThanScalar(1.5)),
    "less_than_equal_to_scalar": transform(p.LessThanEqualToScalar(5)),
    "is_null": transform(p.IsNull),
    "isin": transform(p.IsIn),
    "isin_mixed": transform(p.IsIn([5, "red", None, float("nan"), True, "mid", "", -2.25, 2**53 + 1, "x"])),
    "isin_texts": transform(p.IsIn(["red", "it's", "a\\b", "S", "mid", "Ünï cödé", "1"])),
}
