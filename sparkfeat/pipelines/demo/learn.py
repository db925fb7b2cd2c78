"""The second half of the demonstration: features selected, a model trained, logged and used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml
from rich.console import Console

from sparkfeat.definitions import Feature, IdentityFeature, walk
from sparkfeat.pipelines import score_model, select_features, train_model
from sparkfeat.pipelines.config_file import read_model
from sparkfeat.pipelines.definitions import read_definitions
from sparkfeat.pipelines.demo import show
from sparkfeat.pipelines.progress import Silence, Stages
from sparkfeat.pipelines.score_config import ScoreConfig
from sparkfeat.pipelines.select_config import SelectConfig
from sparkfeat.pipelines.select_features import SelectResult
from sparkfeat.pipelines.shop import schema
from sparkfeat.pipelines.spark_session import running_spark
from sparkfeat.pipelines.train_config import TrainConfig
from sparkfeat.pipelines.train_model import TrainResult
from sparkfeat.storage.failures import explained
from sparkfeat.storage.read import read_predictions

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FEWEST = 200
"""Customers that are enough to learn from."""
FEATURES = 40
"""Features that the model gets: the more, the longer the demonstration."""
PLANTED = {
    "amount_30d": ("transactions.amount",),
    "sessions_14d": ("sessions.session_id", "sessions.started"),
    "mobile_share": ("sessions.is_mobile", "sessions.device"),
    "recency": ("transactions.transaction_id", "transactions.purchased_at"),
}
"""The columns of the planted terms, which look at the last rows only; the features look at all."""
MODEL = {"algorithm": "logistic_regression", "params": {"regParam": 0.1}}
SETTINGS = {"spark.sql.shuffle.partitions": "2"}
"""A made-up shop is small: more tasks would only take longer to start."""


def learn(output: Path, compute: Path, matrix: Path, label: str, console: Console, stages: Stages) -> None:
    """Select features, train a model on a matrix, log it, and score all customers at a later time.

    Args:
        output: folder of the demonstration.
        compute: the configuration that the matrix was computed by.
        matrix: where it is published.
        label: its column to predict.
        console: where it is told.
        stages: where the steps are timed.
    """
    with running_spark(None, SETTINGS, Stages(Silence()), where="spark") as spark:
        with stages.stage("Select features on a pilot"):
            selected = _selected(output, compute, label, spark)
        show.selected(console, selected.selection)
        with stages.stage("Train, compare with baselines, log to MLflow"):
            trained = _trained(output, matrix, label, selected, spark, console)
        show.metrics(console, trained.manifest)
        show.planted(console, list(_found(selected, trained)))
        with stages.stage("Score all customers at a later time"):
            scored = _scored(output, trained, spark, console)
    show.predictions(console, scored.manifest, read_predictions(scored.output))


def places(output: Path) -> dict[str, Path]:
    """Return what the second half writes, and where; empty where it was left out."""
    record = output / "model" / "manifest.json"
    report = json.loads(record.read_text(encoding="utf-8"))["report"] if record.is_file() else ""
    made = {
        "which features were selected, and why": output / "selection" / select_features.TABLE,
        "the model": output / "model",
        "its report": output / "model" / report,
        "MLflow's runs": output / "model" / "mlflow.db",
        "predictions": output / "predictions",
    }
    return {what: path for what, path in made.items() if path.exists()}


def _selected(output: Path, compute: Path, label: str, spark: SparkSession) -> SelectResult:
    """Select features; what tells the label too well alone is left out, with all that is made of it."""
    given = {
        "compute": str(compute),
        "label": label,
        "output": str(output / "selection"),
        "selection": {"max_features": FEATURES, "keep_information": None},
    }
    file = _written(output / "select.yaml", given)
    return select_features.run(read_model(file, SelectConfig), spark=spark)


def _trained(
    output: Path, matrix: Path, label: str, selected: SelectResult, spark: SparkSession, console: Console
) -> TrainResult:
    given = {
        "name": "buys again",
        "data": {"matrix": str(matrix), "label": label, "definitions": selected.definitions},
        "training": {"problem": "binary", "models": [MODEL]},
        "evaluation": {"permutations": 2},
        "tracking": {
            "uri": f"sqlite:///{output}/model/mlflow.db",  # wherever the user's own runs go
            "artifacts": (output / "model" / "mlartifacts").as_uri(),
            "registered_model": "buys-again",
        },
        "output": {"path": str(output / "model"), "overwrite": True},
    }
    file = _written(output / "train.yaml", given)
    return train_model.run(read_model(file, TrainConfig), spark=spark, progress=show.Notes(console))


def _scored(
    output: Path, trained: TrainResult, spark: SparkSession, console: Console
) -> score_model.ScoreResult:
    """Score all customers a day after the last cutoff time, and check the features on the way."""
    times = pq.read_table(output / "shop" / f"{schema.LABELS}.parquet", columns=["time"])["time"]
    given = {
        "model": trained.output,
        "cutoff_time": {"time": pc.max(times).as_py()},
        "engine": {"name": "duckdb"},
        "check": {"rows": 100},
        "output": {"path": str(output / "predictions"), "overwrite": True},
    }
    file = _written(output / "score.yaml", given)
    return score_model.run(read_model(file, ScoreConfig), spark=spark, progress=show.Notes(console))


def _found(selected: SelectResult, trained: TrainResult) -> Iterator[tuple[str, str, int, str]]:
    """Yield each planted term, its column, and the best feature made of that with its rank."""
    report = Path(trained.report).with_name("evaluation.json")
    ranked = [one["name"] for one in json.loads(report.read_text(encoding="utf-8"))["importances"]]
    definitions = read_definitions(selected.definitions)
    sources = {name: set(_sources(feature)) for feature in definitions.features for name in feature.names}
    for term, columns in PLANTED.items():
        made = [at for at in enumerate(ranked, 1) if sources.get(at[1], set()) & set(columns)]
        rank, name = made[0] if made else (0, "-")
        yield term, " or ".join(columns), rank, name


def _sources(feature: Feature) -> Iterator[str]:
    """Yield the columns that a feature is made of."""
    for part in walk(feature):
        if isinstance(part, IdentityFeature):
            yield f"{part.table}.{part.column}"


def _written(file: Path, given: Mapping[str, object]) -> Path:
    """Write a configuration as a user would."""
    with explained("write the configuration", str(file)):
        file.write_text(yaml.safe_dump(dict(given), sort_keys=False, allow_unicode=True), encoding="utf-8")
    return file
