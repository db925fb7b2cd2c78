"""The rows of a training: its parts and its folds, labelled, counted and checked."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sparkfeat.models.roles import Roles
from sparkfeat.models.splits import Fold, Split, folds
from sparkfeat.models.splits import split as make_split
from sparkfeat.models.splits.check import check_split
from sparkfeat.models.splits.parts import PARTS
from sparkfeat.models.training.checks import check_part, summarize
from sparkfeat.models.training.model import PartSummary
from sparkfeat.models.training.plan import Plan
from sparkfeat.models.training.usable import find_usable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Parts:
    """Labelled rows.

    Args:
        roles: without features that cannot be learned from.
        told: warnings.
    """

    train: DataFrame
    validation: DataFrame
    split: Split
    summaries: tuple[PartSummary, ...]
    roles: Roles
    told: tuple[str, ...]


def find_parts(table: DataFrame, given: Split | None, plan: Plan, kept: ExitStack) -> Parts:
    """Split, label, count and check rows.

    Args:
        given: parts made before; they are checked if a method of this package did not make them.
        kept: closes what is kept in memory, or on disk: the rows to learn from and to choose by.

    Raises:
        UserInputError: rows that cannot be split, or learned from.
    """
    split = given or make_split(table, plan.roles, plan.config.split)
    if given is not None and given.method == "column":
        check_split(given.train, given.validation, given.test, plan.roles, plan.config.split.group)
    train, validation, test = (
        plan.labels.indexed(part) for part in (split.train, split.validation, split.test)
    )
    for part in (train, validation):
        part.persist()
        kept.callback(part.unpersist)
    parts = zip((train, validation, test), PARTS, strict=True)
    summaries = tuple(summarize(part, name, plan.roles, plan.labels) for part, name in parts)
    for summary in summaries:
        if summary.name != "test" or summary.rows:
            check_part(summary, plan.labels, learned_from=summary.name == "train")
    told = (
        ()
        if summaries[2].rows
        else ("There are no test rows: nothing tells how good the model is on new ones",)
    )
    if plan.labels.problem == "recommendation":
        return Parts(train, validation, split, summaries, plan.roles, told)
    usable = find_usable(train, plan.roles)
    return Parts(train, validation, split, summaries, usable.roles, told + usable.told)


def find_folds(parts: Parts, plan: Plan) -> tuple[Fold, ...]:
    """Return checked folds of the training rows; without folds, the training and the validation rows.

    Raises:
        UserInputError: too few rows, times or groups, or a class that is missing.
    """
    if not plan.folds:
        return (Fold(parts.train, parts.validation),)
    found = folds(parts.train, plan.roles, plan.config.split, parts.split.method, plan.folds)
    for number, fold in enumerate(found, start=1):
        for name, rows, learned_from in (("train", fold.train, True), ("validation", fold.validation, False)):
            summary = summarize(rows, name, plan.roles, plan.labels)
            named = replace(summary, name=f"Fold {number}'s {name}")
            check_part(named, plan.labels, learned_from=learned_from)
    return found
