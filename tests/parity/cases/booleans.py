"""Logic, as it is tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, transform

CASES: dict[str, Case] = {
    "and": transform(p.And),
    "or": transform(p.Or),
    "not": transform(p.Not),
    "multiply_boolean": transform(p.MultiplyBoolean),
    "multiply_numeric_boolean": transform(p.MultiplyNumericBoolean),
}
