"""Arithmetic in SQL: doubles as IEEE has them, integers exact, NaN as null."""

from __future__ import annotations

from sparkfeat.definitions.calls import Call
from sparkfeat.primitives.inputs import INFINITY, constant, is_integer, no_number
from sparkfeat.primitives.rows import Row, Template, expression

_NO_NUMBER = no_number("value")

_OVER_ZERO = f"""
CASE WHEN {{x}} > 0 THEN {INFINITY} WHEN {{x}} < 0 THEN -{INFINITY} END
 * CASE WHEN CAST(CAST({{y}} AS DOUBLE) AS STRING) = '-0.0' THEN -1 ELSE 1 END
"""


def _exact(x: str, y: str, operator: str, *, integers: bool, wide: str) -> str:
    """Combine two numbers: integers in a type that cannot overflow, then as a double."""
    if integers:
        return f"CAST(CAST({x} AS {wide}) {operator} CAST({y} AS {wide}) AS DOUBLE)"
    return f"nan_to_null(CAST({x} AS DOUBLE) {operator} CAST({y} AS DOUBLE))"


def divide(x: str, y: str) -> str:
    """Divide as IEEE does; NaN is null."""
    return f"nan_to_null(CAST({x} AS DOUBLE) / CAST({y} AS DOUBLE))"


def divide_spark(x: str, y: str) -> str:
    """Divide as IEEE does, in Spark's SQL."""
    # Spark divides by zero into NULL, or an error in ANSI mode.
    return f"CASE WHEN {y} = 0 THEN {_OVER_ZERO.format(x=x, y=y)} ELSE {divide(x, y)} END"


def _modulo(x: str, y: str, *, integers: bool = False, by_zero: str = "NULL") -> str:
    """Return the floored modulo: the sign is the divisor's, where SQL keeps the dividend's."""
    wide = "DECIMAL(20, 0)" if integers else "DOUBLE"
    rest = f"(CAST({x} AS {wide}) % CAST({y} AS {wide}))"
    floored = f"CASE WHEN {rest} <> 0 AND ({rest} < 0) <> ({y} < 0) THEN {rest} + {y} ELSE {rest} END"
    found = f"CAST({floored} AS DOUBLE)" if integers else f"nan_to_null({floored})"
    return f"CASE WHEN {y} <> 0 THEN {found} WHEN {x} IS NOT NULL AND {y} IS NOT NULL THEN {by_zero} END"


def _modulo_of(call: Call, y: str, *, integers: bool) -> str:
    # pandas: Int64 % 0 is 0, while int64 % 0 and x % 0.0 are NaN; int64 is a float where a parent is missing.
    masked = integers and all(column.masked for column in call.inputs)
    return _modulo("x", y, integers=integers, by_zero="0.0e0" if masked else "NULL")


def _modulo_pair(call: Call) -> str:
    return _modulo_of(call, "y", integers=all(map(is_integer, call.inputs)))


def _with_integer(call: Call) -> bool:
    """Tell whether an integer column meets an integer."""
    return is_integer(call.inputs[0]) and isinstance(call.primitive.argument("value"), int)


def _modulo_scalar(call: Call) -> str:
    return _modulo_of(call, constant(call), integers=_with_integer(call))


def _modulo_flipped(call: Call) -> str:
    return _modulo(constant(call), "x", integers=_with_integer(call))


def _pair(operator: str, wide: str) -> Template:
    def text(call: Call) -> str:
        return _exact("x", "y", operator, integers=all(map(is_integer, call.inputs)), wide=wide)

    return text


def _scalar(operator: str, wide: str, *, flipped: bool = False) -> Template:
    def text(call: Call) -> str:
        value = call.primitive.argument("value")
        left, right = (constant(call), "x") if flipped else ("x", constant(call))
        integers = is_integer(call.inputs[0]) and isinstance(value, int)
        return _exact(left, right, operator, integers=integers, wide=wide)

    return text


def _negate(call: Call) -> str:
    return "CAST(-CAST(x AS DECIMAL(20, 0)) AS DOUBLE)" if is_integer(call.inputs[0]) else "-x"


def _absolute(call: Call) -> str:
    return "CAST(abs(CAST(x AS DECIMAL(20, 0))) AS DOUBLE)" if is_integer(call.inputs[0]) else "abs(x)"


def _finite(function: str) -> str:
    """Apply a function of angles, which has no value at infinity."""
    return f"CASE WHEN abs(CAST(x AS DOUBLE)) < {INFINITY} THEN {function}(CAST(x AS DOUBLE)) END"


_FUNCTIONS: tuple[Row, ...] = (
    expression("square_root", "CASE WHEN x >= 0 THEN sqrt(CAST(x AS DOUBLE)) END"),
    expression(
        "natural_logarithm", f"CASE WHEN x > 0 THEN ln(CAST(x AS DOUBLE)) WHEN x = 0 THEN -{INFINITY} END"
    ),
    expression("sine", _finite("sin")),
    expression("cosine", _finite("cos")),
    expression("tangent", _finite("tan")),
)

_SUM_TYPES = {"duckdb": "HUGEINT", "spark": "DECIMAL(20, 0)"}
# A product of two 64-bit integers has up to 38 digits; Spark's DECIMAL(19) * DECIMAL(19) keeps them.
_PRODUCT_TYPES = {"duckdb": "HUGEINT", "spark": "DECIMAL(19, 0)"}


def _arithmetic(name: str, operator: str, types: dict[str, str]) -> tuple[Row, Row]:
    return (
        expression(f"{name}_numeric", _pair(operator, types["duckdb"]), _pair(operator, types["spark"])),
        expression(
            f"{name}_numeric_scalar",
            _scalar(operator, types["duckdb"]),
            _scalar(operator, types["spark"]),
            refuse=_NO_NUMBER,
        ),
    )


def _quotients() -> tuple[Row, ...]:
    return (
        expression("divide_numeric", divide("x", "y"), divide_spark("x", "y")),
        expression(
            "divide_numeric_scalar",
            lambda call: divide("x", constant(call)),
            lambda call: divide_spark("x", constant(call)),
            refuse=_NO_NUMBER,
        ),
        expression(
            "divide_by_feature",
            lambda call: divide(constant(call), "x"),
            lambda call: divide_spark(constant(call), "x"),
            refuse=_NO_NUMBER,
        ),
        expression("modulo_numeric", _modulo_pair),
        expression("modulo_numeric_scalar", _modulo_scalar, refuse=_NO_NUMBER),
        expression("modulo_by_feature", _modulo_flipped, refuse=_NO_NUMBER),
    )


ARITHMETIC: tuple[Row, ...] = (
    *_arithmetic("add", "+", _SUM_TYPES),
    *_arithmetic("subtract", "-", _SUM_TYPES),
    *_arithmetic("multiply", "*", _PRODUCT_TYPES),
    expression(
        "scalar_subtract_numeric_feature",
        _scalar("-", _SUM_TYPES["duckdb"], flipped=True),
        _scalar("-", _SUM_TYPES["spark"], flipped=True),
        refuse=_NO_NUMBER,
    ),
    *_quotients(),
    expression("negate", _negate),
    expression("absolute", _absolute),
    *_FUNCTIONS,
)
