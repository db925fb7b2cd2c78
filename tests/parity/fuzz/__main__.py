"""`make fuzz`: random schemas, rows, features and cutoffs, through Featuretools and through an engine.

It runs until so many examples are done, or until one fails. That one is made smaller, by leaving parts out
as long as it fails, and is written as a Python script.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
from pathlib import Path
from typing import Any

from tests.parity.fuzz.search import FOLDER, ON_SPARK, search


def main(arguments: list[str] | None = None) -> int:
    """Run the search that the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many examples")
    parser.add_argument("--seed", type=int, help="seed of the first example; the next ones count on from it")
    parser.add_argument("--engine", default="duckdb", choices=["duckdb", *ON_SPARK, "featuretools"])
    parser.add_argument(
        "--primitives", default="", help="only features of these, by name, with commas between"
    )
    parser.add_argument("--keep-going", action="store_true", help="go on after a failure")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where scripts are written")
    given = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(10**9) if given.seed is None else given.seed
    only = tuple(filter(None, given.primitives.split(",")))
    failed = search(
        range(seed, seed + given.count),
        given.engine,
        only,
        folder=given.folder,
        keep_going=given.keep_going,
        spark=_session(given.engine) if given.engine in ON_SPARK else None,
    )
    return 1 if failed else 0


def _session(engine: str) -> Any:
    from sparkfeat.engines.partitioned import runner
    from sparkfeat.engines.spark.session import local_session
    from tests.conftest import SPARK_CONF

    if engine == "partitioned":
        # Else there is one task: examples are small.
        runner.ROWS_WORTH_A_TASK = 3
    return local_session("sparkfeat fuzz", **SPARK_CONF)


if __name__ == "__main__":
    for name in ("featuretools", "sparkfeat"):
        logging.getLogger(name).setLevel(logging.ERROR)
    sys.exit(main())
