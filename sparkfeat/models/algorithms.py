"""The algorithms: what MLlib calls them, what they can do, and their parameters, checked before any work."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sparkfeat.errors import ConfigError, did_you_mean
from sparkfeat.models.settings import ModelConfig, Problem, Range, Value

if TYPE_CHECKING:
    from pyspark.ml import Estimator

OURS = frozenset(
    {
        "featuresCol", "labelCol", "predictionCol", "probabilityCol", "rawPredictionCol", "weightCol",
        "userCol", "itemCol", "ratingCol", "coldStartStrategy", "leafCol", "validationIndicatorCol",
        "threshold", "thresholds", "layers", "seed", "initialWeights", "lowerBoundsOnCoefficients",
        "upperBoundsOnCoefficients", "lowerBoundsOnIntercepts", "upperBoundsOnIntercepts",
    }
)  # fmt: skip
"""Parameters of MLlib that training sets itself, or that are no plain values."""
HIDDEN = "hidden_layer_sizes"
"""scikit-learn's name: MLlib's `layers` has the sizes of input and output too, which training knows."""


@dataclass(frozen=True)
class Algorithm:
    """One algorithm.

    Args:
        estimators: problem -> MLlib's class, as module.Class below pyspark.ml.
        one_vs_rest: MLlib tells two classes apart only; several are learned one against the rest.
        weights: whether rows can have weights.
        probabilities: whether it gives probabilities; otherwise scores, which are calibrated.
        seeded: whether its result depends on a seed.
        defaults: parameters whose default differs from MLlib's.
    """

    estimators: Mapping[Problem, str]
    one_vs_rest: bool = False
    weights: bool = True
    probabilities: bool = True
    seeded: bool = False
    defaults: Mapping[str, Value] = field(default_factory=dict)


def _classes(name: str, regressor: str | None = None) -> dict[Problem, str]:
    found: dict[Problem, str] = {"binary": f"classification.{name}", "multiclass": f"classification.{name}"}
    return found | ({"regression": f"regression.{regressor}"} if regressor else {})


ALGORITHMS: Mapping[str, Algorithm] = {
    "logistic_regression": Algorithm(_classes("LogisticRegression")),
    "linear_regression": Algorithm({"regression": "regression.LinearRegression"}),
    "decision_tree": Algorithm(_classes("DecisionTreeClassifier", "DecisionTreeRegressor"), seeded=True),
    "random_forest": Algorithm(_classes("RandomForestClassifier", "RandomForestRegressor"), seeded=True),
    "gradient_boosted_trees": Algorithm(
        _classes("GBTClassifier", "GBTRegressor"), one_vs_rest=True, seeded=True
    ),
    # Gaussian reads any numbers; MLlib's default, multinomial, only counts.
    "naive_bayes": Algorithm(_classes("NaiveBayes"), defaults={"modelType": "gaussian"}),
    "linear_svm": Algorithm(_classes("LinearSVC"), one_vs_rest=True, probabilities=False),
    "factorization_machines": Algorithm(
        _classes("FMClassifier", "FMRegressor"), one_vs_rest=True, weights=False, seeded=True
    ),
    "multilayer_perceptron": Algorithm(
        _classes("MultilayerPerceptronClassifier"), weights=False, seeded=True, defaults={HIDDEN: [16]}
    ),
    "kmeans": Algorithm({"clustering": "clustering.KMeans"}, seeded=True),
    "als": Algorithm({"recommendation": "recommendation.ALS"}, weights=False, seeded=True),
}
DEFAULTS: Mapping[Problem, str] = {
    "binary": "logistic_regression",
    "multiclass": "logistic_regression",
    "regression": "linear_regression",
    "clustering": "kmeans",
    "recommendation": "als",
}


def find_algorithm(name: str, problem: Problem | None = None) -> Algorithm:
    """Return an algorithm by its name.

    Args:
        problem: what it is needed for, where that is known.

    Raises:
        ConfigError: there is none of that name, or it does not fit the problem.
    """
    if name not in ALGORITHMS:
        raise ConfigError(f"No algorithm '{name}'", where="models", hint=did_you_mean(name, ALGORITHMS))
    found = ALGORITHMS[name]
    if problem is not None and problem not in found.estimators:
        fitting = [other for other, one in ALGORITHMS.items() if problem in one.estimators]
        raise ConfigError(
            f"{name} does not fit the problem",
            where="models",
            why=f"It is for {' and '.join(found.estimators)}, and the problem is {problem}",
            hint=f"Choose {', '.join(fitting)}, or set `problem`",
        )
    return found


def estimator_class(name: str, problem: Problem) -> type[Estimator[Any]]:
    """Return MLlib's class."""
    module, _, found = find_algorithm(name, problem).estimators[problem].rpartition(".")
    loaded: type[Estimator[Any]] = getattr(importlib.import_module(f"pyspark.ml.{module}"), found)
    return loaded


