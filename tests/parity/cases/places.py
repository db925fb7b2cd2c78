"""Places, as they are tried."""

from __future__ import annotations

import featuretools.primitives as p

from tests.parity.cases.case import Case, transform

CASES: dict[str, Case] = {
    "latitude": transform(p.Latitude),
    "longitude": transform(p.Longitude),
    "haversine": transform(p.Haversine),
    "haversine_kilometers": transform(p.Haversine(unit="kilometers")),
    "cityblock_distance": transform(p.CityblockDistance),
    "cityblock_distance_kilometers": transform(p.CityblockDistance(unit="kilometers")),
    "geomidpoint": transform(p.GeoMidpoint),
    "is_in_geobox": transform(p.IsInGeoBox((60, -12.5), (0, 52))),
    "is_in_geobox_point": transform(p.IsInGeoBox),
}
