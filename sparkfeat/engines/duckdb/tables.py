"""A table's rows as a DuckDB view of canonical values."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlglot import exp

from sparkfeat.entityset import ArrowSource, Column, ParquetSource, SparkSource, Table
from sparkfeat.entityset.sources import hadoop_path, spark_name
from sparkfeat.entityset.types import LATLONG, MICROSECONDS, arrow_type, is_list
from sparkfeat.errors import UnsupportedError
from sparkfeat.sql.expressions import column, named
from sparkfeat.sql.zones import wall_clock

_SQL_TYPES = {
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.timestamp("us"): "TIMESTAMP",
    pa.string(): "VARCHAR",
}


def register(connection: duckdb.DuckDBPyConnection, table: Table, scratch: Path) -> None:
    """Make `table` readable under its name.

    Args:
        connection: the database.
        table: the table.
        scratch: folder for rows that have to be written down first.

    Raises:
        UnsupportedError: a Spark DataFrame whose files this process cannot see.
    """
    source = table.source
    if isinstance(source, ArrowSource):
        connection.register(table.name, source.table)
    elif isinstance(source, ParquetSource):
        _view(connection, table, source.files, source.schema)
    else:
        assert isinstance(source, SparkSource)
        _view(connection, table, _written(source, scratch), _without_zones(source.schema))


def _without_zones(schema: pa.Schema) -> pa.Schema:
    kinds = [pa.timestamp("us") if pa.types.is_timestamp(field.type) else field.type for field in schema]
    return pa.schema(list(zip(schema.names, kinds, strict=True)))


def _view(
    connection: duckdb.DuckDBPyConnection, table: Table, files: tuple[str, ...], schema: pa.Schema
) -> None:
    columns = [named(_canonical(one, schema.field(one.name).type), one.name) for one in table.columns]
    select = exp.select(*columns).sql(dialect="duckdb")
    name = exp.to_identifier(table.name, quoted=True).sql(dialect="duckdb")
    # A view cannot have parameters: the paths stand in it as literals.
    listed = ", ".join(exp.Literal.string(_no_pattern(file)).sql(dialect="duckdb") for file in files)
    partitioned = str(_is_partitioned(table)).lower()
    rows = f"read_parquet([{listed}], hive_partitioning = {partitioned}, union_by_name = true)"
    connection.execute(f"CREATE VIEW {name} AS {select} FROM {rows}")


def _no_pattern(path: str) -> str:
    """Return a path in which DuckDB sees no wildcard."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)


def _is_partitioned(table: Table) -> bool:
    """Tell whether some columns come from the names of folders; folders above the data do not count."""
    if not isinstance(table.source, ParquetSource):
        return False
    fragment = table.source.fragments[0]
    return not set(table.source.schema.names) <= set(fragment.physical_schema.names)


def _canonical(one: Column, stored: pa.DataType) -> exp.Expr:
    """Return a stored column as a canonical value: cast where the type differs, NaN as null."""
    value: exp.Expr = column(one.name)
    wanted = arrow_type(one.logical_type, stored)
    if one.logical_type == "LatLong":
        return _place(value, listed=is_list(stored))
    if one.logical_type == "Datetime" and pa.types.is_timestamp(stored):
        return _time(value, stored, one.name)
    if pa.types.is_duration(stored):
        return _microseconds(value, stored.unit)
    if wanted != stored:
        value = exp.Cast(this=value, to=exp.DataType.build(_SQL_TYPES[wanted], dialect="duckdb"))
    return _nan_to_null(value) if pa.types.is_floating(wanted) else value


def _nan_to_null(value: exp.Expr) -> exp.Expr:
    # Not a comparison with NaN: the statistics of a file leave NaN out, and DuckDB concludes from them.
    number = exp.Not(this=exp.Anonymous(this="isnan", expressions=[value]))
    return exp.Case(ifs=[exp.If(this=number, true=value.copy())])


def _place(value: exp.Expr, *, listed: bool) -> exp.Expr:
    """Return a place as a struct: a missing one is a pair of nulls, as Woodwork makes it."""
    keys = (exp.convert(1), exp.convert(2)) if listed else map(exp.Literal.string, LATLONG.names)
    take = "list_extract" if listed else "struct_extract"
    parts = [
        _nan_to_null(exp.cast(exp.Anonymous(this=take, expressions=[value.copy(), key]), "DOUBLE"))
        for key in keys
    ]
    names = [exp.to_identifier(name) for name in LATLONG.names]
    fields = [exp.PropertyEQ(this=name, expression=part) for name, part in zip(names, parts, strict=True)]
    return exp.Struct(expressions=fields)


def _time(value: exp.Expr, stored: pa.DataType, name: str) -> exp.Expr:
    """Return a time without a zone: the wall clock where it is stored with one."""
    micros: exp.Expr = exp.Anonymous(this="epoch_us", expressions=[value])
    if stored.unit == "ns":
        nanos = exp.Anonymous(this="epoch_ns", expressions=[value])
        finer = exp.NEQ(this=exp.Mod(this=nanos, expression=exp.convert(1000)), expression=exp.convert(0))
        told = exp.convert(f"Datetimes finer than a microsecond in column '{name}': round them")
        refused = exp.If(this=finer, true=exp.Anonymous(this="error", expressions=[told]))
        whole = exp.IntDiv(this=nanos.copy(), expression=exp.convert(1000))
        micros = exp.Case(ifs=[refused], default=whole)
    elif stored.tz is None:
        return value
    if stored.tz is not None:
        micros = wall_clock(micros, stored.tz)
    return exp.Anonymous(this="make_timestamp", expressions=[micros])


def _microseconds(value: exp.Expr, unit: str) -> exp.Expr:
    """Return a duration, which Parquet holds as a plain number of its unit."""
    if unit == "ns":
        return exp.IntDiv(this=value, expression=exp.convert(1000))
    return exp.Mul(this=value, expression=exp.convert(MICROSECONDS[unit]))


def _written(source: SparkSource, scratch: Path) -> tuple[str, ...]:
    """Have Spark write a DataFrame where DuckDB can read it."""
    folder = Path(tempfile.mkdtemp(dir=scratch)) / "rows"
    # Instants become the wall clock of the session's zone, as everywhere else.
    zoned = [field.name for field in source.frame.schema if field.dataType.typeName() == "timestamp"]
    wall_clock = {name: source.frame[spark_name(name)].cast("timestamp_ntz") for name in zoned}
    frame = source.frame.withColumns(wall_clock)
    frame.write.parquet(hadoop_path(folder))
    files = tuple(sorted(str(file) for file in folder.glob("*.parquet")))
    if not files:
        raise UnsupportedError(
            "DuckDB cannot read this Spark DataFrame",
            why="Its executors write to disks that this process does not see",
            hint="Use engine='spark', or write Parquet to a shared place and pass its path",
        )
    return files
