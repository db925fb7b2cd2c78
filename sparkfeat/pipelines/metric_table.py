"""The metrics of a model beside those of its baselines, as text."""

from __future__ import annotations

from collections.abc import Iterator

from sparkfeat.storage.records import ModelManifest


def metric_columns(manifest: ModelManifest) -> list[str]:
    """Return the heads of the columns."""
    return ["metric", "model", *(name.replace("_", " ") for name in manifest.baselines)]


def metric_rows(manifest: ModelManifest) -> Iterator[list[str]]:
    """Yield a row for each metric: its name, the model's value, those of the baselines."""
    for name, value in manifest.metrics.items():
        others = [found.get(name) for found in manifest.baselines.values()]
        yield [name, f"{value:.4f}", *("-" if one is None else f"{one:.4f}" for one in others)]
