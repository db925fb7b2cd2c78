"""Computes all default features of the TPC-H customers on all engines: `python -m benchmarks.tpch`.

Tables: customer <- orders <- lineitem -> part, as the PyPI package tpchgen-cli makes them. A pass of DuckDB
that streams from file to file prepares them for an EntitySet:

- lineitem's key is (l_orderkey, l_linenumber); l_id = 8 * l_orderkey + l_linenumber stands for it, for there
  are at most 7 lines to an order.
- Dates become timestamps, decimals become doubles.
- o_orderstatus is left out: it sums up the later fate of the order's lines, unknown on the order's date.

A row of orders is known from o_orderdate on, a row of lineitem from l_receiptdate on: that is the last of its
dates that is not planned ahead, and l_returnflag and l_linestatus follow from it and the ship date. Customers
and parts are always known. nation and region stay out: a customer's nation would bring aggregates over all
customers of the nation, again for each of 150,000 cutoffs, and no question about a customer asks for that.

Cutoffs: one for every customer, a day drawn uniformly from 1995-01-01 to 1998-08-02 (the last order date) by
numpy's default generator with seed 7, in the order of c_custkey.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console

from benchmarks.goals import Benchmark
from benchmarks.measure import Contender, measure
from benchmarks.outcome import outcome_of
from benchmarks.retail import DATA

ENGINES = ("duckdb", "spark", "partitioned")
TARGET, KEY = "customer", "c_custkey"
FIRST_CUTOFF, LAST_CUTOFF, SEED = "1995-01-01", "1998-08-02", 7

LOGICAL_TYPES: dict[str, dict[str, str]] = {
    "customer": {
        "c_custkey": "Integer",
        "c_name": "PersonFullName",
        "c_address": "Address",
        "c_nationkey": "Categorical",
        "c_phone": "PhoneNumber",
        "c_acctbal": "Double",
        "c_mktsegment": "Categorical",
        "c_comment": "NaturalLanguage",
    },
    "orders": {
        "o_orderkey": "Integer",
        "o_custkey": "Integer",
        "o_totalprice": "Double",
        "o_orderdate": "Datetime",
        "o_orderpriority": "Categorical",
        "o_clerk": "Categorical",
        "o_shippriority": "Integer",
        "o_comment": "NaturalLanguage",
    },
    "lineitem": {
        "l_id": "Integer",
        "l_orderkey": "Integer",
        "l_partkey": "Integer",
        "l_suppkey": "Categorical",
        "l_quantity": "Double",
        "l_extendedprice": "Double",
        "l_discount": "Double",
        "l_tax": "Double",
        "l_returnflag": "Categorical",
        "l_linestatus": "Categorical",
        "l_shipdate": "Datetime",
        "l_commitdate": "Datetime",
        "l_receiptdate": "Datetime",
        "l_shipinstruct": "Categorical",
        "l_shipmode": "Categorical",
        "l_comment": "NaturalLanguage",
    },
    "part": {
        "p_partkey": "Integer",
        "p_name": "Unknown",
        "p_mfgr": "Categorical",
        "p_brand": "Categorical",
        "p_type": "Categorical",
        "p_size": "Integer",
        "p_container": "Categorical",
        "p_retailprice": "Double",
        "p_comment": "NaturalLanguage",
    },
}
TIME_INDEXES = {"orders": "o_orderdate", "lineitem": "l_receiptdate"}
RELATIONSHIPS = (
    ("customer", "c_custkey", "orders", "o_custkey"),
    ("orders", "o_orderkey", "lineitem", "l_orderkey"),
    ("part", "p_partkey", "lineitem", "l_partkey"),
)
_SQL_TYPES = {"Integer": "BIGINT", "Double": "DOUBLE", "Datetime": "TIMESTAMP"}
_MADE = {"l_id": "8 * l_orderkey + l_linenumber", "l_suppkey": "CAST(l_suppkey AS BIGINT)"}


def dataset(scale: float) -> Path:
    """Return the folder of the tables and cutoffs at a scale, made on the first call and kept."""
    folder = DATA / f"tpch-{scale:g}"
    if not (folder / "complete").exists():
        _generate(folder, scale)
        for name in LOGICAL_TYPES:
            _prepare(folder, name)
        write_cutoffs(folder)
        shutil.rmtree(folder / "raw")
        (folder / "complete").touch()
    return folder


def write_cutoffs(folder: Path) -> None:
    """Draw the day of each customer's cutoff."""
    keys = np.sort(pq.read_table(folder / "customer.parquet", columns=[KEY])[KEY].to_numpy())
    first, last = np.datetime64(FIRST_CUTOFF, "D"), np.datetime64(LAST_CUTOFF, "D")
    days = np.random.default_rng(SEED).integers(0, int((last - first).astype(int)) + 1, len(keys))
    times = pa.array((first + days).astype("datetime64[us]"))
    pq.write_table(pa.table({KEY: keys, "time": times}), folder / "cutoffs.parquet")


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute the features, compare the engines, write the figures; return 1 if something failed."""
    asked = _parser().parse_args(arguments)
    console = Console()
    console.print(f"Preparing TPC-H at scale {asked.scale:g} ...")
    benchmark = tpch_benchmark(asked.scale, asked.engine or ENGINES)
    results = []
    for contender in benchmark.contenders:
        console.print(f"Running {contender.name} ...")
        results.append(measure(contender, DATA / "out" / "tpch" / contender.name.replace(" ", "-")))
    outcome = outcome_of(benchmark, results)
    outcome.show(console)
    if asked.engine is None:
        outcome.save("tpch" if asked.scale == 1 else f"tpch-{asked.scale:g}", console)
    return int(not outcome.good)


def tpch_benchmark(scale: float, engines: Sequence[str]) -> Benchmark:
    """Make the benchmark of all default features of the customers."""
    folder, target = dataset(scale), "benchmarks.contenders.tpch_sparkfeat:run"
    rows = {name: pq.ParquetFile(folder / f"{name}.parquet").metadata.num_rows for name in LOGICAL_TYPES}
    counts = ", ".join(f"{count:,} rows of {name}" for name, count in rows.items())
    return Benchmark(
        f"TPC-H at scale {scale:g}: {counts}; each customer at a time of its own",
        tuple(
            Contender(f"sparkfeat {engine}", target, {"data": folder, "engine": engine}) for engine in engines
        ),
        goals=(),
        key=KEY,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tpch", description="Features of TPC-H customers"
    )
    parser.add_argument("--scale", type=float, default=1.0, help="TPC-H scale factor, default 1")
    parser.add_argument(
        "--engine", action="append", choices=ENGINES, help="only this engine; may be repeated"
    )
    return parser


def _generate(folder: Path, scale: float) -> None:
    """Make the tables with tpchgen-cli, which lies beside the interpreter that it was installed for."""
    beside = Path(sys.executable).with_name("tpchgen-cli")
    command = str(beside) if beside.exists() else "tpchgen-cli"
    tables = ",".join(LOGICAL_TYPES)
    options = ["-s", f"{scale:g}", "-T", tables, "-o", str(folder / "raw"), "--overwrite", "--quiet"]
    subprocess.run([command, "parquet", *options], check=True)


def _prepare(folder: Path, name: str) -> None:
    """Rewrite a table with the columns and types the EntitySet wants."""
    columns = [f"{_value(column, kind)} AS {column}" for column, kind in LOGICAL_TYPES[name].items()]
    select = f"SELECT {', '.join(columns)} FROM '{folder / 'raw' / name}.parquet'"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{folder / name}.parquet' (FORMAT parquet)")


def _value(column: str, kind: str) -> str:
    if column in _MADE:
        return _MADE[column]
    return f"CAST({column} AS {_SQL_TYPES[kind]})" if kind in _SQL_TYPES else column


if __name__ == "__main__":
    sys.exit(main())
