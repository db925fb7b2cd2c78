"""Which features can be computed for some instances at a time, and a computation of some features."""

from __future__ import annotations

from dataclasses import replace

from sparkfeat.definitions import Definitions
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


def only(computation: Computation, names: frozenset[str]) -> Computation:
    """Return the computation of the features with SQL that are called so."""
    kept = {id(one.original) for one in computation.native if one.name in names}
    pairs = [
        (original, feature)
        for original, feature in zip(
            computation.definitions.originals, computation.definitions.features, strict=True
        )
        if id(original) in kept
    ]
    definitions = Definitions(tuple(o for o, _ in pairs), tuple(f for _, f in pairs))
    return replace(computation, definitions=definitions)
