"""What is sent to Spark's workers runs where sparkfeat is not installed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sparkfeat.models.preprocessing.sketch import Sketch
from sparkfeat.models.preprocessing.statistics import _merge, _partial
from sparkfeat.models.sampling.smote import Maker
from sparkfeat.models.training.extent import _looked_at
from sparkfeat.models.workers import send_by_value

WORKER = """
import pickle, sys
sys.modules["sparkfeat"] = None  # an import of it fails
run, batches = pickle.load(open(sys.argv[1], "rb"))
pickle.dump(list(run(batches)), open(sys.argv[1], "wb"))
"""


def in_a_worker(run: object, batches: Iterable[pa.RecordBatch], folder: Path) -> list[pa.RecordBatch]:
    """Return what a function makes of batches in a process that cannot import sparkfeat."""
    import pickle

    from pyspark import cloudpickle

    file = folder / "sent"
    file.write_bytes(cloudpickle.dumps((run, list(batches))))
    subprocess.run([sys.executable, "-c", WORKER, str(file)], check=True, capture_output=True, timeout=120)
    found: list[pa.RecordBatch] = pickle.loads(file.read_bytes())
    return found


@pytest.fixture
def values() -> np.ndarray:
    rng = np.random.default_rng(4)
    return np.array([rng.normal(size=500), rng.integers(0, 9, 500)])


def batch_of(columns: np.ndarray) -> pa.RecordBatch:
    """Return rows of one column of arrays."""
    return pa.RecordBatch.from_pydict({"values": columns.T.tolist()})


def test_statistics_run_without_sparkfeat(values: np.ndarray, tmp_path: Path) -> None:
    send_by_value()

    def summarised(batches: Iterable[pa.RecordBatch]) -> Iterable[pd.DataFrame]:
        rows = pa.Table.from_batches(list(partial(_partial, ordered=True)(batches))).to_pandas()
        return [_merge(rows)]

    (found,) = in_a_worker(summarised, [batch_of(values)], tmp_path)
    for place, column in enumerate(values):
        assert found["mean"][place] == pytest.approx(column.mean())
        assert found["squares"][place] == pytest.approx(column.var() * 500)
        np.testing.assert_array_equal(Sketch.unpacked(found["sketch"][place]).points, np.sort(column))


def test_extents_are_found_without_sparkfeat(values: np.ndarray, tmp_path: Path) -> None:
    send_by_value()
    label = values[1]
    rows = in_a_worker(_looked_at, [batch_of(np.array([*values, label]))], tmp_path)
    found = pa.Table.from_batches(rows).to_pylist()
    for place, column in enumerate(values):
        wanted = {"place": place, "rows": 500, "there": 500, "infinite": 0, "same": 500 * place}
        assert found[place] == wanted | {"low": column.min(), "high": column.max()}


def test_synthetic_rows_are_made_without_sparkfeat(tmp_path: Path) -> None:
    send_by_value()
    candidates = np.random.default_rng(5).normal(size=(40, 3))
    maker = Maker(candidates, 3, 1)
    rows = pa.RecordBatch.from_pydict(
        {
            "values": candidates.tolist(),
            "__key": list(range(40)),
            "__first": [0] * 40,
            "__times": [2] * 40,
        }
    )

    def make(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        for one in batches:
            yield from maker.of_batch(one)

    found = pa.Table.from_batches(in_a_worker(make, [rows], tmp_path))
    assert found.equals(pa.Table.from_batches(maker.of_batch(rows)))
    assert found.num_rows == 80
