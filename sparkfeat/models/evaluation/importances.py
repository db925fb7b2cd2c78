"""What the model itself holds important, by feature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sparkfeat.models.evaluation.points import Floats
from sparkfeat.models.roles import FEATURES

if TYPE_CHECKING:
    from pyspark.ml import Transformer
    from pyspark.sql import DataFrame


class Slot(Protocol):
    """One position of the vector of features; `preprocessing.Slot` is one."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns it is made of."""
        ...


@dataclass(frozen=True)
class Importance:
    """How much a feature matters.

    Args:
        name: the feature, a column of the training table.
        value: the model's own importance, all features adding up to 1; or by how much shuffling the feature
            makes the metric worse.
        low, high: an interval for the second; None for the first.
        words: what the feature is.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    words: str = ""


def model_importances(
    models: Sequence[Transformer],
    slots: Sequence[Slot],
    transformed: DataFrame,
    words: Mapping[str, str] | None = None,
) -> tuple[Importance, ...]:
    """Return the importances that MLlib's models give, the largest first; empty where they give none.

    Trees: MLlib's feature importances. Linear models: the size of the coefficients times the standard
    deviation of what they are multiplied with; the mean over classes. The importance of a slot goes to
    the columns it is made of, in equal parts where there are several (hashing, PCA).

    Args:
        models: MLlib's fitted models, one, or one for each class.
        slots: what each position of the vector is.
        transformed: rows with the vector column `features`, on which the deviations are measured.
        words: feature -> what it is, in words.
    """
    found = [_weights(model, transformed) for model in models]
    known = [weights / (weights.sum() or 1.0) for weights in found if weights is not None]
    return by_feature(np.mean(known, axis=0), slots, words or {}) if known else ()


def by_feature(values: Floats, slots: Sequence[Slot], words: Mapping[str, str]) -> tuple[Importance, ...]:
    """Return values of slots added up by the columns that the slots are made of, the largest first."""
    total: dict[str, float] = {}
    for slot, value in zip(slots, values, strict=True):
        for source in slot.sources:
            total[source] = total.get(source, 0.0) + float(value) / len(slot.sources)
    return sorted_by_value(
        Importance(name, value, words=words.get(name, "")) for name, value in total.items()
    )


def sorted_by_value(found: Iterable[Importance]) -> tuple[Importance, ...]:
    """Return importances, the largest first, equal ones by name."""
    return tuple(sorted(found, key=lambda one: (-one.value, one.name)))


def _weights(model: Transformer, transformed: DataFrame) -> Floats | None:
    """Return one number a slot; None where the model has neither importances nor coefficients."""
    if hasattr(model, "featureImportances"):
        return np.asarray(model.featureImportances.toArray(), dtype=float)
    if hasattr(model, "coefficientMatrix"):
        sizes: Floats = _sizes(model.coefficientMatrix.toArray()).mean(axis=0)
        return _spread(transformed) * sizes
    if hasattr(model, "coefficients"):
        return _spread(transformed) * _sizes(model.coefficients.toArray())
    return None


def _sizes(coefficients: Floats) -> Floats:
    return np.asarray(np.abs(coefficients), dtype=float)


def _spread(transformed: DataFrame) -> Floats:
    """Return the standard deviation of each position of the vector."""
    from pyspark.ml.stat import Summarizer

    found = transformed.select(Summarizer.std(transformed[FEATURES]).alias("std")).collect()[0]["std"]
    return np.asarray(found.toArray(), dtype=float)
