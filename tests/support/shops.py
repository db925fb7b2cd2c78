"""The demonstration's shop, small, and features of it that are few enough to be computed soon."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sparkfeat.pipelines import compute_features, shop
from sparkfeat.pipelines.config_file import read_config
from tests.support.reader import Columns, columns

CUSTOMERS = 60
FEATURES = {
    "agg_primitives": ["count", "sum", "max", "last"],
    "trans_primitives": ["month"],
    "max_features": 40,
}


def make_shop(folder: Path) -> Path:
    """Write the shop into a folder."""
    shop.generate(folder, customers=CUSTOMERS, seed=3)
    return folder


def job_config(folder: Path, output: Path, engine: str = "duckdb") -> dict[str, Any]:
    """Features of three levels of tables, at a cutoff time for each customer; the run is called "run"."""
    config = shop.config(folder, output, engine, "run")
    config["features"] |= FEATURES
    return config


def expected_matrix(folder: Path, work: Path) -> Columns:
    """What DuckDB computes from the shop on local disk."""
    return computed_here(work, job_config(folder, work / "out"))


def computed_here(work: Path, config: dict[str, Any]) -> Columns:
    """What DuckDB computes by a configuration from the shop on local disk; its output goes below `work`."""
    file = work / "local.yaml"
    local = {"engine": {"name": "duckdb"}, "output": config["output"] | {"path": str(work / "out")}}
    file.write_text(yaml.safe_dump(config | local))
    compute_features.run(read_config(file))
    return columns(str(work / "out"))
