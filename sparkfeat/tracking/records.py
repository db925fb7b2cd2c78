"""What is logged of a run, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import JsonValue

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.ml import PipelineModel


@dataclass(frozen=True)
class Column:
    """A column of a table; `kind` is Spark's word for its type, e.g. `bigint`."""

    name: str
    kind: str


@dataclass(frozen=True)
class StepMetric:
    """One point of a metric that has several."""

    name: str
    step: int
    value: float


@dataclass(frozen=True)
class DatasetRecord:
    """The rows a model was trained on.

    Args:
        name: what MLflow calls it.
        path: where it is published.
        digest: stands for its content; at most 36 characters.
        columns: all of its columns.
    """

    name: str
    path: str
    digest: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class ModelRecord:
    """A model to log.

    Args:
        pipeline: Spark's fitted pipeline.
        inputs: the columns it reads.
        outputs: the columns that MLflow's generic interface gives back.
        example: some rows of the input.
        requirements: what it needs to be loaded, as pip writes it.
        metadata: kept in MLflow's description of the model.
    """

    pipeline: PipelineModel
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    example: pd.DataFrame
    requirements: tuple[str, ...]
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class RunRecord:
    """A run to log.

    Args:
        experiment: name of the experiment; made if it is not there.
        name: name of the run.
        parameters: what was asked for; nested keys are joined by dots, secrets are left out.
        metrics: name -> value.
        steps: metrics with several points: folds, iterations, sizes.
        tags: what runs are found by.
        files: local file or folder -> folder among the run's files, "" for the top.
        dataset: what was trained on.
        model: the model; None: it is not logged.
    """

    experiment: str
    name: str
    parameters: Mapping[str, JsonValue]
    metrics: Mapping[str, float]
    steps: tuple[StepMetric, ...]
    tags: Mapping[str, str]
    files: Mapping[str, str]
    dataset: DatasetRecord | None = None
    model: ModelRecord | None = None


@dataclass(frozen=True)
class Logged:
    """What became of logging a run; `problem` says why it is missing or not complete, else it is empty."""

    uri: str
    run_id: str | None = None
    experiment_id: str | None = None
    model_uri: str | None = None
    problem: str = ""
