"""Candidates and the best of them, without Spark's models."""

from __future__ import annotations

import math
import threading
import time

import pytest
from pydantic import ValidationError

from sparkfeat.errors import ConfigError, DataError
from sparkfeat.models import search as module
from sparkfeat.models.metrics import find_metric, worth
from sparkfeat.models.search import Candidate, find_candidates, search
from sparkfeat.models.settings import ModelConfig, Range, SearchConfig

TREES = ModelConfig.model_validate(
    {
        "algorithm": "decision_tree",
        "params": {"maxBins": 16},
        "search": {"maxDepth": [2, 4], "minInfoGain": [0.0, 0.1]},
    }
)
DRAWN = ModelConfig.model_validate(
    {
        "algorithm": "logistic_regression",
        "search": {
            "regParam": {"low": 1e-4, "high": 1, "log": True},
            "maxIter": {"low": 5, "high": 9, "integer": True},
        },
    }
)


@pytest.fixture(autouse=True)
def _without_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_inheriting", lambda function: function)


def test_a_grid_has_every_combination_in_order() -> None:
    found = find_candidates([TREES, ModelConfig(algorithm="random_forest")], SearchConfig(), 0)
    assert [one.number for one in found] == [0, 1, 2, 3, 4]
    assert [(one.params.get("maxDepth"), one.params.get("minInfoGain")) for one in found] == [
        (2, 0.0),
        (2, 0.1),
        (4, 0.0),
        (4, 0.1),
        (None, None),
    ]
    assert [one.params.get("maxBins") for one in found] == [16, 16, 16, 16, None]


def test_random_candidates_depend_on_the_seed_only() -> None:
    config = SearchConfig(method="random", candidates=30)
    found = find_candidates([DRAWN], config, 7)
    assert found == find_candidates([DRAWN], config, 7)
    assert found != find_candidates([DRAWN], config, 8)
    assert len(found) == 30
    penalties = [float(str(one.params["regParam"])) for one in found]
    assert all(1e-4 <= penalty <= 1 for penalty in penalties)
    assert sum(penalty < 1e-2 for penalty in penalties) in range(
        8, 23
    )  # half of them, on the scale of logarithms
    assert {one.params["maxIter"] for one in found} == {5, 6, 7, 8, 9}


def test_a_small_space_is_drawn_once() -> None:
    found = find_candidates([TREES], SearchConfig(method="random", candidates=50), 0)
    assert len(found) == 4
    assert len({str(one.params) for one in found}) == 4


def test_a_grid_of_a_range() -> None:
    with pytest.raises(ConfigError, match=r"regParam is a range .*A grid needs values"):
        find_candidates([DRAWN], SearchConfig(), 0)


def test_a_wrong_range() -> None:
    for given in ({"low": 2, "high": 1}, {"low": 0, "high": 1, "log": True}):
        with pytest.raises(ValidationError):
            Range.model_validate(given)


CANDIDATES = tuple(Candidate(number, "decision_tree", {"maxDepth": number}) for number in range(4))
VALUES = [[0.5, 0.7], [0.9, 0.1], [0.6, 0.6], [0.65, 0.65]]


def nothing(percent: float) -> None:
    """Show nothing."""


def test_the_best_mean_wins_and_the_first_of_equals() -> None:
    told: list[float] = []
    found = search(
        CANDIDATES, 2, lambda one, fold: VALUES[one.number][fold], SearchConfig(), "roc_auc", told.append
    )
    assert found.best.number == 3
    assert [(one.candidate, one.fold, one.metric) for one in found.scores] == [
        (candidate, fold, VALUES[candidate][fold]) for candidate in range(4) for fold in range(2)
    ]
    assert told == [25, 50, 75, 100]
    found = search(
        CANDIDATES, 2, lambda one, fold: VALUES[one.number][fold], SearchConfig(), "log_loss", nothing
    )
    assert found.best.number == 1
    assert search(CANDIDATES, 1, lambda one, fold: 0.5, SearchConfig(), "f1", nothing).best.number == 0


def test_what_is_no_number_never_wins() -> None:
    found = search(
        CANDIDATES, 1, lambda one, fold: math.nan if one.number else -5.0, SearchConfig(), "r2", nothing
    )
    assert found.best.number == 0
    with pytest.raises(DataError, match="r2 is not defined on any fold"):
        search(CANDIDATES, 1, lambda one, fold: math.nan, SearchConfig(), "r2", nothing)


def test_a_budget_ends_the_search_between_candidates() -> None:
    def slow(one: Candidate, fold: int) -> float:
        time.sleep(0.05)
        return float(one.number)

    config = SearchConfig(budget_seconds=0.001, parallelism=1)
    found = search(CANDIDATES, 2, slow, config, "f1", nothing)
    assert (found.best.number, found.skipped) == (0, 3)
    assert [(one.candidate, one.fold) for one in found.scores] == [(0, 0), (0, 1)]


def test_candidates_are_fitted_side_by_side() -> None:
    both = threading.Barrier(2, timeout=20)

    def meet(one: Candidate, fold: int) -> float:
        both.wait()
        return 0.0

    search(CANDIDATES, 1, meet, SearchConfig(parallelism=2), "f1", nothing)


def test_metrics_of_problems() -> None:
    assert find_metric(None, "binary") == "average_precision"
    assert find_metric("mae", "regression") == "mae"
    with pytest.raises(ConfigError, match=r"roc_auc does not fit the problem .*It is multiclass"):
        find_metric("roc_auc", "multiclass")
    assert worth("rmse", 2.0) < worth("rmse", 1.0)
    assert worth("r2", math.nan) == -math.inf
