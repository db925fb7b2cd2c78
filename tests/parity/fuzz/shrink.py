"""A failing recipe made smaller: parts are left out as long as its script fails in the same way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from tests.parity.fuzz.examples import quiet
from tests.parity.fuzz.features import code_of, parts
from tests.parity.fuzz.recipe import Recipe, Table, features_of, run

SECONDS = 120.0
"""How long to look for something smaller."""


@dataclass
class Shrinker:
    """Makes recipes smaller that fail on an engine; `names` are variables of its scripts (spark)."""

    engine: str
    names: dict[str, Any]

    def failure(self, recipe: Recipe) -> str:
        """Return how the script of a recipe fails; empty where it does not."""
        session = "" if self.names.get("spark") is None else "\n# spark: a session"
        try:
            with quiet():
                run(recipe.script(self.engine, spark=session), **self.names)
        except AssertionError as error:
            # Featuretools may refuse what is left of a recipe: that would be another failure.
            return "differs" if "differs from Featuretools" in str(error) else "asserts"
        except Exception as error:  # noqa: BLE001 - an engine that crashes is a failure too
            return type(error).__name__
        return ""

    def shrink(self, recipe: Recipe) -> Recipe:
        """Return the smallest recipe found that fails as this one does."""
        end, kind = time.monotonic() + SECONDS, self.failure(recipe)
        smaller = True
        while smaller and kind:
            smaller = False
            for step in STEPS:
                for candidate in _all(step, recipe, lambda one: self.failure(one) == kind, end):
                    recipe, smaller = candidate, True
        return recipe


Step = Callable[[Recipe], Iterator[Recipe]]


def _all(step: Step, recipe: Recipe, fails: Callable[[Recipe], bool], end: float) -> Iterator[Recipe]:
    """Take what a step offers, again from every smaller recipe, until nothing that it offers fails."""
    found = True
    while found and time.monotonic() < end:
        found = False
        for candidate in step(recipe):
            if time.monotonic() > end:
                return
            if fails(candidate):
                recipe, found = candidate, True
                yield recipe
                break


def _one_feature(recipe: Recipe) -> Iterator[Recipe]:
    if len(recipe.features) > 1:
        yield from (replace(recipe, features=(code,)) for code in recipe.features)
        half = len(recipe.features) // 2
        yield from (
            replace(recipe, features=part) for part in (recipe.features[:half], recipe.features[half:])
        )


def _part_of_a_feature(recipe: Recipe) -> Iterator[Recipe]:
    if len(recipe.features) != 1:
        return
    with quiet():
        (feature,) = features_of(recipe)[1]
    for part in parts(feature)[1:]:
        yield replace(recipe, features=(code_of(part),))
        if part.dataframe_name != feature.dataframe_name:
            yield replace(recipe, features=(code_of(part),), options=_of_all_rows(recipe.options))


def _of_all_rows(options: dict[str, Any]) -> dict[str, Any]:
    """Return options that name no instances: all rows of a table at one time."""
    times = options.get("cutoff_time")
    shared = times["time"].max() if isinstance(times, pd.DataFrame) else times
    kept = {name: value for name, value in options.items() if name not in {"instance_ids", "cutoff_time"}}
    return kept if shared is None else kept | {"cutoff_time": shared}


def _fewer_options(recipe: Recipe) -> Iterator[Recipe]:
    for name in recipe.options:
        yield replace(recipe, options={key: value for key, value in recipe.options.items() if key != name})
    times = recipe.options.get("cutoff_time")
    if isinstance(times, pd.DataFrame):
        for column in times.columns[2:]:
            yield replace(recipe, options=recipe.options | {"cutoff_time": times.drop(columns=column)})
        for kept in _fewer(len(times)):
            fewer = times.iloc[kept].reset_index(drop=True)
            yield replace(recipe, options=recipe.options | {"cutoff_time": fewer})
    ids = recipe.options.get("instance_ids", [])
    for kept in _fewer(len(ids)):
        yield replace(recipe, options=recipe.options | {"instance_ids": [ids[at] for at in kept]})


def _fewer_tables(recipe: Recipe) -> Iterator[Recipe]:
    for table in recipe.tables:
        links = tuple(link for link in recipe.links if table.name not in link[:2])
        yield replace(recipe, tables=tuple(one for one in recipe.tables if one is not table), links=links)
    for link in recipe.links:
        yield replace(recipe, links=tuple(one for one in recipe.links if one != link))
    if recipe.last_times:
        yield replace(recipe, last_times=False)


def _fewer_columns(recipe: Recipe) -> Iterator[Recipe]:
    for table in recipe.tables:
        if table.secondary:
            yield _with(recipe, table, replace(table, secondary={}))
        for name in sorted(set(table.columns) - {"id"}):
            yield _with(recipe, table, _without(table, name))


def _without(table: Table, name: str) -> Table:
    columns = {key: values for key, values in table.columns.items() if key != name}
    types = {key: code for key, code in table.types.items() if key != name}
    secondary = {
        key: [one for one in hidden if one != name] for key, hidden in table.secondary.items() if key != name
    }
    left = {key: hidden for key, hidden in secondary.items() if hidden}
    return Table(table.name, columns, types, None if table.time_index == name else table.time_index, left)


def _fewer_rows(recipe: Recipe) -> Iterator[Recipe]:
    for table in recipe.tables:
        for kept in _fewer(table.rows):
            columns = {name: [values[at] for at in kept] for name, values in table.columns.items()}
            yield _with(recipe, table, replace(table, columns=columns))


def _fewer(count: int) -> Iterator[list[int]]:
    """Yield what is left of so many when a half is taken out, then a quarter, ... then one."""
    size = (count + 1) // 2
    while size and count:
        for start in range(0, count, size):
            yield [at for at in range(count) if not start <= at < start + size]
        size = size // 2


def _with(recipe: Recipe, old: Table, new: Table) -> Recipe:
    return replace(recipe, tables=tuple(new if one is old else one for one in recipe.tables))


STEPS: tuple[Step, ...] = (
    _one_feature,
    _part_of_a_feature,
    _fewer_tables,
    _fewer_options,
    _fewer_rows,
    _fewer_columns,
)
