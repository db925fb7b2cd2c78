"""What DuckDB may use, and what is left of it."""

from __future__ import annotations

from pathlib import Path

import pytest

import sparkfeat as sf
from sparkfeat.errors import EnvironmentProblem, SparkfeatError
from tests.entityset.shop import day, matrix
from tests.plan.features import count


def computing(**options: object) -> sf.FeatureMatrix:
    return matrix(
        [count("sessions", "customers")],
        cutoff_time=day(9),
        options=sf.DuckDBOptions(**options),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    "options", [{"threads": 1}, {"memory_limit": "500MB"}, {"threads": 2, "memory_limit": "1GB"}], ids=str
)
def test_options_are_taken(options: dict[str, object]) -> None:
    assert len(computing(**options).to_pandas()) == 4


@pytest.mark.parametrize("method", ["to_arrow", "write_parquet"])
def test_nothing_is_left_in_the_folder_for_spilling(method: str, tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    matrix_ = computing(temp_directory=str(spill))
    getattr(matrix_, method)(*([tmp_path / "out"] if method == "write_parquet" else []))

    assert list(spill.iterdir()) == []


def test_nothing_is_left_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem):
        computing(temp_directory=str(tmp_path), memory_limit="1MB").to_pandas()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit", ["1KB", "1MB"])
def test_too_little_memory_is_told(limit: str) -> None:
    with pytest.raises(EnvironmentProblem, match="memory_limit"):
        computing(memory_limit=limit).to_pandas()


@pytest.mark.parametrize(
    "options", [{"memory_limit": "a lot"}, {"threads": 0}, {"temp_directory": "/nowhere/at/all"}], ids=str
)
def test_options_that_cannot_be_are_told_by_name(options: dict[str, object]) -> None:
    with pytest.raises(SparkfeatError, match=next(iter(options))):
        computing(**options).to_pandas()
