"""The report is one page with everything inside it."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from sparkfeat.errors import StorageError
from sparkfeat.models.evaluation import (
    Baseline,
    Evaluation,
    Importance,
    LearningCurve,
    Metric,
    Part,
    Story,
    report,
)
from sparkfeat.models.evaluation.results import Calibrated, Confusion, Curve, Decile, Residuals, Slice

PNG = b"\x89PNG\r\n\x1a\n"
METRICS = {
    "roc_auc": Metric(0.8, 0.75, 0.85), "average_precision": Metric(0.6), "precision": Metric(0.5),
    "recall": Metric(0.7), "log_loss": Metric(0.5), "calibration_error": Metric(0.01),
}  # fmt: skip
LINE = Curve((0.0, 0.4, 1.0), (0.0, 0.8, 1.0), (1.0, 0.5, 0.0))
BINARY = Evaluation(
    "binary",
    1_200,
    METRICS,
    {"roc": LINE, "precision_recall": LINE, "cost": LINE},
    Confusion(("no", "yes <b>"), ((50, 10), (5, 35))),
    tuple(Decile(n, 10.0, 5.0, 2 - n / 6, n / 10) for n in range(1, 11)),
    (Calibrated(50.0, 0.2, 0.1), Calibrated(50.0, 0.7, 0.8)),
    slices=(Slice("region", "north", 700, METRICS),),
    classes=("no", "yes <b>"),
    threshold=0.5,
)


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    shown = [Importance("SUM(orders.amount)", 0.4, 0.3, 0.5, "the sum of <amount>")]
    story = Story(
        "Who <buys> again",
        {"algorithm": "trees"},
        [Part("train", 1_000, "2024-01-01", "2024-03-01")],
        "By time",
        ["days_since knows the future"],
        shown,
        shown,
        LearningCurve("roc_auc", [0.5, 1.0], [0.9, 0.85], [0.7, 0.8]),
    )
    worse = Baseline("majority", "always no", {"roc_auc": Metric(0.5), "log_loss": Metric(0.4)})
    unmade = Baseline("raw_columns", "raw", {}, "no column")
    files = report(BINARY, [worse, unmade], story, tmp_path / "new" / "folder")

    pictures = {
        "roc",
        "precision_recall",
        "calibration",
        "lift",
        "threshold_cost",
        "confusion",
        "learning_curve",
    }
    pictures |= {"importances", "permutation_importances"}
    assert set(files) == {"report", "evaluation"} | pictures
    page = files["report"].read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["'](?!data:)""", page)
    assert "http" not in re.sub(r"data:image/png;base64,[^\"]*", "", page)
    images = re.findall(r"data:image/png;base64,([^\"]*)", page)
    assert {base64.b64decode(image) for image in images} == {files[name].read_bytes() for name in pictures}
    assert all(files[name].read_bytes().startswith(PNG) for name in pictures)
    for text in (
        "Who &lt;buys&gt; again",
        "the sum of &lt;amount&gt;",
        "knows the future",
        "0.75 to 0.85",
        "no column",
    ):
        assert text in page
    cells = re.findall(r'<td class="number( as-good)?">(0\.[45])<', page.split('id="pictures"')[0])
    assert cells == [("", "0.5"), (" as-good", "0.4")]  # a smaller log loss is better


def test_the_numbers_are_json(tmp_path: Path) -> None:
    files = report(BINARY, [], Story(), tmp_path)
    found = json.loads(files["evaluation"].read_text())
    assert found["evaluation"]["metrics"]["roc_auc"] == {"value": 0.8, "low": 0.75, "high": 0.85}
    assert found["evaluation"]["confusion"]["counts"] == [[50, 10], [5, 35]]


@pytest.mark.parametrize(
    ("found", "pictures"),
    [
        (
            Evaluation(
                "multiclass", 9, {"accuracy": Metric(0.5)}, {"roc a": LINE}, Confusion(("a",), ((9,),))
            ),
            {"roc", "confusion"},
        ),
        (
            Evaluation(
                "regression", 9, {"rmse": Metric(1.5)}, residuals=(Residuals(9, 1.0, 0.1, -1.0, 0.0, 1.0),)
            ),
            {"residuals"},
        ),
    ],
)
def test_each_problem_has_its_pictures(tmp_path: Path, found: Evaluation, pictures: set[str]) -> None:
    assert set(report(found, [], Story(), tmp_path)) == {"report", "evaluation"} | pictures


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StorageError, match="Cannot make the folder"):
        report(BINARY, [], Story(), tmp_path / "taken")
