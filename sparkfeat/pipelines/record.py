"""What a run leaves on record: its manifest, the definitions and the SQL beside the data."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pyarrow.parquet as pq

import sparkfeat as sf
from sparkfeat.definitions import save_features
from sparkfeat.entityset import EntitySet
from sparkfeat.entityset.sources import ParquetSource, parquet_source
from sparkfeat.pipelines.build import Parts
from sparkfeat.pipelines.config import ComputeConfig
from sparkfeat.storage.failures import explained
from sparkfeat.storage.manifest import Document, Fallback, InputFile, Manifest, OutputColumn, OutputFile, R
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
    files: Iterable[str | Path],
    inputs: tuple[InputFile, ...],
    seconds: dict[str, float],
) -> Manifest:
    """Save definitions and SQL into the run's folder and return the manifest of all of it.

    Args:
        run: the run that wrote the files.
        config: what was asked for.
        parts: what was computed.
        files: the Parquet files of the matrix, in row order.
        inputs: what `input_files` found before the computation.
        seconds: time of each stage.
    """
    outputs = tuple(output_file(run, str(file)) for file in files)
    return Manifest(
        run_id=run.run_id,
        created=datetime.now(UTC),
        engine=parts.matrix.engine,
        rows=sum(file.rows for file in outputs),
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
    draw_profile(profile, Path(run.store.path(f"{run.folder}/{PROFILE_PICTURE}")))


def _files_of(table: str, source: ParquetSource) -> Iterator[InputFile]:
    for fragment in source.dataset.get_fragments():
        with explained("read", fragment.path):
            size = Path(fragment.path).stat().st_size
            yield InputFile(table=table, path=fragment.path, bytes=size, rows=fragment.metadata.num_rows)


def output_file(run: RunOf[R], path: str) -> OutputFile:
    """Return what a record says of a Parquet file that the run has written."""
    name = run.store.relative(path)
    with explained("read", path):
        rows = pq.read_metadata(path).num_rows
        size = Path(path).stat().st_size
    return OutputFile(path=name, rows=rows, bytes=size, sha256=run.store.sha256(name))


def _columns(run: Run, matrix: sf.FeatureMatrix, file: OutputFile) -> tuple[OutputColumn, ...]:
    schema = pq.read_schema(run.store.path(file.path))
    return tuple(
        OutputColumn(
            name=field.name, logical_type=matrix.schema.get(field.name), physical_type=str(field.type)
        )
        for field in schema
    )


def _save_definitions(run: Run, parts: Parts) -> Document:
    name = f"{run.folder}/features.json"
    save_features(parts.features, run.store.path(name))
    run.store.sync(name)
    return Document(path=name, sha256=run.store.sha256(name))


def _save_sql(run: Run, matrix: sf.FeatureMatrix) -> Document | None:
    if not matrix.native_columns:
        return None
    name = run.save("matrix.sql", matrix.sql())
    return Document(path=name, sha256=run.store.sha256(name))


def versions(more: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield the packages whose version can change a value, and `more`; Python and sparkfeat first."""
    yield "python", platform.python_version()
    yield "sparkfeat", sf.__version__
    for package in (*PACKAGES, *more):
        try:
            yield package, version(package)
        except PackageNotFoundError:  # pyspark is optional
            continue
