"""What training gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkfeat.models.preprocessing.slots import Slot
from sparkfeat.models.roles import Roles
from sparkfeat.models.search import FoldScore
from sparkfeat.models.settings import Label, Problem, Value
from sparkfeat.models.threshold import ChosenThreshold

if TYPE_CHECKING:
    from pyspark.ml import PipelineModel, Transformer
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class PartSummary:
    """Rows of one part of the split.

    Args:
        name: train, validation or test.
        rows: number of rows.
        first, last: first and last cutoff time as text; empty where rows have none.
        classes: rows of each class, in the order of the model's classes; empty in regression.
    """

    name: str
    rows: int
    first: str = ""
    last: str = ""
    classes: tuple[int, ...] = ()


@dataclass(frozen=True)
class LearningPoint:
    """The metric after learning from a share of the training rows."""

    share: float
    rows: int
    train: float
    validation: float


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that is known of a trained model beside its pipeline; plain values, kept as JSON.

    Args:
        algorithm: name of the chosen algorithm, e.g. `gradient_boosted_trees`.
        params: its parameters, by MLlib's names, as configured or found by the search.
        roles: columns of the training table, without features that were dropped.
        slots: what each position of `features` is.
        classes: the label's values by index; `prediction` is an index into it. Empty in regression.
        positive: the class that `score` is the probability of; None unless the problem is binary.
        metric: name of the metric that candidates were compared by.
        scores: one for each candidate and fold, in order.
        threshold: from which score on a row is positive; None unless the problem is binary.
        calibration: none, sigmoid or isotonic.
        objective: the algorithm's loss after each iteration, where MLlib tells it.
        split_method: time, group, random or column.
        parts: train, validation and test.
        seconds: stage -> how long it took.
        told: warnings, in words.
        first_learner, learners: where MLlib's models are among the stages of the pipeline.
    """

    problem: Problem
    algorithm: str
    params: Mapping[str, Value]
    roles: Roles
    slots: tuple[Slot, ...]
    classes: tuple[Label, ...]
    positive: Label | None
    metric: str
    scores: tuple[FoldScore, ...]
    threshold: ChosenThreshold | None
    calibration: str
    objective: tuple[float, ...]
    learning_curve: tuple[LearningPoint, ...]
    split_method: str
    parts: tuple[PartSummary, ...]
    seconds: Mapping[str, float]
    told: tuple[str, ...]
    seed: int
    first_learner: int
    learners: int


@dataclass(frozen=True, kw_only=True)
class TrainedModel(Facts):
    """A fitted pipeline and the facts about it.

    Args:
        pipeline: preprocessing, MLlib's model, calibration and threshold in one.
    """

    pipeline: PipelineModel

    @property
    def models(self) -> tuple[Transformer, ...]:
        """MLlib's fitted models: one, or one for each class where MLlib tells two classes apart only."""
        begin = self.first_learner
        return tuple(self.pipeline.stages[begin : begin + self.learners])

    def predict(self, table: DataFrame) -> DataFrame:
        """Return `table` with `prediction`, and for classes `probability`, `predicted_label` and `score`.

        `score` is the probability of the positive class of two. The label column need not be there.
        """
        return self.pipeline.transform(table)
