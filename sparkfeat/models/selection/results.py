"""What a selection found and decided, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Measured:
    """What is known of one feature on the pilot rows.

    Args:
        name: the feature's column.
        kind: 'numeric' (booleans and times are numbers too) or 'categorical'.
        nulls: share of rows without a value; NaN and infinite count as none.
        same: share of rows with the most frequent value (numeric: the median), among those with one.
        variance: of numeric features.
        p_value: of the hypothesis that the feature tells nothing; twice the smaller one of two tests, of its
            mean (ANOVA, F of a regression, or chi2 for categories) and of its binned values (G test).
        q_value: the same with false discoveries of all features controlled (Benjamini-Hochberg).
        information: mutual information with the label in nats, of binned values, less what chance gives.
        alone: AUC of the best use of its binned values alone; for numbers, R2.
        importance: share in a forest; None where none was grown.
        seconds: what computing it alone took on the pilot, with all it needs.
    """

    name: str
    kind: str
    nulls: float
    same: float
    variance: float | None
    p_value: float
    q_value: float
    information: float
    alone: float
    importance: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Decision:
    """Whether a feature stays, and if not which rule it met and why."""

    name: str
    kept: bool
    rule: str = ""
    why: str = ""
    suspicious: str = ""


@dataclass(frozen=True)
class Selection:
    """All decisions, in the order of the table's columns, and what they rest on.

    Args:
        rows: of the pilot.
        decisions: one for each feature.
        measured: by feature.
        seconds_before, seconds_after: what computing the pilot's features took by the profile, and what those
            kept take of it; None without a profile.
        wrapper: features in the order in which the wrapper took or left them, with the R2 on held back rows.
    """

    rows: int
    decisions: tuple[Decision, ...]
    measured: Mapping[str, Measured]
    seconds_before: float | None = None
    seconds_after: float | None = None
    wrapper: tuple[tuple[str, float], ...] = ()

    @property
    def kept(self) -> tuple[str, ...]:
        """Names of the features that stay."""
        return tuple(one.name for one in self.decisions if one.kept)

    @property
    def suspicious(self) -> dict[str, str]:
        """The features that may know the future, with the reason."""
        return {one.name: one.suspicious for one in self.decisions if one.suspicious}

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain data for JSON."""
        return asdict(self)
