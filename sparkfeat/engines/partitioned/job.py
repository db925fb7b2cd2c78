"""Which rows and columns features need that are computed for some instances at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkfeat.engines.computation import Computation
from sparkfeat.engines.featuretools.places import Places, Rows, partition_of, positional
from sparkfeat.engines.featuretools.reach import reached_paths
from sparkfeat.engines.featuretools.schema import Schema, needed_schema
from sparkfeat.plan.nodes import CUTOFFS, INSTANCE

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

BROADCAST_ROWS = 2_000_000
"""Keys of so many rows are sent to every task rather than joined by a shuffle: about 100 MB."""


@dataclass(frozen=True)
class Job:
    """Features and the rows that they need.

    Attributes:
        part: the computation of these features alone.
        places: the tables.
        asked: the cutoff rows with the customer of each as `owner`; None where all visible ones are meant.
    """

    part: Computation
    places: Places
    asked: DataFrame | None

    @property
    def guests(self) -> bool:
        """Whether customers can be among another one's rows that are no rows of the matrix there."""
        up = (edge.target for path in self.places.paths for edge in path if edge.forward)
        return self.asked is None and self.places.target in up

    def placed(self, partitions: int) -> tuple[dict[str, Rows], dict[str, DataFrame]]:
        """Return the tables, the cutoff rows as one of them, and the rows of each with their `partition`."""
        places = self.places
        tables, frames = dict(places.tables), places.placed(places.owned(), partitions)
        if self.asked is not None:
            names = [name for name in self.asked.columns if name != "owner"]
            tables[CUTOFFS] = positional(self.asked, names)
            kept = places.left(self.asked).withColumn("partition", partition_of("owner", partitions))
            frames[CUTOFFS] = kept.select(*names, "partition").toDF(
                *tables[CUTOFFS].frame.columns, "partition"
            )
        return tables, frames


def job_of(
    part: Computation,
    frames: Mapping[str, DataFrame],
    cutoffs: DataFrame | None,
    sizes: Mapping[str, int],
    read: Mapping[str, frozenset[str]] | None = None,
) -> Job:
    """Say which rows and columns a computation needs.

    Args:
        part: the computation.
        frames: the rows of its tables.
        cutoffs: the cutoff rows.
        sizes: how many rows each table has.
        read: the columns that the plan reads, by table; None: all that there are.
    """
    schema = needed_schema(part.entityset, part.definitions.originals)
    whole = {name: frames[name].columns for name in schema.tables}
    columns = whole if read is None else _columns(part, schema, read, frames)
    tables = {name: positional(frames[name], kept) for name, kept in columns.items()}
    asked = None if cutoffs is None else _asked(cutoffs, part, tables)
    instances = None
    if asked is not None:
        instances = asked.where("owner IS NOT NULL").select("owner").distinct()
    small = frozenset(name for name, rows in sizes.items() if rows <= BROADCAST_ROWS)
    paths = reached_paths(part.definitions.originals)
    return Job(part, Places(schema, tables, part.target.name, paths, instances, small), asked)


def _asked(cutoffs: DataFrame, part: Computation, tables: Mapping[str, Rows]) -> DataFrame:
    index = tables[part.target.name]
    kind = index.frame.schema[index.alias(part.target.index)].dataType.simpleString()
    found: DataFrame = cutoffs.selectExpr("*", f"CAST({INSTANCE} AS {kind}) AS owner")
    return found


def _columns(
    part: Computation, schema: Schema, read: Mapping[str, frozenset[str]], frames: Mapping[str, DataFrame]
) -> dict[str, list[str]]:
    """Return the columns of each table that the plan reads, or that lead from one table to another."""
    # In a nested SELECT it is not known which relation a name belongs to.
    found = {name: {*read.get(name, ())} & {*frames[name].columns} for name in schema.tables}
    found[part.target.name] |= {part.target.index}
    paths = reached_paths(part.definitions.originals)
    for edge in {edge for path in paths for edge in path}:
        found[edge.link.child] |= {edge.link.child_column}
        found[edge.link.parent] |= {edge.link.parent_column}
    for name, count in Counter(path[-1].target if path else part.target.name for path in paths).items():
        # Rows that several paths lead to are told apart.
        found[name] |= {schema.tables[name].index} if count > 1 else set()
    return {name: sorted(columns) for name, columns in found.items()}
