"""Read a published feature matrix: only what its manifest names."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

from sparkfeat.errors import StorageError
from sparkfeat.storage.aws import problem_of_arrow
from sparkfeat.storage.manifest import OutputFile, read_manifest, read_record
from sparkfeat.storage.records import Predictions
from sparkfeat.storage.store import Store, open_store

AT_ONCE = 16
"""Files looked at at the same time: on S3 an answer takes some hundredths of a second."""


def read_matrix(path: str | Path, *, verify: bool = False) -> ds.Dataset:
    """Return the matrix published at `path`.

    The rows of each file are in the order of the instances and cutoff times that were given. DuckDB's files
    follow one another in it, too. Spark's are written by tasks whose rows come from everywhere: sort by the
    index where the order of all rows matters. The manifest names the engine.

    Args:
        path: local path, `file://` or `s3://` URI given as the output of the run.
        verify: whether to compare every file's SHA-256 with the manifest, which reads all of it. Default
            False: only existence and size are compared. Files that Spark wrote to S3 have no SHA-256: S3's
            tag is compared.

    Raises:
        StorageError: nothing is published there, or a file is missing or was changed.

    e.g. `read_matrix("out/features").to_table().to_pandas()`
    """
    return _dataset(open_store(path), read_manifest(path).files, verify=verify)


def read_predictions(path: str | Path) -> ds.Dataset:
    """Return the predictions published at `path`.

    Args:
        path: local path, `file://` or `s3://` URI given as the output of `sparkfeat score`.

    Raises:
        StorageError: nothing is published there, or a file is missing or was changed.
    """
    return _dataset(open_store(path), read_record(path, Predictions).files, verify=False)


def _dataset(store: Store, files: Iterable[OutputFile], *, verify: bool) -> ds.Dataset:
    """Return the files as one dataset, after checking that they are as they were written."""
    found = tuple(files)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as workers:
        for _ in workers.map(partial(_check, store, verify=verify), found):
            pass
    paths = [store.arrow_path(file.path) for file in found]
    try:
        return ds.dataset(paths, format="parquet", filesystem=store.filesystem)
    except (pa.ArrowInvalid, OSError) as error:
        refused = problem_of_arrow(str(error), "read", store.root)
        told = StorageError("The rows cannot be read", where=store.root, why=str(error))
        raise refused or told from error


def _check(store: Store, file: OutputFile, *, verify: bool) -> None:
    facts = store.facts(file.path)
    if facts is None:
        raise _damaged(store, file, "the file is missing")
    if facts.bytes != file.bytes:
        raise _damaged(store, file, f"it has {facts.bytes:,} bytes, the manifest says {file.bytes:,}")
    if not verify:
        return
    if file.sha256 is None and facts.etag != file.etag:
        raise _damaged(store, file, "its tag on S3 is not the one in the manifest; a copy has another, too")
    if file.sha256 is not None and store.sha256(file.path) != file.sha256:
        raise _damaged(store, file, "its SHA-256 is not the one in the manifest")


def _damaged(store: Store, file: OutputFile, why: str) -> StorageError:
    return StorageError(
        "What is published is damaged",
        where=store.path(file.path),
        why=why[0].upper() + why[1:],
        hint="Compute it again with another run id and `overwrite: true`",
    )
