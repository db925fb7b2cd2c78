"""Sums over strictly earlier rows: what the transforms of the past are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

Series = pd.Series


def earlier(
    values: Series[Any] | float, times: Series[Any], keys: Sequence[Series[Any]], how: str = "sum"
) -> Series[Any]:
    """Return for each row the sum, or maximum, of the values of rows with the same keys and an earlier time.

    Rows of the same time do not see each other. A null key is a key of its own; a row without a time has
    null, and others do not see it.
    """
    rows = pd.DataFrame({"group": _groups(keys, times), "time": times, "value": values}, index=times.index)
    at_time = rows.groupby(["group", "time"])["value"].agg(how)
    so_far = at_time.groupby(level="group")
    before = (so_far.cumsum() if how == "sum" else so_far.cummax()).groupby(level="group").shift()
    found = before.reindex(pd.MultiIndex.from_frame(rows[["group", "time"]]))
    found.index = times.index
    return found.fillna(0).where(times.notna()) if how == "sum" else found


def _groups(keys: Sequence[Series[Any]], times: Series[Any]) -> Series[int]:
    """Return a number for each combination of keys."""
    if not keys:
        return pd.Series(0, index=times.index)
    codes = [pd.factorize(key.astype("object"), use_na_sentinel=False)[0] for key in keys]
    return pd.Series(pd.factorize(pd.MultiIndex.from_arrays(codes))[0], index=times.index)


def known(*keys: Series[Any]) -> Series[bool]:
    """Tell which rows have all keys."""
    return pd.concat([key.notna() for key in keys], axis=1).all(axis=1)
