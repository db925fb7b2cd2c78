"""Small matrices for the storage tests."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sparkfeat.storage.manifest import Document, Manifest, OutputColumn, OutputFile
from sparkfeat.storage.runs import Run
from tests.storage.opening import open_run

PARTS = ([3, 1], [2])


def write_parts(run: Run) -> list[OutputFile]:
    """Write PARTS as two files into the run's data folder."""
    Path(run.data_path).mkdir()
    return [_write_part(run, number, ids) for number, ids in enumerate(PARTS)]


def manifest_of(run: Run, files: list[OutputFile], parameters: dict[str, int]) -> Manifest:
    """Return a manifest that names `files`."""
    definitions = run.save("features.json", "[]")
    return Manifest(
        run_id=run.run_id,
        created=datetime(2024, 5, 1, 12, tzinfo=UTC),
        engine="duckdb",
        rows=sum(file.rows for file in files),
        columns=(OutputColumn(name="id", logical_type=None, physical_type="int64"),),
        files=tuple(files),
        definitions=Document(path=definitions, sha256=run.store.sha256(definitions)),
        sql=None,
        fallbacks=(),
        inputs=(),
        parameters=dict(parameters),
        packages={"sparkfeat": "0"},
        seconds={"compute": 0.5},
    )


def publish(output: Path, run_id: str = "one", *, overwrite: bool = False, **parameters: int) -> Run:
    """Publish a matrix of three rows and return its run."""
    run = open_run(output, run_id, parameters, overwrite=overwrite)
    with run.writing():
        run.publish(manifest_of(run, write_parts(run), parameters))
    return run


def files_below(folder: Path) -> list[str]:
    """Return the names of all files below `folder`."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _write_part(run: Run, number: int, ids: list[int]) -> OutputFile:
    path = Path(run.data_path) / f"part-{number}.parquet"
    pq.write_table(pa.table({"id": ids}), path)
    name = run.store.relative(str(path))
    return OutputFile(path=name, rows=len(ids), bytes=path.stat().st_size, sha256=run.store.sha256(name))
