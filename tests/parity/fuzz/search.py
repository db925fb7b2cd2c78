"""Examples by seed, one after the other; a failing one becomes a short script."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tests.parity.fuzz.examples import check, example
from tests.parity.fuzz.shrink import Shrinker

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FOLDER = Path("build/fuzz")
ON_SPARK = ("spark", "partitioned")
_SESSION = """
from sparkfeat.engines.spark.session import local_session

spark = local_session("fuzz", **{"spark.sql.ansi.enabled": "true"})
"""
_TASKS = """
from sparkfeat.engines.partitioned import runner

runner.ROWS_WORTH_A_TASK = 3
"""


def search(
    seeds: Sequence[int],
    engine: str = "duckdb",
    only: Collection[str] = (),
    *,
    folder: Path = FOLDER,
    keep_going: bool = False,
    spark: SparkSession | None = None,
) -> list[Path]:
    """Check the examples of some seeds, tell how far it is, and return the scripts of those that fail."""
    written: list[Path] = []
    compared, started = 0, time.monotonic()
    for done, seed in enumerate(seeds, start=1):
        try:
            compared += check(example(seed, only), engine, spark)
        except Exception as error:  # noqa: BLE001 - an engine that crashes has failed too
            print(f"seed {seed}: {type(error).__name__}: {str(error)[:2000]}", flush=True)  # noqa: T201
            written.append(write(seed, engine, only, folder, spark))
            print(f"seed {seed}: PYTHONPATH=. python {written[-1]}", flush=True)  # noqa: T201
            if not keep_going:
                break
        if done % 50 == 0 or done == len(seeds):
            took = time.monotonic() - started
            told = f"{done} of {len(seeds)} examples, {compared} features compared, {len(written)} failed"
            print(f"{told}, {took:.0f} s", flush=True)  # noqa: T201
    return written


def write(
    seed: int, engine: str, only: Collection[str], folder: Path, spark: SparkSession | None = None
) -> Path:
    """Make the example of a seed as small as possible and write it as a script."""
    small = Shrinker(engine, {"spark": spark}).shrink(example(seed, only))
    names = f" PRIMITIVES={','.join(only)}" if only else ""
    note = (
        f"Not what Featuretools computes. Made smaller from: make fuzz N=1 SEED={seed} ENGINE={engine}{names}"
    )
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / f"{seed}.py"
    session = (_SESSION if engine in ON_SPARK else "") + (_TASKS if engine == "partitioned" else "")
    script.write_text(small.script(engine, note, session), encoding="utf-8")
    return script
