"""Talking to MLflow for a while: its address and settings, put back afterwards."""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sparkfeat.tracking.config import ServerConfig
from sparkfeat.tracking.database import make_database
from sparkfeat.tracking.place import Place

if TYPE_CHECKING:
    from mlflow import MlflowClient

LOUD = ("mlflow", "alembic")
"""Loggers that tell about every step."""


@contextmanager
def talking(place: Place, config: ServerConfig) -> Iterator[MlflowClient]:
    """Give the block a client of the place; MLflow's own functions go there too.

    Address, environment and loggers are as before afterwards: a notebook may have its own.
    """
    with _environment(_variables(config)):
        import mlflow

        before = os.environ.get("MLFLOW_TRACKING_URI")
        mlflow.set_tracking_uri(place.uri)
        try:
            with _quiet():
                make_database(place)
                yield mlflow.MlflowClient(place.uri, place.uri)
        finally:
            mlflow.set_tracking_uri(None)  # type: ignore[arg-type] # takes the variable away as well
            if before is not None:
                os.environ["MLFLOW_TRACKING_URI"] = before


@contextmanager
def unless_there() -> Iterator[None]:
    """Leave the block where another process has made meanwhile what is made in it."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _variables(config: ServerConfig) -> dict[str, str]:
    """Return MLflow's settings: they can be given by the environment only."""
    variables = {
        "MLFLOW_HTTP_REQUEST_TIMEOUT": str(math.ceil(config.timeout)),
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    if config.upload_arguments:
        variables["MLFLOW_S3_UPLOAD_EXTRA_ARGS"] = json.dumps(config.upload_arguments)
    return variables


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _quiet() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in LOUD]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
