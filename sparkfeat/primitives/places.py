"""Places on the globe in SQL, a row each, under Featuretools' names."""

from __future__ import annotations

import math

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import sql_literal
from sparkfeat.primitives.rows import Row, expression

_EARTH_RADIUS = {"miles": 3958.7613, "kilometers": 6371.0088}

_X, _Y = ("(x).latitude", "(x).longitude"), ("(y).latitude", "(y).longitude")


def _arc(start: tuple[str, str], end: tuple[str, str]) -> str:
    """Return the angle between two places, each a latitude and a longitude, by the haversine formula."""
    (latitude, longitude), (other_latitude, other_longitude) = start, end
    return (
        f"2 * asin(sqrt(power(sin((radians({other_latitude}) - radians({latitude})) / 2.0), 2)"
        f" + cos(radians({latitude})) * cos(radians({other_latitude}))"
        f" * power(sin((radians({other_longitude}) - radians({longitude})) / 2.0), 2)))"
    )


def _distance(call: Call, *arcs: str) -> str:
    radius = _EARTH_RADIUS[str(call.primitive.argument("unit"))]
    return f"nan_to_null({' + '.join(f'{radius} * {arc}' for arc in arcs)})"


def _haversine(call: Call) -> str:
    return _distance(call, _arc(_X, _Y))


def _cityblock(call: Call) -> str:
    """Go along the first place's circle of latitude, then along its meridian."""
    return _distance(call, _arc(_X, (_X[0], _Y[1])), _arc(_X, (_Y[0], _X[1])))


def _unknown_distance(call: Call) -> str | None:
    unit = call.primitive.argument("unit")
    return None if unit in _EARTH_RADIUS else f"unknown unit {unit!r}"


_MIDDLE = tuple(f"nan_to_null(({x} + {y}) / 2.0e0)" for x, y in zip(_X, _Y, strict=True))
_MIDPOINT = f"{{'latitude': {_MIDDLE[0]}, 'longitude': {_MIDDLE[1]}}}"
_MIDPOINT_SPARK = f"named_struct('latitude', {_MIDDLE[0]}, 'longitude', {_MIDDLE[1]})"


def _corners(call: Call) -> tuple[tuple[object, ...], ...]:
    """Return the corners of a box: each a latitude and a longitude."""
    points = (call.primitive.argument(name) for name in ("point1", "point2"))
    return tuple(point if isinstance(point, tuple) else () for point in points)


def _in_box(call: Call) -> str:
    sides = [
        f"{value} BETWEEN least({low}, {high}) AND greatest({low}, {high})"
        for value, low, high in zip(
            _X, *(map(sql_literal, corner) for corner in _corners(call)), strict=False
        )
    ]
    return f"coalesce({' AND '.join(sides)}, FALSE)"


def _no_box(call: Call) -> str | None:
    """Refuse corners that are no numbers."""
    corners = _corners(call)
    numbers = (len(corner) > 1 and all(_is_number(part) for part in corner[:2]) for corner in corners)
    return None if all(numbers) else f"corners {corners!r} are no pairs of numbers"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not math.isnan(value)


PLACES: tuple[Row, ...] = (
    expression("haversine", _haversine, refuse=_unknown_distance),
    expression("cityblock_distance", _cityblock, refuse=_unknown_distance),
    expression("geomidpoint", _MIDPOINT, _MIDPOINT_SPARK),
    expression("is_in_geobox", _in_box, refuse=_no_box),
    expression("latitude", "(x).latitude"),
    expression("longitude", "(x).longitude"),
)
