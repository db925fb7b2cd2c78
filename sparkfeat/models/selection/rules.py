"""The rules that features meet, in order; each returns feature -> why it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from sparkfeat.models.selection.counts import Counted, Floats, Summary
from sparkfeat.models.selection.results import Measured
from sparkfeat.models.selection.statistics import (
    anova,
    benjamini_hochberg,
    best_auc,
    chi2,
    explained,
    g_test,
    information_beyond_chance,
    regression_f,
)


def measured(
    names: Sequence[str],
    categorical: frozenset[int],
    summary: Mapping[int, Summary],
    counted: Mapping[int, Counted],
) -> dict[str, Measured]:
    """Return all measures of all features."""
    p_values = [_p_value(counted[n], n in categorical) for n in range(len(names))]
    q_values = benjamini_hochberg(p_values)
    return {
        name: Measured(
            name,
            "categorical" if n in categorical else "numeric",
            1 - summary[n].known / summary[n].rows,
            counted[n].same / counted[n].known if counted[n].known else 1.0,
            None if n in categorical else summary[n].variance,
            p_values[n],
            q_values[n],
            information_beyond_chance(counted[n].table),
            _alone(counted[n]),
        )
        for n, name in enumerate(names)
    }


def _p_value(counted: Counted, categorical: bool) -> float:
    """Return twice the smaller of two p-values: that a feature has two tests must not help it."""
    if categorical:
        own = chi2(counted.table[:-1])
    elif counted.label_squares:
        own = regression_f(counted.correlation, counted.known)
    else:
        own = anova(counted.groups)
    return min(1.0, 2 * min(own, g_test(counted.table)))


def _alone(counted: Counted) -> float:
    """Return how well the feature alone tells the label, on all rows or on those with a value."""
    known = counted.table[:-1]
    if counted.label_squares:
        return explained(counted.label_sums, counted.table.sum(axis=1), counted.label_squares)
    return max(best_auc(counted.table), best_auc(known) if known.sum() > 0.1 * counted.table.sum() else 0.5)


def mostly_null(found: Mapping[str, Measured], most: float) -> dict[str, str]:
    """Features without a value in more than a share of the rows."""
    return {
        one.name: f"{one.nulls:.1%} of the rows have no value" for one in found.values() if one.nulls > most
    }


def constant(found: Mapping[str, Measured], summary: Mapping[str, Summary], most: float) -> dict[str, str]:
    """Features with one value, or nearly so, in all rows."""
    reasons = {}
    for name, one in found.items():
        if summary[name].constant:
            reasons[name] = "every row has the same value"
        elif one.same * (1 - one.nulls) > most:
            reasons[name] = f"{one.same:.2%} of the rows have the same value"
    return reasons


def equal(
    names: Sequence[str], summary: Mapping[str, Summary], cheap: Callable[[str], float]
) -> dict[str, str]:
    """Features equal to another in every row; the cheapest stays, then the one with the shortest name."""
    groups: dict[tuple[int, int], list[str]] = {}
    for name in names:
        groups.setdefault(summary[name].content, []).append(name)
    reasons: dict[str, str] = {}
    for group in groups.values():
        first = min(group, key=lambda name: (cheap(name), len(name), name))
        reasons |= {name: f"equal to {first} in every row" for name in group if name != first}
    return reasons


def useless(found: Mapping[str, Measured], names: Sequence[str], rate: float) -> dict[str, str]:
    """Features that the tests do not tell from chance."""
    return {
        name: f"tells no more of the label than chance: q = {found[name].q_value:.2g}"
        for name in names
        if found[name].q_value > rate
    }


def correlated(
    names: Sequence[str],
    correlation: Floats,
    least: float,
    found: Mapping[str, Measured],
    cheap: Callable[[str], float],
) -> dict[str, str]:
    """Features of a cluster in which all pairs correlate; of each cluster the best stays.

    The best is the most informative, but one as informative within a tenth that costs less is better.
    """
    if len(names) < 2:
        return {}
    distance = np.clip(1 - np.abs(correlation), 0, None)
    np.fill_diagonal(distance, 0)
    clusters = fcluster(linkage(squareform(distance, checks=False), "complete"), 1 - least, "distance")
    reasons = {}
    for cluster in sorted(set(clusters)):
        places = [n for n, one in enumerate(clusters) if one == cluster]
        most = max(found[names[n]].information for n in places)
        near = [n for n in places if found[names[n]].information >= 0.9 * most]
        first = min(
            near, key=lambda n: (cheap(names[n]), -found[names[n]].information, len(names[n]), names[n])
        )
        for n in places:
            if n != first:
                reasons[names[n]] = f"correlates with {names[first]} ({correlation[n, first]:+.3f})"
    return reasons


def least_informative(found: Mapping[str, Measured], names: Sequence[str], most: int) -> dict[str, str]:
    """Features beyond a number of them."""
    order = sorted(names, key=lambda name: (-found[name].information, name))
    return {
        name: f"number {place} by information, {most} are wanted"
        for place, name in enumerate(order[most:], most + 1)
    }
