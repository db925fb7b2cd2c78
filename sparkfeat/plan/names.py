"""Column names inside a plan: the features' own where they can be told apart, else numbered."""

from __future__ import annotations

from sparkfeat.definitions import Feature, IdentityFeature
from sparkfeat.entityset import EntitySet

_OWN = "__"
"""What names that a plan makes for itself begin with."""


class Names:
    """Gives each feature one column name, unique within its table whatever the case of letters.

    No feature is called like a column of any table either: relations carry keys of other tables.
    """

    def __init__(self, entityset: EntitySet) -> None:
        columns = {name.casefold() for table in entityset.tables.values() for name in table.column_names}
        self._taken = {table: set(columns) for table in entityset.tables}
        self._aliases: dict[tuple[str, str], str] = {}

    def alias(self, feature: Feature) -> str:
        """Return the column that holds a feature's values; an identity's is the table's own."""
        if isinstance(feature, IdentityFeature):
            return feature.column
        if feature.key not in self._aliases:
            self._aliases[feature.key] = self._free(feature.table, feature.name)
        return self._aliases[feature.key]

    def _free(self, table: str, name: str) -> str:
        taken = self._taken[table]
        candidate, number = name, 1
        while candidate.casefold() in taken or candidate.startswith(_OWN):
            number += 1
            candidate = f"{name.lstrip('_')} #{number}"
        taken.add(candidate.casefold())
        return candidate
