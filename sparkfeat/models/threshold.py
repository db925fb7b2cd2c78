"""From which score on a row is positive."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChosenThreshold:
    """A threshold and what it gives on the validation rows.

    Args:
        value: rows with `score >= value` are positive.
        method: how it was chosen: fixed, f1, cost, precision or recall.
        reached: whether a target precision or recall was reached; True for the other methods.
        precision, recall, f1: of the positive class; precision is 1 where nothing is predicted positive.
        cost: mean cost of a row; None without a cost matrix.
    """

    value: float
    method: str
    reached: bool
    precision: float
    recall: float
    f1: float
    cost: float | None = None
