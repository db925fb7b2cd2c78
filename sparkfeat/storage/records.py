"""The records of models and of predictions."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from sparkfeat.storage.manifest import Document, OutputColumn, OutputFile, Published, Record


class MatrixSource(Record):
    """The matrix a model was trained on: where, which run, a digest of its files, its tables and times."""

    path: str
    run_id: str
    digest: str
    parameters: dict[str, JsonValue]


class TrackedRun(Record):
    """Where MLflow has the run; `problem` says why it has not, or not all of it."""

    uri: str
    run_id: str | None
    experiment_id: str | None
    model_uri: str | None
    registered: str | None
    champion: bool
    problem: str


class ModelCard(Record):
    """What scoring must know of a model beside the model itself.

    `features` are the columns it reads that definitions compute, `passed` those that come with the rows;
    `feature_hash` stands for the definitions of the former and their time rules.
    """

    name: str
    matrix: MatrixSource
    features: tuple[str, ...]
    passed: tuple[str, ...]
    feature_hash: str


class ModelManifest(Published):
    """Everything needed to score with a model, and to say how it was made.

    `report` is the page's name in the store; empty where there were no labels to judge by.
    """

    THING = "model"
    COMMAND = "sparkfeat train"

    kind: Literal["model"] = "model"
    card: ModelCard
    definitions: Document
    metrics: dict[str, float]
    baselines: dict[str, dict[str, float]]
    report: str
    warnings: tuple[str, ...]
    tracking: TrackedRun | None


class ModelUsed(Record):
    """The model that predictions are of; `version` names it, in the registry or by its run."""

    uri: str
    version: str
    feature_hash: str


class Predictions(Published):
    """Everything needed to read predictions, and to say what they are of."""

    THING = "set of predictions"
    COMMAND = "sparkfeat score"

    kind: Literal["predictions"] = "predictions"
    rows: int
    columns: tuple[OutputColumn, ...]
    files: tuple[OutputFile, ...]
    model: ModelUsed
    engine: str
    first_cutoff: str | None
    last_cutoff: str | None
    checked: int | None
