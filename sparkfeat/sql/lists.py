"""The values of multi-output calls: lists, one element for each output."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from sparkfeat.definitions.features import Scalar
from sparkfeat.sql.dialect import Dialect
from sparkfeat.sql.expressions import render

_EACH = {"duckdb": "list_transform(x, lambda w: {text})", "spark": "transform(x, w -> {text})"}


def each(values: exp.Expr, text: str, dialect: Dialect) -> exp.Expr:
    """Return a list of what an SQL text makes of each element `w`."""
    return render(_EACH[dialect.name].format(text=text), {"x": values}, [], dialect)


def filled(values: exp.Expr, defaults: Sequence[Scalar], dialect: Dialect) -> exp.Expr:
    """Return the list with defaults in place of null elements, and a list of defaults where there is none."""
    literals = [exp.convert(default) for default in defaults]
    default = literals[0].sql(dialect=dialect.name)
    whole = each(values, f"coalesce(w, {default})", dialect)
    return exp.Coalesce(this=whole, expressions=[exp.Array(expressions=literals)])


def typed_list(values: exp.Expr, element: exp.DataType, dialect: Dialect) -> exp.Expr:
    """Cast a list's elements; NaN is null in it."""
    kind = exp.DataType(this=exp.DType.ARRAY, expressions=[element.copy()], nested=True)
    cast = exp.Cast(this=exp.Paren(this=values), to=kind)
    return each(cast, "nan_to_null(w)", dialect) if element.is_type(exp.DType.DOUBLE) else cast
