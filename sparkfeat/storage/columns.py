"""Columns as Athena and the Glue Data Catalog take them: their names and their types."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable

import pyarrow as pa

from sparkfeat.errors import UnsupportedError

LONGEST_NAME = 255
_MARK = 8

_TYPES = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.string(): "string",
    pa.large_string(): "string",
    pa.binary(): "binary",
    pa.large_binary(): "binary",
    pa.date32(): "date",
}


def catalog_names(names: Iterable[str]) -> dict[str, str]:
    """Return what the catalog calls each column: lower case, digits and underscores, no two alike.

    `SUM(sessions.amount)` is `sum_sessions_amount`. Names that would be alike, or too long, end in eight
    digits of their hash instead: which, does not depend on the other columns' order.

    Args:
        names: the columns' own names, each once.
    """
    plain = {name: _plain(name) for name in names}
    often = Counter(plain.values())
    return {
        name: short if often[short] == 1 and len(short) <= LONGEST_NAME else _marked(name, short)
        for name, short in plain.items()
    }


def _plain(name: str) -> str:
    short = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return short if short and not short[0].isdigit() else f"c_{short}".rstrip("_")


def _marked(name: str, short: str) -> str:
    digits = hashlib.sha256(name.encode()).hexdigest()[:_MARK]
    return f"{short[: LONGEST_NAME - _MARK - 1]}_{digits}"


def catalog_type(stored: pa.DataType, name: str) -> str:
    """Return the catalog's type of a column that Parquet stores as the Arrow type `stored`.

    Raises:
        UnsupportedError: Athena has no such type.
    """
    if stored in _TYPES:
        return _TYPES[stored]
    if pa.types.is_dictionary(stored):
        return catalog_type(stored.value_type, name)
    if pa.types.is_timestamp(stored) or pa.types.is_duration(stored):
        # A duration is a number in Parquet.
        return "timestamp" if pa.types.is_timestamp(stored) else "bigint"
    if pa.types.is_list(stored) or pa.types.is_large_list(stored):
        return f"array<{catalog_type(stored.value_type, name)}>"
    if pa.types.is_struct(stored):
        fields = ",".join(f"{field.name.lower()}:{catalog_type(field.type, name)}" for field in stored)
        return f"struct<{fields}>"
    raise UnsupportedError(
        f"Athena has no type for {stored}",
        where=f"column '{name}'",
        hint="Leave the column out, or leave out output.catalog",
    )
