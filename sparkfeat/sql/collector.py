"""Python's garbage collector, kept out of the making of queries."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Stop looking for cycles inside the block: expressions are many, small, and all in use.

    The collector goes through all objects of the process again and again while a tree grows; it took up to
    half of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
