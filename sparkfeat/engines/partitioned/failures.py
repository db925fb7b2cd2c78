"""What a failed task says, as errors of this library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sparkfeat.engines.partitioned.worker import FAILED
from sparkfeat.errors import EngineError, EnvironmentProblem, SparkfeatError

_MORE_MEMORY = (
    "Give tasks more memory outside the JVM (spark.executor.pyspark.memory, spark.executor.memoryOverhead, or"
    " fewer cores an executor) or larger disks (spark.local.dir), or use engine='spark'"
)
_LOST = "Python worker exited unexpectedly"


@contextmanager
def translated() -> Iterator[None]:
    """Turn the error of a failed task into one of this library; others go on as they are.

    Raises:
        EnvironmentProblem: no memory or no disk space was left.
        EngineError: DuckDB failed, or the worker ended.
    """
    try:
        yield
    except SparkfeatError:
        raise
    except Exception as error:
        found = _of(str(error))
        if found is None:
            raise
        raise found from error


def _of(text: str) -> SparkfeatError | None:
    told = re.search(rf"{FAILED} \((?P<where>[^)\n]*)\): (?P<why>[^\n]*)", text)
    if told is None and _LOST in text:
        why = "It crashed, or the system ended it for the memory that it took"
        return EngineError("A Python worker of Spark ended", why=why, hint=_MORE_MEMORY)
    if told is None:
        return None
    where, why = told["where"], told["why"]
    if why.startswith(("Out of Memory", "IO Error")):
        what = "DuckDB ran out of memory or disk space in a task"
        return EnvironmentProblem(what, where=where, why=why, hint=_MORE_MEMORY)
    return EngineError(FAILED, where=where, why=why)
