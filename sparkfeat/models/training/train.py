"""Train a model: check, split, preprocess, search, fit, calibrate, choose the threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sparkfeat.models.roles import Roles
from sparkfeat.models.splits import Split
from sparkfeat.models.training.config import TrainingConfig
from sparkfeat.models.training.model import TrainedModel

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Progress(Protocol):
    """Where training says how far it is; `pipelines.progress.Progress` is one."""

    def begin(self, stage: str) -> None:
        """Show that a stage has begun."""
        ...

    def end(self, stage: str, seconds: float) -> None:
        """Show that the stage has ended well."""
        ...

    def advance(self, stage: str, percent: float) -> None:
        """Show how far the stage that runs has come."""
        ...

    def tell(self, line: str) -> None:
        """Show something worth knowing that is no stage."""
        ...


def train(
    table: DataFrame,
    roles: Roles,
    config: TrainingConfig | None = None,
    *,
    split: Split | None = None,
    progress: Progress | None = None,
) -> TrainedModel:
    """Return a model trained on `table`.

    Args:
        table: features, label, and where there are any instance ids and cutoff times.
        roles: which column is what; see `find_roles`.
        config: default: logistic or linear regression with default preprocessing.
        split: parts made before, e.g. by `split(table, roles, config.split)`; default: made here.
        progress: shown stages and warnings; default: none.
    """
    raise NotImplementedError
