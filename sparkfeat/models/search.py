"""Which candidates there are, and which one is best on the folds."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from statistics import fmean

from sparkfeat.engines.spark.session import get_session
from sparkfeat.errors import ConfigError, DataError
from sparkfeat.models.metrics import worth
from sparkfeat.models.settings import Metric, ModelConfig, Range, SearchConfig, Value

TRIES = 20
"""Draws for each candidate before a random search takes it that all have been drawn."""


@dataclass(frozen=True)
class Candidate:
    """An algorithm with all its parameters."""

    number: int
    algorithm: str
    params: Mapping[str, Value]


@dataclass(frozen=True)
class FoldScore:
    """How one candidate did on one fold.

    Args:
        candidate: its number, from 0 on, in the order of the configuration.
        fold: the fold's number, from 0 on.
        metric: value of the metric that candidates are compared by, on the fold's validation rows.
        seconds: how long fitting and scoring took.
    """

    candidate: int
    algorithm: str
    params: Mapping[str, Value]
    fold: int
    metric: float
    seconds: float


def find_candidates(models: Sequence[ModelConfig], config: SearchConfig, seed: int) -> tuple[Candidate, ...]:
    """Return all candidates, in the order of the configuration; random ones are the same for the same seed.

    Raises:
        ConfigError: a grid of a range.
    """
    found = [
        (model.algorithm, {**model.params, **values})
        for place, model in enumerate(models)
        for values in _values(model, config, f"{seed} {place}")
    ]
    return tuple(Candidate(number, algorithm, params) for number, (algorithm, params) in enumerate(found))


def _values(model: ModelConfig, config: SearchConfig, seed: str) -> Iterator[dict[str, Value]]:
    """Return the searched parameters of each candidate of one model."""
    if not model.search:
        return iter([{}])
    if config.method == "random":
        return _drawn(model.search, config.candidates, random.Random(seed))
    for key, values in model.search.items():
        if isinstance(values, Range):
            hint = "List its values, or set search.method: random"
            raise ConfigError(
                f"{key} is a range", where=f"models: {model.algorithm}", why="A grid needs values", hint=hint
            )
    return (dict(zip(model.search, values, strict=True)) for values in product(*_lists(model.search)))


def _lists(search: Mapping[str, list[Value] | Range]) -> Iterator[list[Value]]:
    return (values for values in search.values() if not isinstance(values, Range))


def _drawn(
    search: Mapping[str, list[Value] | Range], count: int, numbers: random.Random
) -> Iterator[dict[str, Value]]:
    seen: list[dict[str, Value]] = []
    for _ in range(count * TRIES):
        drawn = {key: _draw(values, numbers) for key, values in search.items()}
        if drawn not in seen:
            seen.append(drawn)
            yield drawn
        if len(seen) == count:
            return


def _draw(values: list[Value] | Range, numbers: random.Random) -> Value:
    if not isinstance(values, Range):
        return numbers.choice(values)
    if values.log:
        return values.shown(math.exp(numbers.uniform(math.log(values.low), math.log(values.high))))
    return values.shown(numbers.uniform(values.low, values.high))


Score = Callable[[Candidate, int], float]
"""Returns the metric of a candidate on the fold of that number."""


@dataclass(frozen=True)
class Found:
    """The best candidate and what was measured.

    Args:
        scores: one for each candidate that was fitted and each fold, in order.
        skipped: candidates that the budget left no time for.
    """

    best: Candidate
    scores: tuple[FoldScore, ...]
    skipped: int


def search(
    candidates: Sequence[Candidate],
    folds: int,
    score: Score,
    config: SearchConfig,
    metric: Metric,
    advance: Callable[[float], None],
) -> Found:
    """Return the candidate with the best mean over all folds; of several, the first.

    At least one candidate is fitted whatever the budget. Without a budget the result is the same every time.

    Args:
        advance: called with the percentage of candidates that are done.

    Raises:
        DataError: the metric is not defined for any candidate.
    """
    run = _Run(folds, score, config, time.monotonic())
    scores: list[FoldScore] = []
    for number, found in enumerate(_each(run.fitted, candidates, config.parallelism), start=1):
        scores += found
        advance(100 * number / len(candidates))
    fitted = {one.candidate for one in scores}
    best = max(
        (one for one in candidates if one.number in fitted), key=lambda one: _mean(scores, one, metric)
    )
    if _mean(scores, best, metric) == -math.inf:
        hint = "Compare by another metric, on fewer folds, or look at the rows of the folds"
        raise DataError(f"{metric} is not defined on any fold", where="search", hint=hint)
    return Found(best, tuple(scores), len(candidates) - len(fitted))


def _mean(scores: Sequence[FoldScore], candidate: Candidate, metric: Metric) -> float:
    return fmean(worth(metric, one.metric) for one in scores if one.candidate == candidate.number)


def _each(
    function: Callable[[Candidate], list[FoldScore]], candidates: Sequence[Candidate], parallelism: int
) -> Iterator[list[FoldScore]]:
    """Yield what the candidates give, in order; one after another for a client of Spark Connect.

    A client's session is that of its thread, and MLlib finds none in others.
    """
    from pyspark.sql.utils import is_remote

    if is_remote():
        yield from map(function, candidates)
        return
    with ThreadPoolExecutor(max_workers=parallelism) as pool:
        yield from pool.map(_inheriting(function), candidates)


def _inheriting(function: Callable[[Candidate], list[FoldScore]]) -> Callable[[Candidate], list[FoldScore]]:
    """Give threads the properties of this one, such as the job group by which Spark cancels jobs."""
    from pyspark import __version__, inheritable_thread_target

    found: Callable[[Candidate], list[FoldScore]]
    if __version__.startswith("3."):
        found = inheritable_thread_target(function)
    else:  # else Spark 4 warns that tags are lost
        found = inheritable_thread_target(get_session())(function)  # type: ignore[arg-type]
    return found


@dataclass(frozen=True)
class _Run:
    folds: int
    score: Score
    config: SearchConfig
    began: float

    def fitted(self, candidate: Candidate) -> list[FoldScore]:
        """Return the scores on all folds; none where the budget is spent."""
        budget = self.config.budget_seconds
        if budget is not None and candidate.number > 0 and time.monotonic() - self.began > budget:
            return []
        return [self._one(candidate, fold) for fold in range(self.folds)]

    def _one(self, candidate: Candidate, fold: int) -> FoldScore:
        began = time.monotonic()
        value = self.score(candidate, fold)
        seconds = round(time.monotonic() - began, 3)
        return FoldScore(candidate.number, candidate.algorithm, dict(candidate.params), fold, value, seconds)
