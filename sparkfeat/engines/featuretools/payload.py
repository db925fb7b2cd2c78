"""Features and options as bytes for Spark's Python workers, without the rows of any EntitySet."""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cloudpickle  # type: ignore[import-untyped] # comes with Featuretools
import featuretools
import pandas as pd
from featuretools.feature_base import FeatureBase

from sparkfeat.engines.featuretools.local import Options, build_entityset
from sparkfeat.engines.featuretools.schema import Schema, whole_schema
from sparkfeat.engines.featuretools.transport import Layout, Output
from sparkfeat.entityset import EntitySet


@dataclass(frozen=True)
class Work:
    """All that a worker needs besides the rows."""

    schema: Schema
    features: Sequence[FeatureBase]
    options: Options
    layout: Layout
    outputs: tuple[Output, ...]


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Writes the schema in place of an EntitySet: features refer to theirs, which may hold rows."""

    def __init__(self, file: io.BytesIO, whole: Schema) -> None:
        super().__init__(file)
        self._whole = whole

    def reducer_override(self, obj: Any) -> Any:
        """Replace EntitySets; leave the rest (custom primitives of a script included) to cloudpickle."""
        if isinstance(obj, featuretools.EntitySet):
            return _empty_entityset, (self._whole,)
        return super().reducer_override(obj)


def dump(work: Work, schema: EntitySet | Schema) -> bytes:
    """Serialise work; the features come back bound to an empty EntitySet of `schema`."""
    file = io.BytesIO()
    _Pickler(file, whole_schema(schema)).dump(work)
    return file.getvalue()


@lru_cache(maxsize=1)
def load(payload: bytes) -> Work:
    """Return the work; a Python worker that is used again keeps the last one."""
    work: Work = pickle.loads(payload)
    return work


def _empty_entityset(schema: Schema) -> featuretools.EntitySet:
    frames = {table.name: pd.DataFrame(columns=list(table.column_names)) for table in schema.tables.values()}
    return build_entityset(schema, frames, name="sparkfeat.definitions")
