"""A trained model as a folder: Spark's pipeline and model.json."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from sparkfeat.engines.spark.s3 import spark_path
from sparkfeat.engines.spark.session import get_session
from sparkfeat.errors import MissingInputError, OutputExistsError, StorageError
from sparkfeat.models.training.model import Facts, TrainedModel
from sparkfeat.storage.store import Store, open_store

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel

FORMAT = 1
"""Raised when an older release could misread the folder."""
FACTS = "model.json"
PIPELINE = "pipeline"


def save(
    model: TrainedModel, folder: str | Path, *, overwrite: bool = False, kms_key: str | None = None
) -> None:
    """Write a model: `pipeline/` by Spark, then `model.json`; a folder without that holds no model.

    Args:
        folder: made if it is missing.
        overwrite: replace a model that is there; anything else in the folder stays.
        kms_key: of `model.json` on S3, see `open_store`. Spark encrypts the pipeline as its session says.

    Raises:
        OutputExistsError: the folder holds a model, and overwriting was not asked for.
        StorageError, EnvironmentProblem: it cannot be written.
    """
    from pyspark.errors import PySparkException

    store = open_store(folder, kms_key)
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
    facts = store.read(FACTS)
    try:
        pipeline = PipelineModel.load(_pipeline(store))
    except PySparkException as error:
        why = str(error).splitlines()[0]
        raise StorageError("Spark cannot read the model", where=store.root, why=why) from error
    return put_together(pipeline, facts, store.root)


def put_together(pipeline: PipelineModel, content: bytes, where: str) -> TrainedModel:
    """Return a model of its pipeline, loaded by whoever kept it, and the content of `model.json`.

    Raises:
        StorageError: the content is of a later release, or damaged; `where` says whose it is.
    """
    facts = _read(content, where)
    return TrainedModel(pipeline=pipeline, **{one.name: getattr(facts, one.name) for one in fields(Facts)})


def _pipeline(store: Store) -> str:
    """Return the folder of the pipeline as Spark names it, whatever its default file system."""
    return spark_path(get_session(), store.path(PIPELINE))


def _facts(model: TrainedModel) -> dict[str, object]:
    return {one.name: to_jsonable_python(getattr(model, one.name)) for one in fields(Facts)}


def _read(content: bytes, where: str) -> Facts:
    try:
        found = json.loads(content)
        if found.pop("format") > FORMAT:
            hint = "Update sparkfeat"
            raise StorageError("A later release wrote this model", where=where, hint=hint)
        return TypeAdapter(Facts).validate_python(found)
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        hint = "Train it again, or restore the file"
        raise StorageError(f"{FACTS} cannot be read", where=where, why=str(error), hint=hint) from error
