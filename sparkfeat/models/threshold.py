"""From which score on a row is positive: chosen by what it costs or reaches on validation rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sparkfeat.configuration import Section

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sparkfeat.models.scores import ScoreCounts


class CostConfig(Section):
    """What the four outcomes of a yes or no cost; gains are negative."""

    false_positive: float
    false_negative: float
    true_positive: float = 0.0
    true_negative: float = 0.0


class ThresholdConfig(Section):
    """From which probability of the positive class on a row is predicted to be positive."""

    method: Literal["fixed", "f1", "cost", "precision", "recall"] = "f1"
    value: float = Field(0.5, ge=0, le=1, description="fixed: the threshold")
    target: float | None = Field(None, gt=0, le=1, description="precision, recall: what to reach at least")
    cost: CostConfig | None = Field(None, description="cost: what each outcome costs")

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> Self:
        if (self.method == "cost") != (self.cost is not None):
            raise ValueError("method: cost needs `cost`, and the other way round")
        if (self.method in {"precision", "recall"}) != (self.target is not None):
            raise ValueError("methods precision and recall need `target`; the others have none")
        if self.method != "fixed" and "value" in self.model_fields_set:
            raise ValueError("value: only of method fixed")
        return self


@dataclass(frozen=True)
class ChosenThreshold:
    """A threshold and what it gives on the validation rows.

    Args:
        value: rows with `score >= value` are positive; above every score where none should be.
        method: how it was chosen: fixed, f1, cost, precision or recall.
        reached: whether a target precision or recall was reached; True for the other methods.
        precision, recall, f1: of the positive class; precision is 1 where nothing is predicted positive.
        cost: mean cost of a row; None without a cost matrix.
    """

    value: float
    method: str
    reached: bool
    precision: float
    recall: float
    f1: float
    cost: float | None = None


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What each threshold gives, from none predicted positive to all."""

    thresholds: NDArray[np.float64]
    true_positives: NDArray[np.float64]
    false_positives: NDArray[np.float64]
    positives: float
    negatives: float

    @property
    def precision(self) -> NDArray[np.float64]:
        """Share of the predicted that are positive; 1 where none is predicted."""
        predicted = self.true_positives + self.false_positives
        return np.divide(self.true_positives, predicted, out=np.ones_like(predicted), where=predicted > 0)

    @property
    def recall(self) -> NDArray[np.float64]:
        """Share of the positive that are predicted."""
        return np.asarray(self.true_positives / self.positives)

    @property
    def f1(self) -> NDArray[np.float64]:
        """Harmonic mean of precision and recall."""
        return 2 * self.true_positives / (self.true_positives + self.false_positives + self.positives)

    def cost(self, cost: CostConfig) -> NDArray[np.float64]:
        """Mean cost of a row."""
        missed = self.positives - self.true_positives
        spared = self.negatives - self.false_positives
        total = (
            cost.true_positive * self.true_positives
            + cost.false_positive * self.false_positives
            + cost.false_negative * missed
            + cost.true_negative * spared
        )
        return np.asarray(total / (self.positives + self.negatives))


def outcomes(counts: ScoreCounts) -> Outcomes:
    """Return what every score gives as a threshold, highest first, and before it one that no row reaches."""
    none = np.nextafter(counts.scores[-1], np.inf)
    return Outcomes(
        np.concatenate([[none], counts.scores[::-1]]),
        np.concatenate([[0.0], np.cumsum(counts.positives[::-1])]),
        np.concatenate([[0.0], np.cumsum(counts.negatives[::-1])]),
        float(counts.positives.sum()),
        float(counts.negatives.sum()),
    )


def choose_threshold(counts: ScoreCounts, config: ThresholdConfig) -> ChosenThreshold:
    """Return the best threshold for validation rows; of several that are as good, the highest.

    `precision` finds the highest recall with at least the target precision, `recall` the highest precision
    with at least the target recall. Where no threshold reaches the target precision: the highest there is.

    Args:
        counts: scores of validation rows, of both classes.
    """
    found = outcomes(counts)
    if config.method == "fixed":
        return _described(found, _fixed(found, config.value), config, config.value)
    best = int(np.argmax(_worth(found, config)))
    return _described(found, best, config, float(found.thresholds[best]))


def _fixed(found: Outcomes, value: float) -> int:
    """Return the last of the thresholds that predicts no more rows than `value` does."""
    return int(np.count_nonzero(found.thresholds[1:] >= value))


def _worth(found: Outcomes, config: ThresholdConfig) -> NDArray[np.float64]:
    if config.cost is not None:
        return -found.cost(config.cost)
    if config.target is None:
        return found.f1
    precision, recall = found.precision, found.recall
    some = found.true_positives > 0
    if config.method == "recall":
        return np.where(recall >= config.target, precision, -1.0)
    if (some & (precision >= config.target)).any():
        return np.where(some & (precision >= config.target), recall, -1.0)
    return np.where(some, precision, -1.0)


def _described(found: Outcomes, at: int, config: ThresholdConfig, value: float) -> ChosenThreshold:
    precision, recall = float(found.precision[at]), float(found.recall[at])
    target = {"precision": precision, "recall": recall}.get(config.method)
    reached = target is None or config.target is None or target >= config.target
    cost = None if config.cost is None else float(found.cost(config.cost)[at])
    return ChosenThreshold(value, config.method, reached, precision, recall, float(found.f1[at]), cost)
