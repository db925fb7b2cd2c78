"""Places on the globe in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.rows import Row, expression

_EARTH_RADIUS = {"miles": 3958.7613, "kilometers": 6371.0088}

_SQUARE = (
    "power(sin((radians((y).latitude) - radians((x).latitude)) / 2.0), 2)"
    " + cos(radians((x).latitude)) * cos(radians((y).latitude))"
    " * power(sin((radians((y).longitude) - radians((x).longitude)) / 2.0), 2)"
)


def _haversine(call: Call) -> str:
    radius = _EARTH_RADIUS[str(call.primitive.argument("unit"))]
    return f"nan_to_null({radius} * 2 * asin(sqrt({_SQUARE})))"


def _unknown_distance(call: Call) -> str | None:
    unit = call.primitive.argument("unit")
    return None if unit in _EARTH_RADIUS else f"unknown unit {unit!r}"


PLACES: tuple[Row, ...] = (
    expression("haversine", _haversine, refuse=_unknown_distance),
    expression("latitude", "(x).latitude"),
    expression("longitude", "(x).longitude"),
)
