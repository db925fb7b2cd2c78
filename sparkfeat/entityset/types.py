"""Woodwork's logical types and the canonical values that stand for them inside every engine."""

from __future__ import annotations

import pyarrow as pa

INTEGER_TYPES = frozenset({"Integer", "IntegerNullable", "Age", "AgeNullable"})
DOUBLE_TYPES = frozenset({"Double", "AgeFractional"})
BOOLEAN_TYPES = frozenset({"Boolean", "BooleanNullable"})
CATEGORY_TYPES = frozenset(
    {"Categorical", "Ordinal", "PostalCode", "CountryCode", "SubRegionCode", "CurrencyCode"}
)
TEXT_TYPES = frozenset(
    {
        "Address",
        "EmailAddress",
        "Filepath",
        "IPAddress",
        "NaturalLanguage",
        "PersonFullName",
        "PhoneNumber",
        "URL",
        "Unknown",
    }
)
OTHER_TYPES = frozenset({"Datetime", "Timedelta", "LatLong"})
LOGICAL_TYPES = INTEGER_TYPES | DOUBLE_TYPES | BOOLEAN_TYPES | CATEGORY_TYPES | TEXT_TYPES | OTHER_TYPES

# Types whose pandas dtype has a null of its own (Int64, boolean, string); section 5 of the rules.
MASKED_TYPES = frozenset({"IntegerNullable", "AgeNullable", "BooleanNullable"}) | TEXT_TYPES

# Of the units in which Parquet holds times and durations; nanoseconds are divided.
MICROSECONDS = {"us": 1, "ms": 1_000, "s": 1_000_000}

LATLONG = pa.struct([("latitude", pa.float64()), ("longitude", pa.float64())])


_ARROW_TYPES: dict[str | None, pa.DataType] = (
    dict.fromkeys([*INTEGER_TYPES, "Timedelta"], pa.int64())
    | dict.fromkeys([*DOUBLE_TYPES, None], pa.float64())
    | dict.fromkeys(BOOLEAN_TYPES, pa.bool_())
    | {"Datetime": pa.timestamp("us"), "LatLong": LATLONG}
)


def standard_tags(logical_type: str) -> frozenset[str]:
    """Return the semantic tags that Woodwork gives to every column of `logical_type`."""
    if logical_type in INTEGER_TYPES | DOUBLE_TYPES:
        return frozenset({"numeric"})
    return frozenset({"category"}) if logical_type in CATEGORY_TYPES else frozenset()


def arrow_type(logical_type: str | None, source: pa.DataType | None = None) -> pa.DataType:
    """Return the Arrow type of the canonical values of `logical_type`.

    Category types keep the type of their values, given by `source`.
    """
    if logical_type in CATEGORY_TYPES and source is not None:
        return value_type(source)
    return _ARROW_TYPES.get(logical_type, pa.string())


def value_type(source: pa.DataType) -> pa.DataType:
    """Return the canonical type of category values stored as `source`."""
    if pa.types.is_dictionary(source):
        return value_type(source.value_type)
    if pa.types.is_boolean(source):
        return pa.bool_()
    if pa.types.is_integer(source):
        return pa.int64()
    if pa.types.is_floating(source) or pa.types.is_decimal(source):
        return pa.float64()
    if pa.types.is_timestamp(source) or pa.types.is_date(source):
        return pa.timestamp("us")
    return pa.string()


def is_place(source: pa.DataType) -> bool:
    """Tell whether a stored type is the struct of a latitude and a longitude."""
    return bool(pa.types.is_struct(source)) and {field.name for field in source} == set(LATLONG.names)


def is_list(source: pa.DataType) -> bool:
    """Tell whether a stored type is a list of some kind."""
    kind = pa.types
    return any(check(source) for check in (kind.is_list, kind.is_large_list, kind.is_fixed_size_list))


def logical_type_of(source: pa.DataType, *, nullable: bool = True) -> str | None:
    """Return the logical type that an Arrow type alone decides, or None where values decide (text)."""
    kind = pa.types
    if kind.is_boolean(source) or kind.is_integer(source):
        return ("Boolean" if kind.is_boolean(source) else "Integer") + ("Nullable" if nullable else "")
    known = {
        "Double": kind.is_floating(source) or kind.is_decimal(source),
        "Datetime": kind.is_timestamp(source) or kind.is_date(source),
        "Timedelta": kind.is_duration(source),
        "Categorical": kind.is_dictionary(source),
        "LatLong": is_place(source),
    }
    return next((name for name, found in known.items() if found), None)
