"""The planted label: a known function of what a customer did before the cutoff, with some labels flipped.

    score = INTERCEPT + sum of weight * (value - centre) / scale over TERMS
    label = 1 if score > 0 else 0, then flipped with probability NOISE

The values are those of `Term.meaning`, computed on rows with cutoff - window < time <= cutoff. Afterwards
the world follows the label: who has label 1 buys within HORIZON_DAYS of the cutoff, who has label 0 never
buys again. So any feature that sees rows after the cutoff knows the label, and so does the decoy column.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from sparkfeat.pipelines.shop import schema
from sparkfeat.pipelines.shop.world import DAY, Flags, Floats, Ints

HORIZON_DAYS = 60
NOISE = 0.05
INTERCEPT = 0.0
NEVER_BOUGHT_DAYS = 365.0


@dataclass(frozen=True)
class Term:
    """One planted feature: what it is, how it is standardised, what it weighs."""

    name: str
    table: str
    meaning: str
    window_days: int | None  # None: everything up to the cutoff
    logarithm: bool  # log(1 + value) before standardising
    centre: float
    scale: float
    weight: float


TERMS = (
    Term("amount_30d", "transactions", "sum of amount, nulls skipped", 30, True, 1.7, 2.2, 1.0),
    Term("sessions_14d", "sessions", "number of sessions", 14, True, 0.33, 0.53, 0.9),
    Term("mobile_share", "sessions", "share of is_mobile, 0.5 without sessions", None, False, 0.5, 0.32, 1.4),
    Term("recency", "transactions", "days since the last row, 365 without one", None, True, 3.8, 1.4, -1.0),
)


@dataclass(frozen=True)
class Events:
    """Rows of one kind: whose they are (position of the customer), when, and a value."""

    owner: Ints
    time: Ints
    value: Floats


def labels(rng: Generator, cutoff: Ints, sessions: Events, transactions: Events) -> tuple[Ints, Flags]:
    """Return the label of each customer, and which labels were flipped.

    Args:
        rng: the chunk's generator, for the flips.
        cutoff: each customer's cutoff time.
        sessions: all sessions up to the cutoff; the value is 1 for a telephone, else 0.
        transactions: all transactions up to the cutoff; the value is the amount, NaN where unknown.
    """
    score = planted_score(planted_values(cutoff, sessions, transactions))
    flipped = rng.random(len(cutoff)) < NOISE
    return ((score > 0) ^ flipped).astype(np.int64), flipped


def planted_values(cutoff: Ints, sessions: Events, transactions: Events) -> dict[str, Floats]:
    """Return the raw value of every term for every customer."""
    count = len(cutoff)
    recent = transactions.time > cutoff[transactions.owner] - 30 * DAY
    amount = np.where(recent, np.nan_to_num(transactions.value), 0.0)
    recent_sessions = (sessions.time > cutoff[sessions.owner] - 14 * DAY).astype(float)
    visits = np.bincount(sessions.owner, minlength=count)
    mobile = np.bincount(sessions.owner, sessions.value, count)
    last = np.full(count, np.iinfo(np.int64).min)
    np.maximum.at(last, transactions.owner, transactions.time)
    bought = np.bincount(transactions.owner, minlength=count) > 0
    return {
        "amount_30d": np.bincount(transactions.owner, amount, count),
        "sessions_14d": np.bincount(sessions.owner, recent_sessions, count),
        "mobile_share": np.where(visits > 0, mobile / np.maximum(visits, 1), 0.5),
        "recency": np.where(bought, (cutoff - np.where(bought, last, 0)) / DAY, NEVER_BOUGHT_DAYS),
    }


def planted_score(values: dict[str, Floats]) -> Floats:
    """Return the score that is positive where the label is 1 before flipping."""
    parts = [term.weight * _standardised(term, values[term.name]) for term in TERMS]
    return np.asarray(INTERCEPT + np.sum(parts, axis=0))


def truth() -> dict[str, Any]:
    """Return what was planted, as plain data for truth.json."""
    return {
        "label": {
            "file": f"{schema.LABELS}.parquet",
            "meaning": f"bought again within {HORIZON_DAYS} days after the cutoff; 0: never again",
            "function": "score = intercept + sum(weight * (f(value) - centre) / scale); f is log(1 + x) "
            "where logarithm is true, else x; label = score > 0, then flipped with probability noise",
            "rows": "cutoff - window_days < time <= cutoff; window_days null: time <= cutoff",
            "intercept": INTERCEPT,
            "noise": NOISE,
            "terms": [asdict(term) for term in TERMS],
        },
        "decoys": [
            {
                "table": schema.DECOY_TABLE,
                "column": schema.DECOY_COLUMN,
                "why": "counted back from the day of the export, not from the cutoff: it knows the purchases "
                "after the cutoff, which follow the label",
            }
        ],
    }


def _standardised(term: Term, values: Floats) -> Floats:
    return ((np.log1p(values) if term.logarithm else values) - term.centre) / term.scale
