"""Texts, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, transform

CASES: dict[str, Case] = {
    "num_words": transform(p.NumWords),
    "num_characters": transform(p.NumCharacters),
}
