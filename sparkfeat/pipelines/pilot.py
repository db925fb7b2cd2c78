"""A feature matrix of some instances only, chosen by a hash, and what each of its features cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import sparkfeat as sf
from sparkfeat.definitions import Feature, IdentityFeature, walk
from sparkfeat.engines.computation import Computation
from sparkfeat.engines.profile import Profile
from sparkfeat.entityset.sources import parquet_source
from sparkfeat.errors import ConfigError, DataError, SchemaError, did_you_mean
from sparkfeat.models.selection import Costs, Origins
from sparkfeat.pipelines.config import ComputeConfig
from sparkfeat.storage.failures import explained

INSTANCE, TIME = "instance_id", "time"
AT_ONCE = 100_000
"""Cutoff rows that are looked at at a time."""


def pilot_config(config: ComputeConfig, label: str, rows: int, seed: int, folder: Path) -> ComputeConfig:
    """Return the configuration of the pilot: the same, for the cutoff rows of some instances.

    Args:
        config: of all instances; its cutoff times are a table with the label.
        label: the label's column there.
        rows: about so many are taken; all if there are no more.
        seed: another one takes other instances.
        folder: where the pilot's cutoff times are written.

    Raises:
        ConfigError: the cutoff times are no table.
        SchemaError: the table has no column of that name, or none of instance ids.
        DataError: it has no rows.
    """
    if config.cutoff_time.path is None:
        raise ConfigError(
            "Features are selected by a label, and there is no table with one",
            where="cutoff_time",
            hint="Give cutoff_time.path: a table with instance_id, time and the label",
        )
    file = folder / "cutoffs.parquet"
    chosen = _chosen(config.cutoff_time.path, _id_names(config), label, rows, seed)
    with explained("write the pilot's cutoff times", str(file)):
        pq.write_table(chosen, file)
    cutoff_time = config.cutoff_time.model_copy(update={"path": str(file)})
    output = config.output.model_copy(update={"cutoff_time_in_index": True})
    return config.model_copy(update={"cutoff_time": cutoff_time, "output": output})


def _id_names(config: ComputeConfig) -> tuple[str, ...]:
    """Return what the column of instance ids may be called."""
    target = config.features.target_dataframe_name
    tables = config.entityset.dataframes
    names = [tables[target].index] if target in tables else [table.index for table in tables.values()]
    return (INSTANCE, *names)


def _chosen(path: str, ids: tuple[str, ...], label: str, rows: int, seed: int) -> pa.Table:
    dataset = parquet_source(path).dataset
    known = dataset.schema.names
    key = next((name for name in ids if name in known), None)
    for name in (label, key or INSTANCE):
        if name not in known:
            raise SchemaError(f"No column '{name}'", where=path, hint=did_you_mean(name, known))
    total = dataset.count_rows()
    if not total:
        raise DataError("There are no cutoff times", where=path)
    limit = min(1.0, rows / total)
    parts = [batch.filter(_taken(batch, str(key), seed, limit)) for batch in _batches(dataset)]
    found = pa.Table.from_batches(parts, dataset.schema)
    if not found.num_rows:
        hint = "Raise pilot_rows"
        raise DataError(f"The pilot has none of the {total:,} cutoff rows", where=path, hint=hint)
    return found


def _batches(dataset: pa.dataset.Dataset) -> Iterator[pa.RecordBatch]:
    yield from dataset.to_batches(batch_size=AT_ONCE)


def _taken(batch: pa.RecordBatch, key: str, seed: int, share: float) -> pa.Array:
    """Return which rows are taken: those whose id's hash is among the lowest."""
    ids = batch.column(key).to_pandas()
    hashed = pd.util.hash_pandas_object(ids, index=False, hash_key=f"{seed:016d}"[-16:])
    if pd.api.types.is_integer_dtype(ids):  # their hash has no key
        mixed = hashed.to_numpy() ^ np.uint64(seed * 0x9E3779B97F4A7C15 % 2**64)
        hashed = pd.Series(pd.util.hash_array(mixed))
    return pa.array(hashed.to_numpy() / 2**64 < share) if share < 1 else pa.array(np.ones(len(ids), bool))


def origins_of(features: tuple[Feature, ...]) -> Origins:
    """Return the columns that features are made of."""
    sources = {
        name: frozenset(_column(part) for part in walk(feature) if isinstance(part, IdentityFeature))
        for feature in features
        for name in feature.names
    }
    raw = {one.name: _column(one) for one in features if isinstance(one, IdentityFeature)}
    return Origins(sources, raw)


def _column(feature: IdentityFeature) -> str:
    return f"{feature.table}.{feature.column}"


def costs_of(matrix: sf.FeatureMatrix, profile: Profile) -> Costs:
    """Return the seconds of the steps of a profile, and which steps each feature needs.

    A feature needs the relations of the query for it alone. What all features share (planning, checks, the
    last SELECT) is nobody's cost. What Featuretools computes is the cost of all features left to it.
    """
    computation = matrix.computation
    steps = defaultdict[str, float](float)
    for step in profile.steps:  # a wide matrix is computed in blocks, each with steps of these names
        steps[step.name] += step.seconds
    by_featuretools = frozenset(step.name for step in profile.steps if step.engine == "featuretools")
    left = dict(matrix.fallbacks)
    needs: dict[str, frozenset[str]] = {}
    for feature in computation.definitions.features:
        alone = by_featuretools if feature.name in left else _relations(computation, feature)
        needs |= {name: alone.intersection(steps) for name in feature.names}
    used = frozenset[str]().union(*needs.values())
    return Costs({name: seconds for name, seconds in steps.items() if name in used}, needs)


def _relations(computation: Computation, feature: Feature) -> frozenset[str]:
    """Return the names of the relations that compute one feature; they are made of the path to the rows."""
    alone = computation.only({feature.name})
    return frozenset(cte.name for cte in alone.lowered(computation.dialect).ctes)
