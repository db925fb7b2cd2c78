"""What Spark's Python workers are sent."""

from __future__ import annotations


def send_by_value() -> None:
    """Have Spark send functions of `sparkfeat.models` whole, and not as a name that workers import.

    A worker needs numpy, pandas and pyarrow then, as every function on Arrow batches does. To import
    sparkfeat takes seconds in each of them, and fails on executors that do not have it.

    Classes arrive as copies, in which `dataclasses.fields`, `asdict` and `replace` find no fields: functions
    that run in workers use none of them.
    """
    from pyspark import cloudpickle

    import sparkfeat.models

    cloudpickle.register_pickle_by_value(sparkfeat.models)  # type: ignore[no-untyped-call]
