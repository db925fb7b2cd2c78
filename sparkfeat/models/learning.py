"""Fit one algorithm on prepared rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkfeat.errors import EngineError
from sparkfeat.models.algorithms import HIDDEN, find_algorithm, make_estimator
from sparkfeat.models.calibration import Scores
from sparkfeat.models.roles import FEATURES, WEIGHT
from sparkfeat.models.settings import Problem, Value

if TYPE_CHECKING:
    from pyspark.ml import Estimator, Transformer
    from pyspark.sql import DataFrame

LABEL = "__label"
"""The label as MLlib reads it: the index of its class, or the number itself."""
USER, ITEM = "__user", "__item"
RAW, PROBABILITY, PREDICTION = "rawPrediction", "probability", "prediction"
WITH_SUMMARY = frozenset({"logistic_regression", "linear_regression", "linear_svm", "multilayer_perceptron"})
WITH_SUMMARY_OF_CLASSES = frozenset({"factorization_machines"})


@dataclass(frozen=True)
class Task:
    """What is to be learned, the same for all candidates.

    Args:
        classes: number of classes; 0 for numbers.
        width: length of the vectors.
        seed: of the algorithms.
    """

    problem: Problem
    classes: int
    width: int
    seed: int


@dataclass(frozen=True)
class Learned:
    """Fitted models and where they write the scores of classes; None: there are none."""

    stages: tuple[Transformer, ...]
    scores: Scores | None
    objective: tuple[float, ...] = ()


def learn(rows: DataFrame, algorithm: str, params: Mapping[str, Value], task: Task) -> Learned:
    """Fit an algorithm.

    Args:
        rows: `features`, `__label`, and `weight` where rows have weights; for recommenders users and items.
        params: MLlib's parameter -> value.

    Raises:
        EngineError: MLlib failed.
    """
    from pyspark.errors import PySparkException

    try:
        if find_algorithm(algorithm).one_vs_rest and task.problem == "multiclass":
            return _one_vs_rest(rows, algorithm, params, task)
        return _one(rows, algorithm, params, task)
    except PySparkException as error:
        why = str(error).splitlines()[0]
        shown = ", ".join(f"{key}={value}" for key, value in params.items()) or "default parameters"
        raise EngineError(f"MLlib could not fit {algorithm}", where=shown, why=why) from error


def _one(rows: DataFrame, algorithm: str, params: Mapping[str, Value], task: Task) -> Learned:
    columns = {"labelCol": LABEL, "featuresCol": FEATURES}
    if task.problem == "recommendation":
        columns = {"ratingCol": LABEL, "userCol": USER, "itemCol": ITEM}
    elif task.problem == "clustering":
        columns = {"featuresCol": FEATURES}
    model = _estimator(rows, algorithm, params, task, columns).fit(rows)
    objective = _objective(model, algorithm, task.problem)
    if not task.classes:
        return Learned((model,), None, objective)
    probabilities = find_algorithm(algorithm).probabilities
    name = PROBABILITY if probabilities else RAW
    positions = (1,) if task.problem == "binary" else range(task.classes)
    sources = tuple((name, position) for position in positions)
    return Learned((model,), Scores(sources, are_probabilities=probabilities, temporary=(RAW,)), objective)


def _one_vs_rest(rows: DataFrame, algorithm: str, params: Mapping[str, Value], task: Task) -> Learned:
    """Fit one model for each class: MLlib's OneVsRest scores rows in Python and gives no probabilities."""
    from pyspark.sql import functions

    probabilities = find_algorithm(algorithm).probabilities
    stages: list[Transformer] = []
    sources: list[tuple[str, int]] = []
    temporary: list[str] = []
    one = Task("binary", 2, task.width, task.seed)
    for number in range(task.classes):
        named = {"rawPredictionCol": f"__raw_{number}", "predictionCol": f"__prediction_{number}"}
        if probabilities:
            named["probabilityCol"] = f"__probability_{number}"
        own = rows.withColumn(LABEL, (functions.col(LABEL) == number).cast("double"))
        columns = {"labelCol": LABEL, "featuresCol": FEATURES, **named}
        stages.append(_estimator(own, algorithm, params, one, columns).fit(own))
        sources.append((named["probabilityCol" if probabilities else "rawPredictionCol"], 1))
        temporary += named.values()
    return Learned(
        tuple(stages), Scores(tuple(sources), are_probabilities=probabilities, temporary=tuple(temporary))
    )


def _estimator(
    rows: DataFrame, algorithm: str, params: Mapping[str, Value], task: Task, columns: dict[str, str]
) -> Estimator[Any]:
    found = find_algorithm(algorithm)
    if found.weights and WEIGHT in rows.columns:
        columns = {**columns, "weightCol": WEIGHT}
    layers = (task.width, task.classes) if HIDDEN in found.defaults else None
    return make_estimator(algorithm, task.problem, params, seed=task.seed, layers=layers, columns=columns)


def _objective(model: Any, algorithm: str, problem: Problem) -> tuple[float, ...]:
    """Return the loss after each iteration, where MLlib keeps it."""
    kept = algorithm in WITH_SUMMARY or (algorithm in WITH_SUMMARY_OF_CLASSES and problem != "regression")
    if not kept or not getattr(model, "hasSummary", True):
        return ()
    summary = model.summary() if callable(model.summary) else model.summary
    return tuple(float(loss) for loss in summary.objectiveHistory)
