"""Wide matrices, whose features are computed in blocks, against Featuretools."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sparkfeat.engines.duckdb import blocks
from sparkfeat.engines.duckdb.blocks import blocks_of
from tests.entityset.shop import cutoffs, day, found, matrix
from tests.parity.cases.case import needs_time
from tests.parity.cases.options import KINDS
from tests.parity.conftest import quietly
from tests.parity.data import traps
from tests.parity.harness import computable
from tests.parity.kinds import of_customers

SEVERAL = ["count", "sum", "mean", "min", "max", "std", "mode"]


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let blocks hold few features."""
    monkeypatch.setattr(blocks, "MOST_FEATURES", 12)
    monkeypatch.setattr(blocks, "FEATURES_OF_BLOCK", 10)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("kind", KINDS)
def test_traps(kind: str) -> None:
    chosen = [one for one in of_customers() if kind != "none" or not needs_time(one)]
    features, expected = computable(traps(), chosen, **KINDS[kind])
    quietly("duckdb", None, traps(), features, expected=expected, vacuous=True, **KINDS[kind])


@pytest.mark.usefixtures("narrow")
def test_every_feature_is_in_one_block_with_those_of_its_columns() -> None:
    computation = matrix(list(found(agg_primitives=SEVERAL)), cutoff_time=cutoffs())._computation
    parts = [frozenset(part.native_names) for part in blocks_of(computation)]

    assert len(parts) > 2
    assert sorted(name for part in parts for name in part) == sorted(computation.native_names)
    of_amount = {f"{name}(sessions.SUM(sales.amount))" for name in ("MAX", "MIN", "MEAN")}
    assert sum(bool(part & of_amount) for part in parts) == 1


def test_few_features_are_one_query() -> None:
    computation = matrix(list(found()), cutoff_time=day(6))._computation
    assert blocks_of(computation) == [computation]


@pytest.mark.usefixtures("narrow")
def test_several_windows_files_profile_and_progress(tmp_path: Path) -> None:
    windows = ["2 days", "5 days"]
    told: list[float] = []
    wide = matrix(
        list(found(agg_primitives=SEVERAL)),
        cutoff_time=cutoffs(),
        training_window=windows,
        progress_callback=lambda _, percent, __: told.append(percent),
    )
    with wide.profiled() as profile:
        wide.write_parquet(tmp_path / "wide")
    blocks.MOST_FEATURES = 10_000
    narrow = matrix(list(found(agg_primitives=SEVERAL)), cutoff_time=cutoffs(), training_window=windows)
    narrow.write_parquet(tmp_path / "narrow")

    assert pq.read_table(tmp_path / "wide").equals(pq.read_table(tmp_path / "narrow"))
    finished = [step for step in profile.steps if step.name == "matrix"]
    assert len(finished) > 2
    assert {step.rows for step in finished} == {4}
    assert told == sorted(told)