def known_params(name: str, problem: Problem) -> tuple[str, ...]:
    """Return the parameters that can be set, by MLlib's names."""
    given = inspect.signature(estimator_class(name, problem).__init__).parameters
    extra = (HIDDEN,) if "layers" in given else ()
    return tuple(sorted(set(given) - OURS - {"self"})) + extra


def check_model(config: ModelConfig, problem: Problem) -> None:
    """Check an algorithm's name, its parameters and the values to search.

    Raises:
        ConfigError: unknown names, values of a wrong type, or out of the range that MLlib takes.
    """
    check_names(config, problem)
    if both := sorted(set(config.params) & set(config.search)):
        raise ConfigError(f"{both[0]} is in params and in search", where=f"models: {config.algorithm}")
    for key, value in _single_values(config):
        _check_value(config.algorithm, problem, {**config.params, key: value}, key)


def check_names(config: ModelConfig, problem: Problem | None) -> None:
    """Check the names of an algorithm and its parameters, which takes no running Spark.

    Args:
        problem: None where the labels will tell it.

    Raises:
        ConfigError: there is no such algorithm for the problem, or no such parameter.
    """
    problems = [problem] if problem else list(find_algorithm(config.algorithm).estimators)
    known = {key for one in problems for key in known_params(config.algorithm, one)}
    for key in (*config.params, *config.search):
        _check_name(config.algorithm, key, known)


def _check_name(algorithm: str, key: str, known: Collection[str]) -> None:
    if key in known:
        return
    where = f"models: {algorithm}"
    if key == "layers":
        raise ConfigError(
            "Training sets layers itself", where=where, hint=f"Give {HIDDEN}, without in- and output"
        )
    if key in OURS:
        raise ConfigError(f"Training sets {key} itself", where=where, hint="Leave it out")
    raise ConfigError(f"{algorithm} has no parameter '{key}'", where=where, hint=did_you_mean(key, known))


def _single_values(config: ModelConfig) -> Iterator[tuple[str, Value]]:
    yield from config.params.items()
    for key, values in config.search.items():
        if isinstance(values, Range):
            yield from ((key, values.shown(end)) for end in (values.low, values.high))
        else:
            yield from ((key, value) for value in values)


def _check_value(algorithm: str, problem: Problem, params: Mapping[str, Value], key: str) -> None:
    from pyspark.errors import PySparkException

    where = f"models: {algorithm}"
    try:
        # Its writer hands all parameters to the JVM, which checks their ranges.
        make_estimator(algorithm, problem, params, layers=(2, 2)).write()  # type: ignore[attr-defined]
    except (TypeError, ValueError, PySparkException) as error:
        why = str(error).splitlines()[0]
        raise ConfigError(f"{key}: {params[key]!r} is no value for it", where=where, why=why) from error


def make_estimator(
    algorithm: str,
    problem: Problem,
    params: Mapping[str, Value],
    *,
    seed: int = 0,
    layers: tuple[int, int] | None = None,
    columns: Mapping[str, str] | None = None,
) -> Estimator[Any]:
    """Return MLlib's estimator with parameters set.

    Args:
        params: MLlib's name -> value.
        seed: for those that have one.
        layers: sizes of input and output, for those that have layers.
        columns: MLlib's parameter -> name of a column.
    """
    found = find_algorithm(algorithm, problem)
    given = {**found.defaults, **params}
    if found.seeded:
        given["seed"] = seed
    if HIDDEN in given and layers is not None:
        hidden = given.pop(HIDDEN)
        given["layers"] = [layers[0], *_sizes(hidden), layers[1]]
    estimator = estimator_class(algorithm, problem)(**given)
    for name, value in (columns or {}).items():  # not all of them are arguments of every class
        estimator.set(estimator.getParam(name), value)
    return estimator


def _sizes(given: Value) -> Iterable[int]:
    sizes = given if isinstance(given, list) else [given]
    if not all(isinstance(size, int) and size > 0 for size in sizes):
        raise ValueError(f"{HIDDEN} is a list of sizes above 0, e.g. [16, 8]")
    return [int(size) for size in sizes if size is not None and not isinstance(size, str)]
