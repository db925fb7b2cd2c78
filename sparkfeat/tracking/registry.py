"""The registry of models: versions of a name, of which one is the champion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sparkfeat.errors import EnvironmentProblem, SparkfeatError, StorageError
from sparkfeat.tracking.config import ServerConfig
from sparkfeat.tracking.log import told
from sparkfeat.tracking.place import Place, why_away
from sparkfeat.tracking.records import Logged
from sparkfeat.tracking.session import talking, unless_there

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from pyspark.ml import PipelineModel

CHAMPION, CHALLENGER = "champion", "challenger"


@dataclass(frozen=True)
class Registered:
    """A version of a registered model; `run_id` is the run that logged it."""

    name: str
    version: str
    run_id: str
    tags: dict[str, str] = field(compare=False)

    @property
    def uri(self) -> str:
        """What MLflow loads it by."""
        return f"models:/{self.name}/{self.version}"


def find_version(name: str, alias: str, place: Place, config: ServerConfig) -> Registered | None:
    """Return the version that an alias or a number stands for, or None if there is none.

    Raises:
        EnvironmentProblem: the registry does not answer.
    """
    with _registry(place, config, f"look for the {alias} of {name}") as client:
        found = _version(client, name, alias)
    return None if found is None else _registered(found)


def add_version(
    name: str, logged: Logged, tags: dict[str, str], place: Place, config: ServerConfig
) -> Registered:
    """Register a logged model as a new version; it becomes the challenger.

    Raises:
        EnvironmentProblem: the registry does not answer or refuses.
    """
    with _registry(place, config, f"register a version of {name}") as client:
        if not client.search_registered_models(f"name = '{name}'"):
            with unless_there():
                client.create_registered_model(name)
        model_id = str(logged.model_uri).removeprefix("models:/")
        version = client.create_model_version(
            name, str(logged.model_uri), logged.run_id, tags, model_id=model_id
        )
        client.set_registered_model_alias(name, CHALLENGER, version.version)
    return _registered(version)


def promote(version: Registered, place: Place, config: ServerConfig) -> None:
    """Make a version the champion; it is no challenger any more. Another job's challenger stays.

    Raises:
        EnvironmentProblem: the registry does not answer or refuses.
    """
    with _registry(place, config, f"promote version {version.version} of {version.name}") as client:
        client.set_registered_model_alias(version.name, CHAMPION, version.version)
        challenger = _version(client, version.name, CHALLENGER)
        if challenger is not None and str(challenger.version) == version.version:
            client.delete_registered_model_alias(version.name, CHALLENGER)


def tag_version(version: Registered, tags: dict[str, str], place: Place, config: ServerConfig) -> None:
    """Write tags on a version.

    Raises:
        EnvironmentProblem: the registry does not answer or refuses.
    """
    with _registry(place, config, f"tag version {version.version} of {version.name}") as client:
        for key, value in tags.items():
            client.set_model_version_tag(version.name, version.version, key, value)


def download(version: Registered, folder: str, into: Path, place: Place, config: ServerConfig) -> Path:
    """Copy a folder of the files of a version's run into a local folder, and return the copy.

    Raises:
        EnvironmentProblem: the registry does not answer.
        StorageError: its run has no such folder.
    """
    with _registry(place, config, f"read the files of {version.uri}") as client:
        if not client.list_artifacts(version.run_id, folder):
            raise StorageError(
                f"Version {version.version} of {version.name} was not logged by sparkfeat",
                where=place.shown,
                why=f"Its run {version.run_id} has no folder '{folder}'",
                hint="Name a model that `sparkfeat train` registered",
            )
        return Path(client.download_artifacts(version.run_id, folder, str(into)))


def load_pipeline(version: Registered, place: Place, config: ServerConfig) -> PipelineModel:
    """Return a version's pipeline; Spark must be running.

    Raises:
        EnvironmentProblem: the registry does not answer, or the model cannot be read.
    """
    with _registry(place, config, f"load {version.uri}"):
        import mlflow.spark

        pipeline: PipelineModel = mlflow.spark.load_model(version.uri, dfs_tmpdir=config.dfs_tmpdir)
        return pipeline


@contextmanager
def _registry(place: Place, config: ServerConfig, doing: str) -> Iterator[MlflowClient]:
    """Give the block a client; what fails in it is an error that says what could not be done."""
    if problem := why_away(place, config.timeout):
        raise EnvironmentProblem(f"Cannot {doing}", where=place.shown, why=problem, hint=_TRY)
    try:
        with talking(place, config) as client:
            yield client
    except SparkfeatError:
        raise
    except Exception as error:  # MLflow, SQLAlchemy, boto3 and Spark each raise their own
        raise EnvironmentProblem(f"Cannot {doing}", where=place.shown, why=told(error), hint=_TRY) from error


_TRY = "Check the address, and whether the server runs"


def _version(client: MlflowClient, name: str, alias: str) -> ModelVersion | None:
    from mlflow.exceptions import MlflowException

    try:
        return (
            client.get_model_version(name, alias)
            if alias.isdigit()
            else client.get_model_version_by_alias(name, alias)
        )
    except MlflowException as error:
        if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            return None
        raise


def _registered(found: ModelVersion) -> Registered:
    return Registered(found.name, str(found.version), str(found.run_id), dict(found.tags))
