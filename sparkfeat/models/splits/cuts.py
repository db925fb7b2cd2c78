"""Where to cut an ordered row of counts so that the parts come near the wanted shares."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def nearest_cuts(counts: Sequence[int], shares: Sequence[float], *, filled: bool = False) -> list[int] | None:
    """Return for each part but the first the index of its first count.

    Args:
        counts: rows of each place, in order.
        shares: the wanted share of each part; they add up to 1.
        filled: every part gets at least one place.

    Returns:
        None where there are fewer places than parts to fill.
    """
    least = 1 if filled else 0
    if len(counts) < least * len(shares):
        return None
    before = [0, *accumulate(counts)]
    cuts: list[int] = []
    wanted = 0.0
    for part, share in enumerate(shares[:-1]):
        wanted += share * before[-1]
        first = (cuts[-1] if cuts else 0) + least
        last = len(counts) - least * (len(shares) - 1 - part)
        cuts.append(min(range(first, last + 1), key=lambda cut: abs(before[cut] - wanted)))
    return cuts
