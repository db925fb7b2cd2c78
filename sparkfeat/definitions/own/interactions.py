"""Who had to do with what before: functions of a table of interactions, for recommenders.

Everything is counted over the rows with a strictly earlier time; rows of the same time do not see each
other. A row without one of its keys or a time has a null.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from sparkfeat.definitions.own.base import (
    CATEGORY,
    COUNT,
    DOUBLE,
    KEY,
    TIME_INDEX,
    Function,
    Inputs,
    OwnTransform,
    checked_unit,
    in_unit,
)
from sparkfeat.definitions.own.history import earlier, known

Series = pd.Series

_KINDS = (KEY, CATEGORY)
_PAIRS = [[*pair, TIME_INDEX] for pair in product(_KINDS, _KINDS)]


class PairCount(OwnTransform):
    """How many earlier interactions there were of this user with this item.

    Inputs: the user, the item, the time index.
    """

    name = "pair_count"
    input_types: ClassVar[Inputs] = _PAIRS
    return_type = COUNT

    def get_function(self) -> Function:
        """Return the function of users, items and times."""

        def count(users: Series[Any], items: Series[Any], times: Series[Any]) -> Any:
            return earlier(1, times, [users, items]).where(known(users, items))

        return count


class TimeSincePair(OwnTransform):
    """The time since the latest earlier interaction of this user with this item; null where there was none.

    Inputs: the user, the item, the time index.

    Args:
        unit: "seconds" (default), "days", "hours", ... as in Featuretools.

    Raises:
        DefinitionError: an unknown unit.
    """

    name = "time_since_pair"
    input_types: ClassVar[Inputs] = _PAIRS
    return_type = DOUBLE

    def __init__(self, unit: str = "seconds") -> None:
        self.unit = checked_unit(unit)

    def get_function(self) -> Function:
        """Return the function of users, items and times."""

        def since(users: Series[Any], items: Series[Any], times: Series[Any]) -> Any:
            latest = earlier(times, times, [users, items], "max").where(known(users, items))
            return (times - latest).dt.total_seconds() * in_unit(1, self.unit)

        return since


class ItemPopularity(OwnTransform):
    """How many earlier interactions there were with this item, of any user.

    Inputs: the item, the time index.
    """

    name = "item_popularity"
    input_types: ClassVar[Inputs] = [[kind, TIME_INDEX] for kind in _KINDS]
    return_type = COUNT

    def get_function(self) -> Function:
        """Return the function of items and times."""

        def count(items: Series[Any], times: Series[Any]) -> Any:
            return earlier(1, times, [items]).where(known(items))

        return count


class PopularityWithinCategory(OwnTransform):
    """The share of the earlier interactions in this item's category that were with this item.

    Null where there was none in the category.

    Inputs: the item, its category, the time index.
    """

    name = "popularity_within_category"
    input_types: ClassVar[Inputs] = _PAIRS
    return_type = DOUBLE

    def get_function(self) -> Function:
        """Return the function of items, categories and times."""

        def share(items: Series[Any], categories: Series[Any], times: Series[Any]) -> Any:
            with_item, all_ = earlier(1, times, [items, categories]), earlier(1, times, [categories])
            return with_item / all_.where(known(items, categories) & (all_ > 0))

        return share


class CoCount(OwnTransform):
    """How often this item went with those that the user knows: co-occurrence, as item-based recommenders use.

    The sum, over the different items that the user had to do with earlier, of the number of different other
    users that earlier had to do with both that item and this one; this item counts as one of them where the
    user had to do with it. It has no SQL: its function computes it, in time and memory that grow with the
    users of an item times the items of a user.

    Inputs: the user, the item, the time index.
    """

    name = "co_count"
    input_types: ClassVar[Inputs] = _PAIRS
    return_type = COUNT

    def get_function(self) -> Function:
        """Return the function of users, items and times."""

        def count(users: Series[Any], items: Series[Any], times: Series[Any]) -> Any:
            found = pd.Series(np.nan, index=times.index)
            rows = pd.DataFrame({"user": users, "item": items, "time": times})[known(users, items, times)]
            seen = _Seen()
            for _, together in rows.groupby("time"):
                pairs = list(zip(together["user"], together["item"], strict=True))
                found.loc[together.index] = np.array([seen.co_count(*pair) for pair in pairs])
                for pair in pairs:
                    seen.add(*pair)
            return found

        return count


class _Seen:
    """Which items users had to do with so far, and the other way round."""

    def __init__(self) -> None:
        self._items: defaultdict[Any, set[Any]] = defaultdict(set)
        self._users: defaultdict[Any, set[Any]] = defaultdict(set)

    def add(self, user: Any, item: Any) -> None:
        self._items[user].add(item)
        self._users[item].add(user)

    def co_count(self, user: Any, item: Any) -> int:
        mine = self._items[user]
        return sum(len(mine & self._items[other]) for other in self._users[item] if other != user)
