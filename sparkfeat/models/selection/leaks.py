"""Features that may know the future."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sparkfeat.models.names import quoted
from sparkfeat.models.selection.long import Subject
from sparkfeat.models.selection.results import Measured

CHANCE = 0.001
"""What may tell the label by chance with a higher probability is not suspicious, as values of few rows."""


def suspicious(
    found: Mapping[str, Measured],
    least: float,
    sources: Mapping[str, frozenset[str]],
    leaking: Iterable[str],
    raw: Mapping[str, str],
    *,
    regression: bool,
) -> dict[str, str]:
    """Return the features that may know the future, with the reason.

    A feature that tells the label nearly alone, and not by chance, is one. Where it is a column as it is,
    that column is taken to know the future, and so is everything made of it; as is what is made of the
    columns named as leaking.

    Args:
        found: measures of all features.
        least: AUC, or R2, from which on a feature alone is suspicious.
        sources: feature -> the columns it is made of, as dataframe.column.
        leaking: columns that are known to know the future.
        raw: feature -> the column that it is as it is.
        regression: whether the measure is R2.
    """
    measure = "R2" if regression else "AUC"
    reasons = {
        name: f"tells the label suspiciously well alone: {measure} {one.alone:.3f}"
        for name, one in found.items()
        if one.alone >= least and one.p_value < CHANCE
    }
    known = dict.fromkeys(leaking, "which is named as leaking")
    known |= {raw[name]: "which tells the label suspiciously well alone" for name in reasons if name in raw}
    for name in found:
        for column, why in known.items():
            if name not in reasons and column in sources.get(name, ()):
                reasons[name] = f"made of {column}, {why}"
    return reasons


def after_cutoff(subject: Subject) -> dict[str, str]:
    """Return the features that are times after the cutoff time in some rows."""
    from pyspark.sql import functions as fn

    roles = subject.roles
    if roles.cutoff_time is None or not roles.times:
        return {}
    until = quoted(roles.cutoff_time).cast("timestamp")
    later = [
        fn.avg(fn.when(quoted(name).cast("timestamp") > until, 1.0).otherwise(0.0)) for name in roles.times
    ]
    shares = subject.table.agg(fn.array(*later).alias("shares")).collect()[0]["shares"]
    return {
        name: f"lies after the cutoff time in {share:.1%} of the rows"
        for name, share in zip(roles.times, shares, strict=True)
        if share
    }
