"""Labels that cannot be told are refused before the pilot's features are computed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sparkfeat.errors import DataError, SchemaError, SparkfeatError
from sparkfeat.pipelines import select_features
from sparkfeat.pipelines.pilot_label import check_label
from sparkfeat.pipelines.select_config import SelectConfig
from tests.pipelines.small_shop import CUTOFFS, write_shop


def checked(folder: Path, values: object, problem: str) -> None:
    pq.write_table(pa.table({"label": values}), folder / "cutoffs.parquet")
    check_label(str(folder / "cutoffs.parquet"), "label", problem, "labels.parquet")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ([0, 1, 1], "binary"),
        ([True, False], "regression"),
        (pa.array(["a", "b", "c"]).dictionary_encode(), "multiclass"),
        ([*range(200)], "regression"),
    ],
)
def test_labels_that_can_be_told(tmp_path: Path, values: object, problem: str) -> None:
    checked(tmp_path, values, problem)


@pytest.mark.parametrize(
    ("values", "problem", "error", "told"),
    [
        ([1, 1], "binary", DataError, r"same label \(label in labels.parquet\)\. Raise pilot_rows"),
        ([2.5, 2.5], "regression", DataError, "same label"),
        ([1, None, 0], "binary", DataError, "1 of 3 rows have no label"),
        ([1.5, float("nan"), float("inf")], "regression", DataError, "2 of 3 rows have no label"),
        (pa.nulls(2, pa.int64()), "binary", DataError, "2 of 2 rows have no label"),
        (["a", "b"], "regression", SchemaError, "A label of type string .* The problem is regression"),
        ([datetime(2024, 1, 1)], "binary", SchemaError, "A label of type timestamp"),
        ([0, 1, 2], "binary", DataError, "3 values, where the problem 'binary' has at most 2"),
        ([*range(101)], "multiclass", DataError, "101 values, .* Set problem: regression"),
    ],
)
def test_labels_that_cannot(
    tmp_path: Path, values: object, problem: str, error: type[SparkfeatError], told: str
) -> None:
    with pytest.raises(error, match=told):
        checked(tmp_path, values, problem)


def test_a_selection_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    compute = write_shop(tmp_path)
    pq.write_table(pa.table(CUTOFFS | {"label": [1, 1]}), tmp_path / "cutoffs.parquet")
    output = tmp_path / "selection"
    told = {"compute": str(compute), "label": "label", "output": str(output)}
    with pytest.raises(DataError, match="All rows of the pilot have the same label"):
        select_features.run(SelectConfig.model_validate(told))
    assert not output.exists()
