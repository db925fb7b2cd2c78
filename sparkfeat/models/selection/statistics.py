"""Tests and measures of one feature against the label, from counts alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]


def anova(groups: Sequence[tuple[int, float, float]]) -> float:
    """Return the p-value of equal means in all groups; 1 where it cannot be told.

    Args:
        groups: (rows, mean, population variance) of each; the F test is that of scikit-learn's `f_classif`.
    """
    rows = np.array([group[0] for group in groups], dtype=float)
    if len(groups) < 2 or rows.sum() <= len(groups):
        return 1.0
    mean = np.array([group[1] for group in groups])
    within = float((rows * np.array([group[2] for group in groups])).sum())
    between = float((rows * (mean - np.average(mean, weights=rows)) ** 2).sum())
    if within <= 0:
        return 0.0 if between > 0 else 1.0
    free = rows.sum() - len(groups)
    return float(stats.f.sf(between / (len(groups) - 1) / (within / free), len(groups) - 1, free))


def regression_f(correlation: float | None, rows: int) -> float:
    """Return the p-value of no linear relation, as scikit-learn's `f_regression`."""
    if correlation is None or not np.isfinite(correlation) or rows < 3:
        return 1.0
    square = min(correlation**2, 1.0)
    statistic = np.inf if square == 1 else square / (1 - square) * (rows - 2)
    return float(stats.f.sf(statistic, 1, rows - 2))


def chi2(table: Floats) -> float:
    """Return the p-value of Pearson's test of independence; empty rows and columns do not count."""
    filled = _filled(table)
    if min(filled.shape) < 2:
        return 1.0
    expected = _expected(filled)
    return float(stats.chi2.sf(((filled - expected) ** 2 / expected).sum(), _free(filled)))


def mutual_information(table: Floats) -> float:
    """Return the mutual information of rows and columns in nats, as scikit-learn's `mutual_info_score`."""
    filled = _filled(table)
    if min(filled.shape, default=0) < 2:
        return 0.0
    share = filled / filled.sum()
    some = share > 0
    ratio = share[some] / (_expected(filled) / filled.sum())[some]
    return float((share[some] * np.log(ratio)).sum())


def g_test(table: Floats) -> float:
    """Return the p-value of independence by the mutual information (G test)."""
    filled = _filled(table)
    if min(filled.shape, default=0) < 2:
        return 1.0
    return float(stats.chi2.sf(2 * filled.sum() * mutual_information(filled), _free(filled)))


def information_beyond_chance(table: Floats) -> float:
    """Return the mutual information less what independent rows have on average; at least 0."""
    filled = _filled(table)
    if min(filled.shape, default=0) < 2:
        return 0.0
    chance = _free(filled) / (2 * float(filled.sum()))
    return max(0.0, mutual_information(filled) - chance)


def best_auc(table: Floats) -> float:
    """Return the AUC of the bins ordered by their share of a class, the best of all classes.

    The best that any rule on these bins does; equal shares count half.
    """
    return max(
        (_ordered_auc(table[:, n], table.sum(axis=1) - table[:, n]) for n in range(table.shape[1])),
        default=0.5,
    )


def _ordered_auc(ones: Floats, others: Floats) -> float:
    if not ones.sum() or not others.sum():
        return 0.5
    share = ones / np.maximum(ones + others, 1)
    order = np.argsort(-share, kind="stable")
    ones, others = ones[order], others[order]
    below: Floats = others.sum() - others.cumsum() + others / 2
    return float((ones * below).sum() / (ones.sum() * others.sum()))


def explained(sums: Floats, rows: Floats, variance: float) -> float:
    """Return R2 of predicting the mean label of each bin, adjusted for their number.

    Args:
        sums: sum of the labels in each bin.
        rows: rows of each bin.
        variance: population variance of all labels.
    """
    total, some = rows.sum(), rows > 0
    free = total - some.sum()
    if variance <= 0 or free <= 0:
        return 0.0
    mean = sums[some] / rows[some]
    between = (rows[some] * (mean - sums.sum() / total) ** 2).sum() / total
    return max(0.0, float(1 - (1 - between / variance) * (total - 1) / free))


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return q-values: the false discovery rate at which each hypothesis is just rejected."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty_like(p)
    q[order] = np.minimum.accumulate(scaled[::-1])[::-1].clip(max=1)
    return [float(value) for value in q]


def _filled(table: Floats) -> Floats:
    kept = table[table.sum(axis=1) > 0]
    found: Floats = kept[:, kept.sum(axis=0) > 0]
    return found


def _expected(table: Floats) -> Floats:
    found: Floats = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    return found


def _free(table: Floats) -> int:
    return (table.shape[0] - 1) * (table.shape[1] - 1)
