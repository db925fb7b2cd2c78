"""A hash that stands for how features are computed: equal where their values are, on equal rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any

from sparkfeat.definitions import Definitions, Feature
from sparkfeat.pipelines.config import CutoffTimeConfig

TIME_RULES = ("training_window", "gap", "include_cutoff_time")
"""What a configuration says about which rows a feature sees, beside its definition."""


def feature_hash(definitions: Definitions, columns: Iterable[str], cutoff: CutoffTimeConfig) -> str:
    """Return the SHA-256 of the definitions of some columns, and of the time rules they were computed by.

    Args:
        definitions: features that have all of the columns.
        columns: names of computed columns, in any order.
        cutoff: how the matrix was computed; which instances and times does not matter.
    """
    wanted, known = sorted(columns), dict[Feature, str]()
    digests = {name: _digest(feature, known) for feature in definitions.features for name in feature.names}
    rules = cutoff.model_dump(mode="json", include=set(TIME_RULES))
    return _sha256([{name: digests[name] for name in wanted}, rules])


def _digest(feature: Feature, known: dict[Feature, str]) -> str:
    """Return a feature's digest: inputs that features share are read once."""
    if feature not in known:
        known[feature] = _sha256(_plain(feature, known))
    return known[feature]


def _plain(value: Any, known: dict[Feature, str], *, top: bool = True) -> Any:
    """Return a node as JSON: its kind and fields, other features by their digest, sets in order."""
    if isinstance(value, Feature) and not top:
        return _digest(value, known)
    if isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"
    if is_dataclass(value):
        inner = {field.name: _plain(getattr(value, field.name), known, top=False) for field in fields(value)}
        return {"kind": type(value).__name__, **inner}
    if isinstance(value, tuple | list):
        return [_plain(item, known, top=False) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(str(item) for item in value)
    return value if isinstance(value, bool | int | float | str | None) else repr(value)


def _sha256(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
