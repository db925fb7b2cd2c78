"""A trained model as a folder: Spark's pipeline and model.json."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from sparkfeat.errors import MissingInputError, OutputExistsError, StorageError
from sparkfeat.models.training.model import Facts, TrainedModel
from sparkfeat.storage.store import Store, open_store

FORMAT = 1
"""Raised when an older release could misread the folder."""
FACTS = "model.json"
PIPELINE = "pipeline"


def save(model: TrainedModel, folder: str | Path, *, overwrite: bool = False) -> None:
    """Write a model: `pipeline/` by Spark, then `model.json`; a folder without that holds no model.

    Args:
        folder: made if it is missing.
        overwrite: replace a model that is there; anything else in the folder stays.

    Raises:
        OutputExistsError: the folder holds a model, and overwriting was not asked for.
        StorageError, EnvironmentProblem: it cannot be written.
    """
    from pyspark.errors import PySparkException

    store = open_store(folder)
    if store.is_file(FACTS) and not overwrite:
        hint = "Choose another folder, or overwrite"
        raise OutputExistsError("There is a model already", where=store.root, hint=hint)
    store.make_folder("")
    try:
        model.pipeline.write().overwrite().save(_pipeline(store))
    except PySparkException as error:
        why = str(error).splitlines()[0]
        raise StorageError("Spark cannot write the model", where=store.root, why=why) from error
    store.put(FACTS, json.dumps({"format": FORMAT, **_facts(model)}, indent=1, sort_keys=True).encode())


def load(folder: str | Path) -> TrainedModel:
    """Return the model that `save` wrote; needs a running Spark session.

    Raises:
        MissingInputError: there is no model in the folder.
        StorageError: it is of a later release, or not complete.
    """
    from pyspark.errors import PySparkException
    from pyspark.ml import PipelineModel

    store = open_store(folder)
    if not store.is_file(FACTS):
        hint = "Give the folder that a model was saved to"
        raise MissingInputError(f"There is no {FACTS}", where=store.root, hint=hint)
    facts = _read(store)
    try:
        pipeline = PipelineModel.load(_pipeline(store))
    except PySparkException as error:
        why = str(error).splitlines()[0]
        raise StorageError("Spark cannot read the model", where=store.root, why=why) from error
    return TrainedModel(pipeline=pipeline, **{one.name: getattr(facts, one.name) for one in fields(Facts)})


def _pipeline(store: Store) -> str:
    """Return the folder of the pipeline as Spark names it, whatever its default file system."""
    path = store.path(PIPELINE)
    return path if "://" in path else f"file://{path}"


def _facts(model: TrainedModel) -> dict[str, object]:
    return {one.name: to_jsonable_python(getattr(model, one.name)) for one in fields(Facts)}


def _read(store: Store) -> Facts:
    try:
        found = json.loads(store.read(FACTS))
        if found.pop("format") > FORMAT:
            hint = "Update sparkfeat"
            raise StorageError("A later release wrote this model", where=store.root, hint=hint)
        return TypeAdapter(Facts).validate_python(found)
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        hint = "Train it again, or restore the file"
        raise StorageError(f"{FACTS} cannot be read", where=store.root, why=str(error), hint=hint) from error
