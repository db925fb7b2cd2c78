"""Linear regressions from sums of products."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparkfeat.models.matrices import Matrix

if TYPE_CHECKING:
    from sparkfeat.models.preprocessing.patterns import Sums


_PRIOR = 1e-6
"""Shape and rate of both gamma distributions."""
_ROUNDS = 300
_CLOSE = 1e-3


def least_squares(sums: Sums) -> tuple[float, Matrix]:
    """Return intercept and weights of ordinary least squares; the smallest weights of several solutions."""
    weights = np.linalg.lstsq(sums.products, sums.responses, rcond=1e-12)[0]
    return _with_intercept(sums, weights)


def bayesian_ridge(sums: Sums) -> tuple[float, Matrix]:
    """Return intercept and weights of Bayesian ridge regression with both precisions estimated.

    MacKay (1992), with the priors and the rule to stop of scikit-learn's BayesianRidge.
    """
    values, vectors = np.linalg.eigh(sums.products)
    values = np.maximum(values, 0.0)
    noise, ridge = 1 / (sums.square / sums.count + float(np.finfo(float).eps)), 1.0
    last: Matrix | None = None
    for _ in range(_ROUNDS):
        weights, error = _weights(sums, values, vectors, ridge / noise)
        used = float(np.sum(noise * values / (ridge + noise * values)))
        ridge = (used + 2 * _PRIOR) / (float(weights @ weights) + 2 * _PRIOR)
        noise = (sums.count - used + 2 * _PRIOR) / (error + 2 * _PRIOR)
        if last is not None and np.abs(last - weights).sum() < _CLOSE:
            break
        last = weights
    return _with_intercept(sums, _weights(sums, values, vectors, ridge / noise)[0])


def _weights(sums: Sums, values: Matrix, vectors: Matrix, penalty: float) -> tuple[Matrix, float]:
    """Return the weights for a penalty and the sum of squared errors."""
    weights: Matrix = vectors @ ((vectors.T @ sums.responses) / (values + penalty))
    error = sums.square - 2 * float(weights @ sums.responses) + float(weights @ sums.products @ weights)
    return weights, max(error, 0.0)


def _with_intercept(sums: Sums, weights: Matrix) -> tuple[float, Matrix]:
    return sums.mean - float(sums.means @ weights), weights
