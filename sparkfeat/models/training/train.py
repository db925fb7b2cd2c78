"""Train a model: check, split, preprocess, search, fit, calibrate, choose the threshold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sparkfeat.models.learning import Learned, Task, learn
from sparkfeat.models.metrics import measure
from sparkfeat.models.roles import Roles
from sparkfeat.models.search import Candidate, Found, search
from sparkfeat.models.splits import Split
from sparkfeat.models.training.config import TrainingConfig
from sparkfeat.models.training.curve import learning_curve
from sparkfeat.models.training.final import FEW, Decided, applied, decide, decide_roughly
from sparkfeat.models.training.model import TrainedModel
from sparkfeat.models.training.parts import Parts, find_folds, find_parts
from sparkfeat.models.training.plan import Plan, make_plan
from sparkfeat.models.training.prepared import Preparation, Prepared, flat
from sparkfeat.models.training.progress import Log, Progress

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def train(
    table: DataFrame,
    roles: Roles,
    config: TrainingConfig | None = None,
    *,
    split: Split | None = None,
    progress: Progress | None = None,
) -> TrainedModel:
    """Return a model trained on `table`.

    Candidates are compared on folds of the training rows, with preprocessing fitted anew on each; the best is
    fitted on all of them. Probabilities are calibrated and the threshold is chosen on validation rows. Test
    rows are only counted: they are there to judge the model by.

    Args:
        table: features, label, and where there are any instance ids and cutoff times.
        roles: which column is what; see `find_roles`.
        config: default: logistic or linear regression with default preprocessing.
        split: parts made before, e.g. by `split(table, roles, config.split)`; default: made here.
        progress: shown stages and warnings; default: none.

    Raises:
        UserInputError: columns, rows or settings that cannot be trained with; found before the long work.
        EngineError: MLlib failed.
    """
    log = Log(progress)
    with ExitStack() as kept:
        with log.stage("check"):
            plan = make_plan(table, roles, config or TrainingConfig())
            log.tell(*plan.told)
        with log.stage("split"):
            parts = find_parts(table, split, plan, kept)
            log.tell(*parts.told)
        return _Training(plan, parts, log).run(kept)


@dataclass(frozen=True)
class _Training:
    """A training whose rows and settings have been checked."""

    plan: Plan
    parts: Parts
    log: Log

    @property
    def preparation(self) -> Preparation:
        return Preparation(self.parts.roles, self.plan.labels, self.plan.config)

    def run(self, kept: ExitStack) -> TrainedModel:
        """Compare, fit and decide; `kept` closes what is kept in memory."""
        if self.plan.folds:
            found = self._compared(None)
            prepared = self._prepared(kept)
        else:
            prepared = self._prepared(kept)
            found = self._compared(prepared)
        best = found.best
        with self.log.stage("fit"):
            learned = self._learned(best, prepared)
        with self.log.stage("calibrate"):
            decided = decide(learned, prepared, self.plan.labels, self.plan.config)
            self._tell(decided)
        return self._model(found, prepared, learned, decided)

    def _prepared(self, kept: ExitStack) -> Prepared:
        with self.log.stage("preprocess"):
            prepared = kept.enter_context(self.preparation.of(self.parts.train, self.parts.validation))
            prepared.check(self.plan.candidates)
        return prepared

    def _compared(self, whole: Prepared | None) -> Found:
        """Return the best candidate; `whole`: all rows, where there are no folds."""
        if not self.plan.compares:
            return Found(self.plan.candidates[0], (), 0)
        with self.log.stage("search"), ExitStack() as kept:
            folds = [whole] if whole else list(self._folds(kept))
            found = search(
                self.plan.candidates,
                len(folds),
                lambda candidate, fold: self._score(candidate, folds[fold]),
                self.plan.config.search,
                self.plan.metric,
                lambda percent: self.log.advance("search", percent),
            )
        if found.skipped:
            count = len(self.plan.candidates)
            self.log.tell(
                f"The budget of the search ended after {count - found.skipped} of {count} candidates"
            )
        return found

    def _folds(self, kept: ExitStack) -> Iterator[Prepared]:
        for fold in find_folds(self.parts, self.plan):
            prepared = kept.enter_context(self.preparation.of(fold.train, fold.validation))
            prepared.check(self.plan.candidates)
            yield prepared

    def _score(self, candidate: Candidate, prepared: Prepared) -> float:
        learned = self._learned(candidate, prepared)
        stages = (*learned.stages, *decide_roughly(learned, self.plan.labels))
        return measure(applied(stages, prepared.validation), self.plan.metric)

    def _learned(self, candidate: Candidate, prepared: Prepared) -> Learned:
        labels, seed = self.plan.labels, self.plan.config.seed
        task = Task(labels.problem, len(labels.classes), len(prepared.slots), seed)
        return learn(prepared.train, candidate.algorithm, candidate.params, task)

    def _tell(self, decided: Decided) -> None:
        chosen = decided.threshold
        if chosen is None:
            return
        if not chosen.reached:
            reached = chosen.precision if chosen.method == "precision" else chosen.recall
            self.log.tell(f"No threshold reaches the target {chosen.method}; the best gives {reached:.3f}")
        positives = self.parts.summaries[1].classes[1]
        if positives < FEW:
            self.log.tell(f"The threshold was chosen on {positives} positive validation rows only")

    def _model(self, found: Found, prepared: Prepared, learned: Learned, decided: Decided) -> TrainedModel:
        from pyspark.ml import PipelineModel

        before, config, labels = flat(prepared.pipeline), self.plan.config, self.plan.labels
        with self.log.stage("learning curve") if config.learning_curve else nullcontext():
            curve, told = learning_curve(
                self.plan,
                self.parts,
                prepared,
                lambda rows: self._learned(found.best, replace(prepared, train=rows)),
            )
            self.log.tell(*told)
        return TrainedModel(
            pipeline=PipelineModel(stages=[*before, *learned.stages, *decided.stages]),
            problem=labels.problem,
            algorithm=found.best.algorithm,
            params=found.best.params,
            roles=self.parts.roles,
            slots=prepared.slots,
            classes=labels.classes,
            positive=labels.classes[1] if labels.problem == "binary" else None,
            metric=self.plan.metric,
            scores=found.scores,
            threshold=decided.threshold,
            calibration=decided.calibration,
            objective=learned.objective,
            learning_curve=curve,
            split_method=self.parts.split.method,
            parts=self.parts.summaries,
            seconds=dict(self.log.seconds),
            told=tuple(self.log.told),
            seed=config.seed,
            first_learner=len(before),
            learners=len(learned.stages),
        )
