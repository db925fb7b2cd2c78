"""Spark types of feature columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from featuretools.feature_base import FeatureBase, IdentityFeature
from woodwork.logical_types import Ordinal

from sparkfeat.engines.featuretools.transport import Output

if TYPE_CHECKING:
    from pyspark.sql import Column

_FORM_OF_TYPE = {
    "Integer": "long",
    "IntegerNullable": "long",
    "Age": "long",
    "AgeNullable": "long",
    "Double": "double",
    "AgeFractional": "double",
    "Boolean": "boolean",
    "BooleanNullable": "boolean",
    "Datetime": "time",
    "Timedelta": "timedelta",
    "LatLong": "latlong",
}
_SPARK_TYPE = {
    "long": "bigint",
    "double": "double",
    "boolean": "boolean",
    "time": "timestamp_ntz",
    "timedelta": "bigint",
    "text": "string",
}
_CATEGORY_TYPES = {"Categorical", "Ordinal", "PostalCode", "CountryCode", "SubRegionCode", "CurrencyCode"}
# Declared Categorical, though its values are numbers of rows.
_COUNTS = "n_most_common_frequency"


def outputs_of(features: Sequence[FeatureBase], stored: Callable[[str, str], str]) -> tuple[Output, ...]:
    """Return the result columns of `features`; `stored(table, column)` is the form of a source column."""
    outputs: list[Output] = []
    for feature in features:
        form = _form(feature, stored)
        for name in feature.get_feature_names():
            stem = f"f{len(outputs)}"
            carriers = (f"{stem}a", f"{stem}o", f"{stem}p") if form == "latlong" else (stem,)
            outputs.append(Output(name, form, carriers))
    return tuple(outputs)


def _form(feature: FeatureBase, stored: Callable[[str, str], str]) -> str:
    schema = feature.column_schema
    name = type(schema.logical_type).__name__ if schema.logical_type is not None else None
    if name in _CATEGORY_TYPES:
        return _category_form(feature, stored)
    if name is None:
        return "double" if "numeric" in schema.semantic_tags else "text"
    return _FORM_OF_TYPE.get(name, "text")


def _category_form(feature: FeatureBase, stored: Callable[[str, str], str]) -> str:
    """Categories are text unless a source column or a declared order of numbers says otherwise."""
    while not isinstance(feature, IdentityFeature):
        if feature.primitive.name == _COUNTS:
            return "double"
        if feature.primitive.return_type is not None:
            declared = feature.primitive.return_type.logical_type
            return _order_form(declared) if isinstance(declared, Ordinal) else "text"
        feature = feature.base_features[0]
    return stored(feature.dataframe_name, feature.column_name)


def _order_form(declared: Ordinal) -> str:
    numbers = bool(declared.order) and all(isinstance(value, int) for value in declared.order)
    return "long" if numbers else "text"


def carrier_schema(outputs: Sequence[Output], id_type: str, time_type: str) -> str:
    """Return the schema, as DDL, of what the Python function gives back."""
    columns = [f"id {id_type}", f"time {time_type}"]
    for output in outputs:
        types = ("double", "double", "boolean") if output.form == "latlong" else (_SPARK_TYPE[output.form],)
        columns += [f"{carrier} {kind}" for carrier, kind in zip(output.carriers, types, strict=True)]
    return ", ".join(columns)


def result_column(output: Output) -> Column:
    """Return the column of the result: a LatLong becomes the struct it is elsewhere."""
    from pyspark.sql import functions as fn

    if output.form != "latlong":
        return fn.col(output.carriers[0])
    latitude, longitude, present = output.carriers
    pair = fn.struct(_null_for_nan(latitude).alias("latitude"), _null_for_nan(longitude).alias("longitude"))
    return fn.when(fn.col(present), pair).alias(latitude)


def _null_for_nan(name: str) -> Column:
    from pyspark.sql import functions as fn

    return fn.nanvl(fn.col(name), fn.lit(None).cast("double"))
