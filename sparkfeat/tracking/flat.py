"""Values in the forms that MLflow takes: flat, short, with its letters only."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

LONGEST = 500
"""Longer parameters are unreadable in a table; the configuration itself is among the files."""


def flat(parameters: Mapping[str, JsonValue], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield nested parameters as dotted names and text; what was left out (null, empty) is left out."""
    for key, value in parameters.items():
        name = f"{prefix}{metric_name(key)}"
        if isinstance(value, Mapping):
            yield from flat(value, f"{name}.")
        elif value not in (None, []):
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            yield name, text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def metric_name(name: str) -> str:
    """Return `name` with what MLflow takes in names: letters, digits and `_-. /`."""
    return re.sub(r"[^\w\-. /]", "_", name, flags=re.ASCII)


def finite(metrics: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Yield the metrics that are numbers: databases have no infinity, and a page no NaN."""
    for name, value in metrics.items():
        if math.isfinite(value):
            yield metric_name(name), float(value)
