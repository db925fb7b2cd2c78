"""Which features can be computed for some instances at a time."""

from __future__ import annotations

from dataclasses import replace

from sparkfeat.engines.computation import Computation
from sparkfeat.engines.featuretools.reach import partition_reason


def reasons_apart(computation: Computation) -> dict[str, str]:
    """Say why features with SQL need rows of other instances, by name; the others are not in it."""
    if computation.approximate is not None:
        return {one.name: "approximate shares values of parents" for one in computation.native}
    known = {
        id(one.original): partition_reason([one.original], computation.entityset)
        for one in computation.native
    }
    return {one.name: reason for one in computation.native if (reason := known[id(one.original)])}


def with_spark(computation: Computation) -> Computation:
    """Leave features to Featuretools that need rows of other instances and have no SQL of Spark's."""
    apart, reasons = reasons_apart(computation), computation.on("spark").reasons
    return replace(computation, refused={name: reasons[name] for name in apart if name in reasons})
