"""Smoothing along the row order: the primitives that SQL cannot compute, with the reasons."""

from __future__ import annotations

_RECURSIVE = (
    "each value is folded into the one before, whose weight shrinks below what a number can hold: "
    "SQL has no fold over rows"
)

SMOOTHING: dict[str, str] = {
    "exponential_weighted_average": _RECURSIVE,
    "exponential_weighted_std": _RECURSIVE,
    "exponential_weighted_variance": _RECURSIVE,
    "savgol_filter": "the filter's length and coefficients follow from how many rows there are: "
    "a matrix is solved for them, which SQL has no means for",
}
