"""Reads a generated shop back: as an EntitySet, and as the configuration of `sparkfeat compute`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sparkfeat.entityset import EntitySet
from sparkfeat.errors import StorageError
from sparkfeat.pipelines.shop import schema
from sparkfeat.pipelines.shop.generate import TRUTH

TARGET = "customers"


def load_entityset(folder: Path | str) -> EntitySet:
    """Return the shop in a folder as an EntitySet over its Parquet files, with all logical types given.

    Args:
        folder: where `generate` wrote a shop.

    Raises:
        StorageError: there is no finished shop in the folder.
    """
    root = _finished(folder)
    es = EntitySet("shop")
    for table in schema.TABLES:
        es.add_dataframe(
            dataframe=_path(root, table.name),
            dataframe_name=table.name,
            index=table.index,
            logical_types=dict(table.logical_types),
            time_index=table.time_index,
            secondary_time_index=dict(table.secondary_time_index) or None,
        )
    for parent, parent_column, child, child_column in schema.RELATIONSHIPS:
        es.add_relationship(parent, parent_column, child, child_column)
    return es


def config(
    folder: Path | str, output: Path | str, engine: str = "duckdb", run_id: str | None = None
) -> dict[str, Any]:
    """Return the configuration of `sparkfeat compute` for a shop: customers at their own cutoff times.

    Args:
        folder: where `generate` wrote a shop.
        output: where the feature matrix goes.
        engine: the engine that computes it.
        run_id: the name of the run below the output; None leaves it to the run.

    Raises:
        StorageError: there is no finished shop in the folder.
    """
    root = _finished(folder)
    published = {"path": str(Path(output).absolute())} | ({"run_id": run_id} if run_id else {})
    return {
        "entityset": {
            "id": "shop",
            "dataframes": {table.name: _dataframe(root, table) for table in schema.TABLES},
            "relationships": [
                {"parent": f"{parent}.{key}", "child": f"{child}.{column}"}
                for parent, key, child, column in schema.RELATIONSHIPS
            ],
        },
        "features": {"target_dataframe_name": TARGET, "max_depth": 2},
        "cutoff_time": {"path": str(root / f"{schema.LABELS}.parquet")},
        "engine": {"name": engine},
        "output": published,
    }


def _dataframe(root: Path, table: schema.ShopTable) -> dict[str, Any]:
    given: dict[str, Any] = {"path": _path(root, table.name), "index": table.index}
    if table.time_index:
        given["time_index"] = table.time_index
    if table.secondary_time_index:
        given["secondary_time_index"] = dict(table.secondary_time_index)
    return {**given, "logical_types": dict(table.logical_types)}


def _path(root: Path, name: str) -> str:
    """Return the table's folder, or its file where it has only one."""
    folder = root / name
    return str(folder if folder.is_dir() else root / f"{name}.parquet")


def _finished(folder: Path | str) -> Path:
    """Return the absolute path of the folder, which must hold a shop that was written to its end."""
    root = Path(folder).absolute()
    if not (root / TRUTH).is_file():
        raise StorageError(
            "No shop found",
            where=str(root),
            why=f"{TRUTH} is missing: it is written when all tables are complete",
            hint="Write one with sparkfeat.pipelines.shop.generate(folder)",
        )
    return root
