"""Names and parameters of algorithms, checked before any work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sparkfeat.errors import ConfigError
from sparkfeat.models.algorithms import (
    ALGORITHMS,
    DEFAULTS,
    OURS,
    check_model,
    estimator_class,
    find_algorithm,
    known_params,
    make_estimator,
)
from sparkfeat.models.settings import ModelConfig, Problem
from sparkfeat.models.training import TrainingConfig, check_models

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

PAIRS = [(name, problem) for name, one in ALGORITHMS.items() for problem in one.estimators]


@pytest.mark.parametrize(("name", "problem"), PAIRS)
def test_the_table_says_what_mllib_can(name: str, problem: Problem) -> None:
    import inspect

    found, given = find_algorithm(name, problem), estimator_class(name, problem)
    arguments = set(inspect.signature(given.__init__).parameters)
    assert ("weightCol" in arguments) == found.weights
    assert ("seed" in arguments) == found.seeded
    if problem == "binary":
        assert hasattr(given, "probabilityCol") == found.probabilities
    for default in found.defaults:
        assert default in known_params(name, problem)
    assert not set(known_params(name, problem)) & OURS


def test_every_problem_has_a_default() -> None:
    for problem, name in DEFAULTS.items():
        assert problem in find_algorithm(name).estimators


@pytest.mark.parametrize(
    ("name", "problem", "told"),
    [
        (
            "random_forrest",
            "binary",
            r"No algorithm 'random_forrest' \(models\)\. Did you mean 'random_forest'\?",
        ),
        ("naive_bayes", "regression", "It is for binary and multiclass, and the problem is regression"),
        ("linear_regression", "binary", "linear_regression does not fit the problem"),
    ],
)
def test_an_algorithm_that_does_not_fit(name: str, problem: Problem, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        find_algorithm(name, problem)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"params": {"maxDeph": 3}}, r"decision_tree has no parameter 'maxDeph' .*Did you mean 'maxDepth'\?"),
        ({"params": {"maxDepth": "deep"}}, "maxDepth: 'deep' is no value for it"),
        ({"params": {"maxDepth": -1}}, "maxDepth: -1 is no value for it"),
        ({"search": {"impurity": ["gini", "ginny"]}}, "impurity: 'ginny' is no value for it"),
        (
            {"search": {"maxDepth": {"low": -3, "high": 4, "integer": True}}},
            "maxDepth: -3 is no value for it",
        ),
        ({"params": {"labelCol": "y"}}, "Training sets labelCol itself"),
        ({"params": {"seed": 3}}, "Training sets seed itself"),
        ({"params": {"maxDepth": 3}, "search": {"maxDepth": [3]}}, "maxDepth is in params and in search"),
    ],
)
def test_a_wrong_parameter(spark: SparkSession, given: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        check_model(ModelConfig.model_validate({"algorithm": "decision_tree", **given}), "binary")


@pytest.mark.parametrize(
    ("model", "problem", "told"),
    [
        ({"algorithm": "random_forrest"}, "auto", "Did you mean 'random_forest'"),
        ({"algorithm": "kmeans"}, "binary", "kmeans does not fit the problem"),
        ({"algorithm": "random_forest", "params": {"maxDeph": 3}}, "auto", "Did you mean 'maxDepth'"),
    ],
)
def test_names_are_checked_without_spark(model: dict[str, object], problem: Problem, told: str) -> None:
    config = TrainingConfig.model_validate({"problem": problem, "models": [model]})
    with pytest.raises(ConfigError, match=told):
        check_models(config)


def test_a_parameter_of_one_problem_passes_until_the_problem_is_known() -> None:
    tree = {"algorithm": "decision_tree", "params": {"varianceCol": "spread"}}
    check_models(TrainingConfig.model_validate({"models": [tree]}))
    with pytest.raises(ConfigError, match="no parameter 'varianceCol'"):
        check_models(TrainingConfig.model_validate({"problem": "binary", "models": [tree]}))


def test_layers_are_given_without_input_and_output(spark: SparkSession) -> None:
    def model(**params: object) -> ModelConfig:
        return ModelConfig.model_validate({"algorithm": "multilayer_perceptron", "params": params})

    check_model(model(hidden_layer_sizes=[8, 4]), "binary")
    made = make_estimator(
        "multilayer_perceptron", "multiclass", {"hidden_layer_sizes": [8, 4]}, layers=(5, 3)
    )
    assert made.getOrDefault("layers") == [5, 8, 4, 3]
    with pytest.raises(ConfigError, match="Give hidden_layer_sizes, without in- and output"):
        check_model(model(layers=[5, 8, 3]), "binary")
    with pytest.raises(ConfigError, match="is a list of sizes above 0"):
        check_model(model(hidden_layer_sizes=[0]), "binary")


def test_parameters_reach_mllib(spark: SparkSession) -> None:
    made = make_estimator(
        "gradient_boosted_trees", "binary", {"maxIter": 3}, seed=5, columns={"rawPredictionCol": "raw"}
    )
    found = {param.name: made.getOrDefault(param) for param in made.params if made.isDefined(param)}
    assert (found["maxIter"], found["seed"], found["rawPredictionCol"]) == (3, 5, "raw")
    assert make_estimator("naive_bayes", "binary", {}).getOrDefault("modelType") == "gaussian"


def test_the_documentation_lists_them_all(repository: Path) -> None:
    page = (repository / "docs" / "models.md").read_text(encoding="utf-8")
    table = page.partition("| algorithm |")[2].partition("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    assert [(name.strip("`"), problems, weights) for name, problems, weights, _ in rows] == [
        (name, ", ".join(one.estimators), "yes" if one.weights else "no") for name, one in ALGORITHMS.items()
    ]
