"""Places, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, transform

CASES: dict[str, Case] = {
    "latitude": transform(p.Latitude),
    "longitude": transform(p.Longitude),
    "haversine": transform(p.Haversine),
    "haversine_kilometers": transform(p.Haversine(unit="kilometers")),
}
