"""A trained model for scoring: from the folder where it was published, or from MLflow's registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sparkfeat.configuration import REGISTRY
from sparkfeat.definitions import Definitions
from sparkfeat.errors import ConfigError, StorageError
from sparkfeat.models import saved
from sparkfeat.models.training import TrainedModel
from sparkfeat.pipelines.config import CutoffTimeConfig
from sparkfeat.pipelines.definitions import read_definitions
from sparkfeat.pipelines.feature_hash import feature_hash
from sparkfeat.storage.manifest import read_record
from sparkfeat.storage.records import ModelCard, ModelManifest, ModelUsed
from sparkfeat.storage.store import open_store
from sparkfeat.tracking import (
    Place,
    Registered,
    ServerConfig,
    download,
    find_place,
    find_version,
    load_pipeline,
)

if TYPE_CHECKING:
    pass

FOLDER, CARD, DEFINITIONS, MODEL, FACTS = "sparkfeat", "card.json", "features.json", "model", "model.json"
"""Names among the files of a run: the folder for scoring, and what is in it."""


@dataclass(frozen=True)
class OpenModel:
    """A model whose definitions have been checked.

    Attributes:
        used: what predictions say of it.
        definitions_file: its definitions, on this machine.
        load: returns the model itself; Spark must be running.
    """

    card: ModelCard
    used: ModelUsed
    definitions: Definitions
    definitions_file: str
    load: Callable[[], TrainedModel]

    @property
    def cutoff(self) -> CutoffTimeConfig:
        """How the training matrix was computed."""
        return CutoffTimeConfig.model_validate(self.card.matrix.parameters["cutoff_time"])


@contextmanager
def opened(uri: str, registry: ServerConfig) -> Iterator[OpenModel]:
    """Give the block a model, checked to have the definitions it was trained with.

    Args:
        uri: folder of a published model, or `models:/name@alias` or `models:/name/version`.
        registry: where MLflow is, for the latter.

    Raises:
        StorageError: there is no such model, or it is damaged.
        ConfigError: its definitions are others than those it was trained with.
        EnvironmentProblem: the registry does not answer.
    """
    if uri.startswith(REGISTRY):
        place = find_place(registry)
        with opened_version(_version(uri, place, registry), registry, place) as model:
            yield model
    else:
        model = _published(uri)
        _check_hash(model)
        yield model


@contextmanager
def opened_version(version: Registered, registry: ServerConfig, place: Place) -> Iterator[OpenModel]:
    """Give the block a registered model; see `opened`."""
    with TemporaryDirectory(prefix="sparkfeat-") as folder:
        model = _registered(version, registry, place, Path(folder))
        _check_hash(model)
        yield model


def _published(uri: str) -> OpenModel:
    manifest, store = read_record(uri, ModelManifest), open_store(uri)
    file = store.path(manifest.definitions.path)
    folder = store.path(f"runs/{manifest.run_id}/{MODEL}")
    used = ModelUsed(uri=uri, version=manifest.run_id, feature_hash=manifest.card.feature_hash)
    return OpenModel(manifest.card, used, read_definitions(file), file, lambda: saved.load(folder))


def _version(uri: str, place: Place, registry: ServerConfig) -> Registered:
    name, alias = _parts(uri)
    version = find_version(name, alias, place, registry)
    if version is None:
        raise StorageError(
            "No such registered model",
            where=uri,
            why=f"{place.shown} has no '{alias}' of '{name}'",
            hint="`sparkfeat train` registers models: tracking.registered_model",
        )
    return version


def _registered(version: Registered, registry: ServerConfig, place: Place, folder: Path) -> OpenModel:
    copy = download(version, FOLDER, folder, place, registry)
    card = ModelCard.model_validate_json((copy / CARD).read_bytes())
    used = ModelUsed(
        uri=version.uri, version=f"{version.name}/{version.version}", feature_hash=card.feature_hash
    )

    def load() -> TrainedModel:
        facts = (copy / FACTS).read_bytes()
        return saved.put_together(load_pipeline(version, place, registry), facts, version.uri)

    file = str(copy / DEFINITIONS)
    return OpenModel(card, used, read_definitions(file), file, load)


def _parts(uri: str) -> tuple[str, str]:
    """Return the name, and the alias or version."""
    rest = uri.removeprefix(REGISTRY)
    separator = "@" if "@" in rest else "/"
    name, found, alias = rest.rpartition(separator)
    if not found or not name or not alias:
        raise ConfigError(
            f"'{uri}' names no registered model", hint="Write models:/name@champion or models:/name/3"
        )
    return name, alias


def _check_hash(model: OpenModel) -> None:
    """Refuse definitions that are not those of the training."""
    missing = set(model.card.features) - set(model.definitions.names)
    if not missing:
        found = feature_hash(model.definitions, model.card.features, model.cutoff)
        if found == model.card.feature_hash:
            return
    raise ConfigError(
        "The model's definitions are not those it was trained with",
        where=model.used.uri,
        why=f"The file has no {min(missing)}" if missing else "Their hash is another",
        hint="Restore the file of definitions that was published with the model, or train again",
    )
