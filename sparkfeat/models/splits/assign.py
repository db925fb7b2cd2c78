"""Which part every row belongs to, as one expression over the table's columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sparkfeat.errors import CutoffError, DataError
from sparkfeat.models.roles import Roles
from sparkfeat.models.splits.cuts import nearest_cuts
from sparkfeat.models.splits.places import bucket, column, moment_of, row_key

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

PLACES = 10_000
"""Places that rows are counted in: shares are exact to one of them, and no more comes to the driver."""
STRATA = 100
"""Labels with more distinct values are not stratified."""


def time_bounds(table: DataFrame, times: str, shares: Sequence[float]) -> list[float]:
    """Return the first moment of each part but the first; the parts have about these shares of the rows.

    Raises:
        CutoffError: null cutoff times, or fewer distinct ones than parts.
    """
    from pyspark.sql import functions

    now = moment_of(table, times)
    low, high = _ends(table, times)
    width = (high - low) / PLACES or 1
    place = functions.floor((now - functions.lit(low)) / functions.lit(width))
    found = table.groupBy(place.alias("place")).agg(
        functions.count(functions.lit(1)).alias("rows"), functions.min(now).alias("first")
    )
    places = sorted(found.collect())
    cuts = nearest_cuts([place["rows"] for place in places], shares, filled=True)
    if cuts is None:
        raise CutoffError(
            f"{len(places)} distinct cutoff time{'s' * (len(places) != 1)} for {len(shares)} parts in time",
            where=times,
            hint="Compute features at more cutoff times, or split by group or at random (split.method)",
        )
    return [places[cut]["first"] for cut in cuts]


def _ends(table: DataFrame, times: str) -> tuple[float, float]:
    from pyspark.sql import functions

    now = moment_of(table, times)
    nulls = functions.count(functions.when(now.isNull(), 1))
    found = table.agg(
        functions.min(now).alias("low"), functions.max(now).alias("high"), nulls.alias("nulls")
    ).collect()[0]
    if found["nulls"]:
        raise CutoffError(
            f"{found['nulls']} rows have no cutoff time", where=times, hint="Leave these rows out"
        )
    if found["low"] is None:
        raise DataError("There are no rows to split", where="the training table")
    return found["low"], found["high"]


def by_group(table: DataFrame, group: str, shares: Sequence[float], seed: int, salt: str) -> Column:
    """Return the part of each row, rows of one group in one part.

    Raises:
        DataError: fewer groups than parts.
    """
    from pyspark.sql import functions

    place = bucket([column(table, group).cast("string")], seed, salt, PLACES)
    places = sorted(
        table.groupBy(place.alias("place")).agg(functions.count(functions.lit(1)).alias("rows")).collect()
    )
    cuts = nearest_cuts([found["rows"] for found in places], shares, filled=True)
    if cuts is None:
        raise DataError(
            f"{len(places)} groups for {len(shares)} parts",
            where=group,
            hint="Name a column with more distinct values (split.group), or split at random",
        )
    return _part(place, [functions.lit(places[cut]["place"]) for cut in cuts])


def at_random(table: DataFrame, roles: Roles, shares: Sequence[float], seed: int, salt: str) -> Column:
    """Return the part of each row, with the same share of each label in every part."""
    from pyspark.sql import functions

    strata = _strata(table, roles)
    stratum = _stratum(table, roles) if strata else functions.lit("")
    count = max(100, PLACES // max(1, len(strata)))
    place = bucket(row_key(table, roles), seed, salt, count)
    found = table.groupBy(stratum.alias("stratum"), place.alias("place")).agg(
        functions.count(functions.lit(1)).alias("rows")
    )
    rows: dict[str, list[int]] = defaultdict(lambda: [0] * count)
    for one in found.collect():
        rows[one["stratum"]][one["place"]] = one["rows"]
    cuts = {name: nearest_cuts(counts, shares) or [] for name, counts in sorted(rows.items())}
    return _part(place, [_looked_up(stratum, cuts, part) for part in range(len(shares) - 1)])


def _strata(table: DataFrame, roles: Roles) -> list[str]:
    """Return the distinct labels, or none where there are too many to be classes."""
    if roles.label is None:
        return []
    found = table.select(_stratum(table, roles).alias("stratum")).distinct().limit(STRATA + 1).collect()
    return [one["stratum"] for one in found] if len(found) <= STRATA else []


def _stratum(table: DataFrame, roles: Roles) -> Column:
    from pyspark.sql import functions

    return functions.coalesce(column(table, str(roles.label)).cast("string"), functions.lit(""))


def _looked_up(stratum: Column, cuts: dict[str, list[int]], part: int) -> Column:
    from pyspark.sql import functions

    pairs = [
        item for name, found in cuts.items() for item in (functions.lit(name), functions.lit(found[part]))
    ]
    return functions.element_at(functions.create_map(*pairs), stratum)


def _part(place: Column, cuts: Sequence[Column]) -> Column:
    """Return how many cuts are at or before a place."""
    from pyspark.sql import functions

    part = functions.lit(0)
    for cut in cuts:
        part += (place >= cut).cast("int")
    return part
