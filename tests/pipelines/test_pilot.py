"""The pilot's instances, and what its features cost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkfeat.engines.profile import Profile, Step
from sparkfeat.errors import DataError
from sparkfeat.pipelines.build import built
from sparkfeat.pipelines.config_file import read_config
from sparkfeat.pipelines.pilot import costs_of, origins_of, pilot_config
from tests.pipelines.small_shop import write_shop


def test_a_feature_costs_the_steps_that_it_needs(tmp_path: Path) -> None:
    with built(read_config(write_shop(tmp_path))) as parts:
        seconds = {"planning": 9.0, "customers_rows": 1.0, "customers_orders_rows": 2.0}
        steps = [Step(name, "duckdb", "", value, None) for name, value in seconds.items()]
        profile = Profile("duckdb", steps=[*steps, Step("customers_orders_rows", "duckdb", "", 3.0, None)])
        found = costs_of(parts.matrix, profile)
        origins = origins_of(parts.matrix.computation.definitions.features)

    assert found.seconds == {"customers_rows": 1.0, "customers_orders_rows": 5.0}
    assert found.of(["COUNT(orders)"]) == found.of(["COUNT(orders)", "SUM(orders.amount)"]) == 6.0
    assert origins.sources["SUM(orders.amount)"] == {"orders.amount"}


@pytest.mark.parametrize("kind", [pa.int64(), pa.string()])
def test_all_rows_of_an_instance_are_taken_or_none(tmp_path: Path, kind: pa.DataType) -> None:
    config = read_config(write_shop(tmp_path))
    ids = pa.array(np.repeat(np.arange(2_000), 3)).cast(kind)
    table = pa.table({"customer_id": ids, "time": pa.array([0] * 6_000, pa.timestamp("us")), "label": ids})
    pq.write_table(table, tmp_path / "cutoffs.parquet")
    taken = []
    for seed in (1, 1, 2):
        found = pilot_config(config, "label", 600, seed, tmp_path)
        taken.append(pq.read_table(found.cutoff_time.path)["customer_id"].to_pylist())
        pq.write_table(table, tmp_path / "cutoffs.parquet")

    assert taken[0] == taken[1] != taken[2]
    assert 450 < len(taken[0]) < 750
    assert {taken[0].count(one) for one in taken[0]} == {3}
    # Independent of one another: a tenth of a tenth is in both.
    assert len(set(taken[0]) & set(taken[2])) < 45


def test_a_pilot_without_rows(tmp_path: Path) -> None:
    config = read_config(write_shop(tmp_path))
    table = pa.table({"customer_id": [7] * 3_000, "label": [0] * 3_000})
    pq.write_table(table, tmp_path / "cutoffs.parquet")
    with pytest.raises(DataError, match="The pilot has none of the 3,000 cutoff rows"):
        pilot_config(config, "label", 1, 0, tmp_path)
