"""A trained model as a folder: Spark's pipeline and model.json."""

from __future__ import annotations

from sparkfeat.models.training.model import TrainedModel


def save(model: TrainedModel, folder: str, *, overwrite: bool = False) -> None:
    """Write `model` to `folder`: `pipeline/` by Spark and `model.json`."""
    raise NotImplementedError


def load(folder: str) -> TrainedModel:
    """Return the model that `save` wrote to `folder`; needs a running Spark session."""
    raise NotImplementedError
