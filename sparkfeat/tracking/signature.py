"""Columns in MLflow's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sparkfeat.tracking.records import Column

if TYPE_CHECKING:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

_TYPES = {
    "boolean": "boolean",
    "tinyint": "integer",
    "smallint": "integer",
    "int": "integer",
    "bigint": "long",
    "float": "float",
    "double": "double",
    "string": "string",
    "timestamp": "datetime",
    "timestamp_ntz": "datetime",
    "date": "datetime",
}
"""Spark's types as MLflow calls them."""


def signature(inputs: Iterable[Column], outputs: Iterable[Column]) -> ModelSignature:
    """Return what a model reads and gives; MLflow's own inference gives up on timestamps without zone."""
    from mlflow.models import ModelSignature

    return ModelSignature(schema(inputs), schema(outputs))


def schema(columns: Iterable[Column]) -> Schema:
    """Return columns as a schema of MLflow; any of them may be null."""
    from mlflow.types import Schema

    return Schema([_spec(column) for column in columns])


def _spec(column: Column) -> ColSpec:
    from mlflow.types import ColSpec, DataType
    from mlflow.types.schema import AnyType, Array

    if column.kind in _TYPES:
        return ColSpec(DataType[_TYPES[column.kind]], column.name, required=False)
    if column.kind.startswith("decimal"):
        return ColSpec(DataType.double, column.name, required=False)
    element = column.kind.removeprefix("array<").removesuffix(">")
    if element != column.kind and element in _TYPES:
        return ColSpec(Array(DataType[_TYPES[element]]), column.name, required=False)
    return ColSpec(AnyType(), column.name, required=False)  # type: ignore[no-untyped-call]
