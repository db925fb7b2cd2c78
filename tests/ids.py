"""Names of test cases that are the same in every process."""

from __future__ import annotations

import re


def plain(value: object) -> str:
    """Return how a value shows itself, without the place in memory that some objects tell."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))
