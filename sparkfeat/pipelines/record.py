"""What a run leaves on record: its manifest, the definitions and the SQL beside the data."""

from __future__ import annotations

import hashlib
import io
import platform
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version

import pyarrow.parquet as pq

import sparkfeat as sf
from sparkfeat.definitions import features_text
from sparkfeat.engines.files import Written
from sparkfeat.entityset import ArrowSource, EntitySet
from sparkfeat.entityset.sources import ParquetSource, parquet_source
from sparkfeat.errors import EngineError, StorageError
from sparkfeat.pipelines.build import Parts
from sparkfeat.pipelines.config import ComputeConfig
from sparkfeat.storage.columns import catalog_names
from sparkfeat.storage.failures import explained
from sparkfeat.storage.locations import is_s3
from sparkfeat.storage.manifest import Document, Fallback, InputFile, Manifest, OutputColumn, OutputFile, R
from sparkfeat.storage.read import AT_ONCE
from sparkfeat.storage.runs import Run, RunOf

PACKAGES = (
    "featuretools",
    "woodwork",
    "duckdb",
    "pyspark",
    "pandas",
    "numpy",
    "pyarrow",
    "sqlglot",
)
"""Packages whose version can change a value or its type."""
CUTOFF_TIME = "cutoff_time"
PROFILE = "profile.json"
PROFILE_PICTURE = "profile.png"


def input_files(config: ComputeConfig, entityset: EntitySet) -> tuple[InputFile, ...]:
    """Return the Parquet files the run reads, with their sizes and numbers of rows."""
    sources = {name: table.source for name, table in entityset.tables.items()}
    if config.cutoff_time.path is not None:
        sources[CUTOFF_TIME] = parquet_source(config.cutoff_time.path)
    return tuple(
        file
        for name, source in sources.items()
        if isinstance(source, ParquetSource)
        for file in _files_of(name, source)
    )


def make_manifest(
    run: Run,
    config: ComputeConfig,
    parts: Parts,
    files: Sequence[Written],
    inputs: tuple[InputFile, ...],
    seconds: dict[str, float],
) -> Manifest:
    """Save definitions and SQL into the run's folder and return the manifest of all of it.

    Args:
        run: the run that wrote the files.
        config: what was asked for.
        parts: what was computed.
        files: the Parquet files of the matrix, in row order, in the run's folder for data.
        inputs: what `input_files` found before the computation.
        seconds: time of each stage.
    """
    with ThreadPoolExecutor(max_workers=AT_ONCE) as workers:
        outputs = tuple(workers.map(partial(output_file, run), files))
    rows = sum(file.rows for file in outputs)
    _check_rows(run, parts, rows)
    return Manifest(
        run_id=run.run_id,
        created=datetime.now(UTC),
        engine=parts.matrix.engine,
        rows=rows,
        columns=_columns(run, parts.matrix, outputs[0]),
        files=outputs,
        definitions=_save_definitions(run, parts),
        sql=_save_sql(run, parts.matrix),
        fallbacks=tuple(Fallback(feature=name, reason=reason) for name, reason in parts.matrix.fallbacks),
        inputs=inputs,
        parameters=config.parameters(),
        packages=dict(versions()),
        seconds=seconds,
    )


def profile_path(run: Run) -> str:
    """Return the path of a run's profile."""
    return run.store.path(f"{run.folder}/{PROFILE}")


@contextmanager
def saved_profile(run: Run, matrix: sf.FeatureMatrix) -> Iterator[None]:
    """Write the profile of what the block computes into the run's folder, as JSON and as a picture."""
    with matrix.profiled() as profile:
        yield
    from sparkfeat.pipelines.profile_picture import draw_profile

    run.save(PROFILE, profile.to_json())
    picture = io.BytesIO()
    draw_profile(profile, picture)
    run.save_bytes(PROFILE_PICTURE, picture.getvalue())


def _files_of(table: str, source: ParquetSource) -> Iterator[InputFile]:
    for path, rows in source.rows_of_files().items():
        yield InputFile(table=table, path=path, bytes=source.sizes[path], rows=rows)


def _check_rows(run: Run, parts: Parts, found: int) -> None:
    """Compare the rows that were written with those asked for: a file of a failed task would add to them."""
    source = parts.matrix.computation.cutoffs.source
    if isinstance(source, ArrowSource) and source.table.num_rows != found:
        raise EngineError(
            f"{found:,} rows were written, and {source.table.num_rows:,} were asked for",
            where=run.data_path,
            why="Some tasks wrote their rows twice, or not at all",
            hint="Run it again; with Spark on S3, use a committer for S3 (docs/s3.md)",
        )


def output_file(run: RunOf[R], file: Written) -> OutputFile:
    """Return what a record says of a Parquet file that the run has written."""
    name, store = f"{run.data}/{file.name}", run.store
    facts = store.facts(name)
    if facts is None:
        raise StorageError("A file of the matrix is gone", where=store.path(name), hint="Compute it again")
    with explained("read", store.path(name)):
        rows = pq.read_metadata(store.arrow_path(name), filesystem=store.filesystem).num_rows
    # What Spark wrote to S3 would have to be downloaded.
    sha256 = file.sha256 if is_s3(store.root) or file.sha256 else store.sha256(name)
    return OutputFile(path=name, rows=rows, bytes=facts.bytes, sha256=sha256, etag=facts.etag)


def _columns(run: Run, matrix: sf.FeatureMatrix, file: OutputFile) -> tuple[OutputColumn, ...]:
    schema = pq.read_schema(run.store.arrow_path(file.path), filesystem=run.store.filesystem)
    short = catalog_names(schema.names)
    return tuple(
        OutputColumn(
            name=field.name,
            logical_type=matrix.schema.get(field.name),
            physical_type=str(field.type),
            catalog_name=short[field.name],
        )
        for field in schema
    )


def _save_definitions(run: Run, parts: Parts) -> Document:
    return _document(run, "features.json", features_text(parts.features))


def _save_sql(run: Run, matrix: sf.FeatureMatrix) -> Document | None:
    if not matrix.native_columns:
        return None
    return _document(run, "matrix.sql", matrix.sql())


def _document(run: Run, name: str, text: str) -> Document:
    return Document(path=run.save(name, text), sha256=hashlib.sha256(text.encode()).hexdigest())


def versions(more: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield the packages whose version can change a value, and `more`; Python and sparkfeat first."""
    yield "python", platform.python_version()
    yield "sparkfeat", sf.__version__
    for package in (*PACKAGES, *more):
        try:
            yield package, version(package)
        except PackageNotFoundError:  # pyspark is optional
            continue
