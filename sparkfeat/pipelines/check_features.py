"""Whether features computed for scoring equal those computed for training, on the same rows."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from sparkfeat.errors import DataError
from sparkfeat.pipelines.build import built
from sparkfeat.pipelines.compare import Agreement, compare
from sparkfeat.pipelines.config import ComputeConfig, Time
from sparkfeat.pipelines.label_table import INSTANCE, TIME
from sparkfeat.pipelines.open_model import OpenModel
from sparkfeat.pipelines.score_config import CheckConfig
from sparkfeat.storage.manifest import MANIFEST, Manifest, find_record
from sparkfeat.storage.marks import RUNS
from sparkfeat.storage.store import open_store

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def check_features(
    model: OpenModel, config: ComputeConfig, check: CheckConfig, spark: SparkSession | None = None
) -> Agreement:
    """Compute some rows of the training matrix again, and compare.

    Args:
        model: knows the matrix it was trained on.
        config: how features are computed for scoring; its instances and times are not used.
        check: how many rows, and how far numbers may be apart.
        spark: the session for the Spark engine.

    Raises:
        DataError: values differ, or the training matrix is gone.
    """
    before, index = _training_rows(model)
    key = [index, *([TIME] if TIME in before.schema.names else [])]
    sample = _sample(before, key, check.rows)
    columns = [*key, *model.card.features]
    then = _same_rows(before.to_table(columns=columns, filter=_among(sample, index)), sample, key)
    with TemporaryDirectory(prefix="sparkfeat-") as folder:
        now = _computed(model, config, sample, Path(folder), spark).select(columns)
    found = compare(then, now, key, check.tolerance)
    if not found.agrees:
        raise DataError(
            f"{len(found.differing)} features have other values than in the training",
            where=f"{found.rows:,} rows of {model.card.matrix.path}",
            why=f"They differ by up to {found.largest:.1e}: {', '.join(found.differing[:5])}",
            hint="Rows of the past were changed or came late, or the tables are others; train again, or "
            "leave `check` out to score nevertheless",
        )
    return found


def _training_rows(model: OpenModel) -> tuple[ds.Dataset, str]:
    """Return the matrix of the training as a dataset, and its index; newer runs may be visible by now."""
    source = model.card.matrix
    store = open_store(source.path)
    manifest = find_record(store, f"{RUNS}/{source.run_id}/{MANIFEST}", Manifest)
    if manifest is None:
        raise DataError(
            "The matrix the model was trained on is gone",
            where=source.path,
            why=f"There is no run '{source.run_id}'",
            hint="Leave `check` out, or put the matrix back",
        )
    files = [store.arrow_path(file.path) for file in manifest.files]
    return ds.dataset(files, format="parquet", filesystem=store.filesystem), manifest.columns[0].name


def _sample(rows: ds.Dataset, key: list[str], count: int) -> pa.Table:
    """Return the keys of `count` rows: those with the smallest hashes, whatever the order of the rows."""
    best = pd.DataFrame({name: [] for name in [*key, "__hash"]})
    for batch in rows.to_batches(columns=key):
        keys = batch.to_pandas()
        keys["__hash"] = pd.util.hash_pandas_object(keys[key], index=False)
        best = keys if best.empty else pd.concat([best, keys])
        best = best.nsmallest(count, "__hash")
    return pa.Table.from_pandas(best[key], preserve_index=False).cast(
        pa.schema([rows.schema.field(name) for name in key])
    )


def _among(sample: pa.Table, index: str) -> ds.Expression:
    return ds.field(index).isin(sample[index].combine_chunks())


def _same_rows(rows: pa.Table, sample: pa.Table, key: list[str]) -> pa.Table:
    """Keep the rows of the sample: an instance may have other times as well."""
    return sample.join(rows, key, join_type="inner") if len(key) > 1 else rows


def _computed(
    model: OpenModel, config: ComputeConfig, sample: pa.Table, folder: Path, spark: SparkSession | None
) -> pa.Table:
    """Compute the features of the sampled rows as scoring computes them."""
    timed = len(sample.schema.names) > 1
    output = config.output.model_copy(update={"cutoff_time_in_index": timed})
    if timed:
        file = folder / "cutoffs.parquet"
        pq.write_table(sample.rename_columns([INSTANCE, TIME]), file)
        rows: dict[str, object] = {"path": str(file), "time": None, "instance_ids": None}
    else:
        time = _shared_time(model)
        rows = {"path": None, "time": time, "instance_ids": sample.column(0).to_pylist()}
    cutoff = config.cutoff_time.model_copy(update=rows)
    with built(config.model_copy(update={"cutoff_time": cutoff, "output": output}), spark) as parts:
        return parts.matrix.to_arrow()


def _shared_time(model: OpenModel) -> Time:
    """Return the one cutoff time of the training matrix."""
    if model.cutoff.time is None:
        raise DataError(
            "The rows of the training cannot be computed again",
            where=model.card.matrix.path,
            why="The matrix does not say up to when each row was computed",
            hint="Train on a matrix computed with `output.cutoff_time_in_index: true`, or leave `check` out",
        )
    return model.cutoff.time
