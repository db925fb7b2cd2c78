"""Which rows go to which partition: children follow their customer, parents go where a child needs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from sparkfeat.engines.featuretools.reach import Path
from sparkfeat.engines.featuretools.schema import Schema

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


@dataclass(frozen=True)
class Rows:
    """Rows of one table under positional column names, which cannot clash or depend on case.

    `names` are the columns' own names; column number i of `frame` is called c<i>.
    """

    frame: DataFrame
    names: tuple[str, ...]

    def alias(self, name: str) -> str:
        """Return the positional name of a column."""
        return f"c{self.names.index(name)}"


def positional(frame: DataFrame, names: Sequence[str]) -> Rows:
    """Keep the columns called `names`, renamed by position."""
    all_names = frame.columns
    renamed = frame.toDF(*(f"s{number}" for number in range(len(all_names))))
    kept = renamed.select(*(f"s{all_names.index(name)}" for name in names))
    return Rows(kept.toDF(*(f"c{number}" for number in range(len(names)))), tuple(names))


@dataclass(frozen=True)
class Places:
    """Tables, and the paths that features take over them.

    Attributes:
        schema: the tables' keys.
        tables: their rows.
        target: the table of customers.
        paths: the ways from the target.
        instances: the customers asked for (one column, `owner`); None: all that rows point at.
        small: tables whose keys every task can hold.
        without: customers to leave out (one column, `owner`); None: no such.
        everywhere: tables whose rows all go to every partition where rows point up at them. To find out
            which of them a partition needs, the rows that point would be read and joined once more.
    """

    schema: Schema
    tables: Mapping[str, Rows]
    target: str
    paths: Sequence[Path]
    instances: DataFrame | None
    small: frozenset[str] = frozenset()
    without: DataFrame | None = None
    everywhere: frozenset[str] = frozenset()

    def owned(self) -> dict[Path, DataFrame]:
        """Return, for each path that only goes down, the table's rows with the customer they belong to."""
        from pyspark.sql import functions as fn

        rows = self.tables[self.target]
        index = rows.alias(self.schema.tables[self.target].index)
        keyed = rows.frame.withColumn("owner", fn.col(index))
        found: dict[Path, DataFrame] = {(): self._asked_for(keyed)}
        for path in self.paths:
            if path and not any(edge.forward for edge in path):
                found[path] = self.children(path, found)
        return found

    def _asked_for(self, rows: DataFrame) -> DataFrame:
        """Keep the rows of the customers asked for."""
        if self.instances is None:
            kept = rows.where("owner IS NOT NULL")
        else:
            kept = rows.join(self.instances, on="owner", how="left_semi")
        return self.left(kept)

    def left(self, rows: DataFrame) -> DataFrame:
        """Leave out the rows whose `owner` is to be left out; rows without one stay."""
        return rows if self.without is None else rows.join(self.without, on="owner", how="left_anti")

    def children(self, path: Path, owned: Mapping[Path, DataFrame]) -> DataFrame:
        """Return the rows at the end of a path with the customer of each; `owned` has those above."""
        from pyspark.sql import functions as fn

        link = path[-1].link
        child = self.tables[link.child]
        child_key = fn.col(child.alias(link.child_column))
        if len(path) == 1:
            # A customer's key and a child's may be of different types.
            target = self.tables[link.parent]
            kind = target.frame.schema[target.alias(link.parent_column)].dataType
            return self._asked_for(child.frame.withColumn("owner", child_key.cast(kind)))
        key = fn.col(self.tables[link.parent].alias(link.parent_column))
        parents = owned[path[:-1]].select(key.alias("key"), "owner")
        if link.parent in self.small:
            parents = fn.broadcast(parents)
        return child.frame.withColumn("key", child_key).join(parents, on="key", how="inner").drop("key")

    def placed(self, owned: Mapping[Path, DataFrame], partitions: int) -> dict[str, DataFrame]:
        """Return every table's rows with the partition they go to; a row may go to several."""
        nodes = {
            path: frame.withColumn("partition", partition_of("owner", partitions)).drop("owner")
            for path, frame in owned.items()
        }
        for path in self.paths:
            if path not in nodes:
                nodes[path] = self._parents(path, nodes[path[:-1]], partitions)
        return {name: self.united(name, nodes, "partition") for name in self.tables}

    def _parents(self, path: Path, children: DataFrame, partitions: int) -> DataFrame:
        from pyspark.sql import functions as fn

        link = path[-1].link
        if link.parent in self.everywhere:
            numbers = fn.sequence(fn.lit(0), fn.lit(partitions - 1))
            return self.tables[link.parent].frame.withColumn("partition", fn.explode(numbers))
        key = fn.col(self.tables[link.child].alias(link.child_column))
        wanted = children.where(key.isNotNull()).select("partition", key.alias("key")).distinct()
        parent = self.tables[link.parent]
        keyed = parent.frame.withColumn("key", fn.col(parent.alias(link.parent_column)))
        return keyed.join(wanted, on="key", how="inner").drop("key")

    def united(self, name: str, nodes: Mapping[Path, DataFrame], *keys: str) -> DataFrame:
        """Unite the rows of a table that is reached over several paths; for equal `keys` no row twice."""
        rows = self.tables[name]
        columns = [*keys, *(rows.alias(column) for column in rows.names)]
        frames = [frame.select(*columns) for path, frame in nodes.items() if self._at(path) == name]
        united = reduce(lambda left, right: left.unionAll(right), frames)
        if len(frames) == 1:
            return united
        return united.dropDuplicates([*keys, rows.alias(self.schema.tables[name].index)])

    def _at(self, path: Path) -> str:
        return path[-1].target if path else self.target


def partition_of(column: str, partitions: int) -> Column:
    """Return the partition of a customer."""
    from pyspark.sql import functions as fn

    return fn.pmod(fn.xxhash64(fn.col(column)), fn.lit(partitions).cast("bigint")).cast("int")
