from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from sparkfeat.errors import EngineError
from sparkfeat.pipelines import demo
from sparkfeat.pipelines.compare import Agreement, compare
from sparkfeat.pipelines.demo import chart, tour
from sparkfeat.pipelines.demo.ranking import Ranked, ranked

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PNG = b"\x89PNG\r\n\x1a\n"


def written(path: Path, **columns: object) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def apart(tmp_path: Path, left: object, right: object) -> float:
    first = written(tmp_path / "left.parquet", key=[1, 2], value=left)
    second = written(tmp_path / "right.parquet", key=[2, 1], value=right)
    return compare(first, second, "key").largest


@pytest.mark.parametrize(
    ("left", "right", "largest"),
    [
        ([1.0, 2.0], [2.0, 1.0], 0.0),
        ([1, 2], [2.0, 1.0], 0.0),
        ([1.0, 2.0], [2.0, 1.5], 1 / 3),
        ([1.0, None], [float("nan"), 1.0], 0.0),
        ([1.0, None], [0.0, 1.0], float("inf")),
        ([float("inf"), 2.0], [2.0, float("inf")], 0.0),
        ([0.0, 1.0], [1.0, 1e-15], 1e-12),
        ([True, None], [None, 1.0], 0.0),
        (["é", None], [None, "é"], 0.0),
        (["a", "b"], ["a", "b"], float("inf")),
        (["a", None], ["", "a"], float("inf")),
        ([1.0, 2.0], ["2.0", "1.0"], float("inf")),
    ],
)
def test_difference_of_a_column(tmp_path: Path, left: object, right: object, largest: float) -> None:
    assert apart(tmp_path, left, right) == pytest.approx(largest)


def test_dictionaries_and_resolutions_of_times_do_not_differ(tmp_path: Path) -> None:
    plain = pa.array(["a", "b"])
    times = pa.array([1_000_000, 2_000_000], pa.timestamp("us"))
    first = written(tmp_path / "first.parquet", key=[1, 2], category=plain, time=times)
    second = written(
        tmp_path / "second.parquet",
        key=[1, 2],
        category=plain.dictionary_encode(),
        time=times.cast(pa.timestamp("ms")),
    )
    agreement = compare(first, second, "key")
    assert agreement.agrees
    assert (agreement.rows, agreement.columns) == (2, 3)


def test_a_missing_column_and_missing_rows_differ(tmp_path: Path) -> None:
    first = written(tmp_path / "first.parquet", key=[1, 2], a=[1, 2])
    second = written(tmp_path / "second.parquet", key=[1, 2], a=[1, 2], b=[1, 2])
    assert compare(first, second, "key").differing == ("b",)
    third = written(tmp_path / "third.parquet", key=[1], a=[1])
    assert compare(first, third, "key").differing == ("a", "key")


def test_ranking_by_what_a_feature_tells_alone() -> None:
    label = np.array([0, 0, 0, 1, 1, 1])
    matrix = pd.DataFrame(
        {
            "rising": [1, 2, 3, 4, 5, 6],
            "falling": [6.0, 5.0, 3.0, 4.0, 2.0, 1.0],
            "constant": [1.0] * 6,
            "flag": [False, False, True, True, True, True],
            "text": list("abcdef"),
            "SUM(future)": [0.0, None, 0.0, 1.0, 1.0, 1.0],
            "unknown": [None, None, None, None, 1.0, 0.0],
            "label": label,
        }
    )
    found = ranked(matrix, "label", leaking=["future"])
    assert found == [
        Ranked("SUM(future)", 1.0, rising=True, leak=True),
        Ranked("rising", 1.0, rising=True, leak=False),
        Ranked("falling", pytest.approx(8 / 9), rising=False, leak=False),
        Ranked("flag", pytest.approx(5 / 6), rising=True, leak=False),
        Ranked("constant", 0.5, rising=True, leak=False),
    ]


def test_one_label_only_ranks_nothing() -> None:
    assert ranked(pd.DataFrame({"a": [1, 2], "label": [1, 1]}), "label") == []


def test_the_picture_is_a_png(tmp_path: Path) -> None:
    best = [Ranked("a long name of a feature", 0.9, rising=True, leak=True), Ranked("b", 0.6, False, False)]
    chart.draw(best, "Title", "Subtitle", tmp_path / "best.png")
    assert (tmp_path / "best.png").read_bytes().startswith(PNG)


def test_demo_writes_and_tells_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tour, "ENGINES", {"duckdb": "DuckDB", "featuretools": "Featuretools"})
    told = io.StringIO()
    console = Console(file=told, soft_wrap=True, highlight=False)
    folder = tmp_path / "demo"
    demo.run(folder, 6, 3, console)
    text = told.getvalue()
    assert "the engines agree" in text
    assert str(folder / "best_features.png") in text
    assert (folder / "best_features.png").read_bytes().startswith(PNG)
    for name in ("shop/truth.json", "compute-duckdb.yaml", "features-duckdb/manifest.json"):
        assert (folder / name).is_file()
    demo.run(folder, 4, 4, console)  # a demonstration replaces the one before
    assert "216 features of 4 customers" in told.getvalue()


def test_engines_that_disagree_end_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tour, "read_matrix", lambda path: path)
    monkeypatch.setattr(tour, "compare", lambda *given: Agreement(3, 2, 0.5, "a", ("a", "b")))
    with pytest.raises(EngineError, match=r"They differ by up to 5\.0e-01 in a, b"):
        tour.compared(tmp_path)


@pytest.mark.spark
@pytest.mark.slow
def test_demo_compares_duckdb_with_spark_and_trains_a_model(
    tmp_path: Path, interpreted: SparkSession
) -> None:
    told = io.StringIO()
    demo.run(tmp_path, 400, 0, Console(file=told, soft_wrap=True, highlight=False))
    text = told.getvalue()
    assert "the engines agree" in text
    assert (tmp_path / "features-spark" / "manifest.json").is_file()
    assert "may know the future: days_since_last_order (tells the label suspiciously well alone" in text
    metrics = {line.split("\t")[0]: line.split("\t")[1:] for line in text.splitlines() if "\t" in line}
    assert metrics["metric"] == ["model", "majority", "raw columns", "shuffled labels"]
    auc = [float(value) for value in metrics["roc_auc"] if value != "-"]
    assert auc[0] > 0.55
    assert auc[1] == 0.5
    assert all(int(metrics[term][1]) > 0 for term in ("amount_30d", "mobile_share"))
    definitions = (tmp_path / "selection" / "features.json").read_text()
    assert "days_since_last_order" not in {*json.loads(definitions)["feature_list"]}
    assert "100 rows of the training checked" in text
    for place in ("report.html", "mlflow.db", "predictions"):
        assert place in text
