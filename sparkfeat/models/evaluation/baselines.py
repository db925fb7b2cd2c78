"""What less would have given: the same metrics for the majority, the raw columns and shuffled labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from sparkfeat.errors import SparkfeatError
from sparkfeat.models.evaluation.config import EvaluationConfig
from sparkfeat.models.evaluation.evaluate import evaluate
from sparkfeat.models.evaluation.results import Metric, Problem
from sparkfeat.models.evaluation.rows import Label
from sparkfeat.models.evaluation.shuffle import shuffled
from sparkfeat.models.keeping import kept
from sparkfeat.models.names import quoted
from sparkfeat.models.roles import Roles

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Predictor(Protocol):
    """A trained model, as far as it is needed here; `training.TrainedModel` is one."""

    def predict(self, table: DataFrame) -> DataFrame:
        """Return `table` with predictions, as `evaluate` reads them."""
        ...


Train = Callable[["DataFrame", Roles], Predictor]
"""Learns from a table by roles, as the model did: e.g. `training.train` with its configuration."""


@dataclass(frozen=True)
class Baseline:
    """A simpler model on the same rows.

    Args:
        name: 'majority' or 'mean', 'raw_columns', 'shuffled_labels'.
        words: what it is.
        metrics: as those of the model; empty where it could not be made.
        why_not: why it could not be made.
    """

    name: str
    words: str
    metrics: Mapping[str, Metric]
    why_not: str = ""


def baselines(
    learn: DataFrame,
    test: DataFrame,
    roles: Roles,
    problem: Problem,
    train: Train,
    *,
    raw: Roles,
    classes: Sequence[Label] = (),
    positive: Label | None = None,
    threshold: Callable[[Predictor], float] = lambda _: 0.5,
    config: EvaluationConfig | None = None,
) -> tuple[Baseline, ...]:
    """Return the baselines of a model, judged on the rows that judged it.

    Args:
        learn: all rows the model learned from (training and validation), with the label.
        test: the rows that judged it.
        roles: which column is what.
        problem: as for `evaluate`.
        train: called with rows and roles, once for each baseline that learns; returns what predicts.
        raw: the same roles with the columns of the target table alone, without synthesis; they need not be
            among the features of `roles`.
        classes, positive: as for `evaluate`.
        threshold: gives the decision threshold of what `train` returned.
        config: intervals.
    """
    config = (config or EvaluationConfig()).model_copy(update={"slices": []})
    judge = _Judge(test, roles, problem, tuple(classes), positive, config)
    found = [_constant(learn, judge)]
    if raw.features:

        def raw_columns() -> Mapping[str, Metric]:
            model = train(learn, raw)
            return judge.metrics(model.predict(test), threshold(model))

        some = len(raw.features)
        count = f"{some} column" if some == 1 else f"{some} columns"
        words = f"the same training on {count} of the target table, without synthesis"
        found.append(_tried("raw_columns", words, raw_columns))
    else:
        why = "no feature is a column of the target table"
        found.append(Baseline("raw_columns", "the same training without synthesis", {}, why))

    def shuffled_labels() -> Mapping[str, Metric]:
        with kept(_dealt(learn, roles, config.seed)) as dealt:  # a training reads its rows several times
            model = train(dealt, roles)
        # The true labels would not do: on few features, a model of chance ranks them well or badly by luck.
        return judge.metrics(model.predict(_dealt(test, roles, config.seed + 1)), threshold(model))

    words = (
        "the same training and test on labels dealt out at random: what there is to score without a signal"
    )
    return (*found, _tried("shuffled_labels", words, shuffled_labels))


def _dealt(rows: DataFrame, roles: Roles, seed: int) -> DataFrame:
    """Return rows whose labels are shuffled."""
    return shuffled(rows, str(roles.label), _key(rows, roles), seed)


@dataclass(frozen=True)
class _Judge:
    test: DataFrame
    roles: Roles
    problem: Problem
    classes: tuple[Label, ...]
    positive: Label | None
    config: EvaluationConfig

    def metrics(self, predictions: DataFrame, threshold: float) -> Mapping[str, Metric]:
        """Return the metrics of predictions for the test rows."""
        found = evaluate(
            predictions,
            self.problem,
            label=str(self.roles.label),
            classes=self.classes or None,
            positive=self.positive,
            threshold=threshold,
            key=_key(predictions, self.roles),
            config=self.config,
        )
        return found.metrics


def _constant(learn: DataFrame, judge: _Judge) -> Baseline:
    """Predict for every row what is most frequent, or the mean, of the labels learned from."""
    from pyspark.sql import functions as fn

    label = quoted(str(judge.roles.label))
    if judge.problem == "regression":
        mean = float(learn.agg(fn.avg(label)).collect()[0][0])
        words = f"the mean of the labels learned from, {mean:.4g}, for every row"
        guessed = judge.test.withColumn("prediction", fn.lit(mean))
        return Baseline("mean", words, judge.metrics(guessed, 0.5))
    counted = {row["label"]: row["count"] for row in learn.groupBy(label.alias("label")).count().collect()}
    classes = judge.classes or tuple(sorted(counted))
    judge = replace(judge, classes=classes)
    rows = sum(counted.values())
    most = max(classes, key=lambda one: counted.get(one, 0))
    words = f"the most frequent label learned from, {most!r} ({counted.get(most, 0) / rows:.0%} of rows)"
    if judge.problem == "binary":
        positive = classes[-1] if judge.positive is None else judge.positive
        guessed = judge.test.withColumn("score", fn.lit(counted.get(positive, 0) / rows))
        return Baseline("majority", words, judge.metrics(guessed, 0.5))
    from pyspark.ml.functions import array_to_vector

    chances = array_to_vector(fn.array(*(fn.lit(counted.get(one, 0) / rows) for one in classes)))
    guessed = judge.test.withColumn("probability", chances).withColumn("predicted_label", fn.lit(most))
    return Baseline("majority", words, judge.metrics(guessed, 0.5))


def _tried(name: str, words: str, make: Callable[[], Mapping[str, Metric]]) -> Baseline:
    """Return a baseline; one that cannot be learned is no reason to lose the model."""
    try:
        return Baseline(name, words, make())
    except SparkfeatError as error:
        return Baseline(name, words, {}, str(error))


def _key(table: DataFrame, roles: Roles) -> list[str]:
    """Return the columns that tell rows apart: id and cutoff time, else all plain columns."""
    from pyspark.sql.types import AtomicType

    named = [name for name in (roles.instance_id, roles.cutoff_time) if name is not None]
    plain = [field.name for field in table.schema.fields if isinstance(field.dataType, AtomicType)]
    return named or plain
