"""A small shop whose customers' features tell a planted label, and what trains and scores on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sparkfeat.pipelines import compute_features, shop
from sparkfeat.pipelines.config import ComputeConfig
from sparkfeat.pipelines.config_file import read_model
from sparkfeat.pipelines.score_config import ScoreConfig
from sparkfeat.pipelines.train_config import TrainConfig

CUSTOMERS = 400
DECOY = "days_since_last_order"


def compute_config(folder: Path, **changes: dict[str, Any]) -> ComputeConfig:
    """Return the computation of a dozen features of the shop in `folder`, sections changed."""
    told = shop.config(folder / "shop", folder / "matrix")
    told["features"] = {
        "target_dataframe_name": "customers",
        "agg_primitives": ["count", "sum", "percent_true", "mode"],
        "trans_primitives": [],
        "max_depth": 1,
        "ignore_dataframes": ["regions", "products"],
    }
    told["output"] |= {"cutoff_time_in_index": True, "run_id": "first"}
    for section, change in changes.items():
        told[section] |= change
    return ComputeConfig.model_validate(told)


def make_matrix(folder: Path, customers: int = CUSTOMERS) -> None:
    """Write a shop into `folder / "shop"` and publish its features in `folder / "matrix"`."""
    shop.generate(folder / "shop", customers, seed=3)
    compute_features.run(compute_config(folder))


def training(folder: Path, **changes: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of a training on that matrix; `changes` are merged into its sections."""
    told: dict[str, Any] = {
        "name": "buys again",
        "data": {"matrix": str(folder / "matrix"), "label": "label", "exclude": [f"*{DECOY}*"]},
        "training": {"models": [{"algorithm": "logistic_regression", "params": {"regParam": 0.01}}]},
        "evaluation": {"replicates": 50, "permutations": 2, "baselines": False},
        "tracking": {"enabled": False},
        "output": {"path": str(folder / "model"), "run_id": "first"},
    }
    for section, change in changes.items():
        told[section] = told.get(section, {}) | change
    return told


def train_config(folder: Path, **changes: dict[str, Any]) -> TrainConfig:
    """Return the same as it is read from a file."""
    file = folder / "train.yaml"
    file.write_text(yaml.safe_dump(training(folder, **changes)))
    return read_model(file, TrainConfig)


def score_config(folder: Path, **changes: Any) -> ScoreConfig:
    """Return the scoring of the shop's customers at the times of the training."""
    told: dict[str, Any] = {
        "model": str(folder / "model"),
        "cutoff_time": {"path": str(folder / "shop" / "labels.parquet")},
        "engine": {"name": "duckdb"},
        "output": {"path": str(folder / "predictions"), "run_id": "first"},
    }
    file = folder / "score.yaml"
    file.write_text(
        yaml.safe_dump({name: value for name, value in (told | changes).items() if value is not None})
    )
    return read_model(file, ScoreConfig)
