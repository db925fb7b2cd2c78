from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sparkfeat.cli.app import app
from tests.pipelines.small_shop import write_shop


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("compute: shop.yaml\noutput: out\n", "Missing key 'label'"),
        (
            "compute: shop.yaml\noutput: out\nlabel: label\nselection: {wraper: forward}\n",
            "Did you mean 'wrapper'?",
        ),
        ("compute: gone.yaml\noutput: out\nlabel: label\n", "No such configuration file"),
        ("compute: shop.yaml\noutput: out\nlabel: labbel\n", "Did you mean 'label'?"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_computed(tmp_path: Path, text: str, told: str) -> None:
    write_shop(tmp_path)
    file = tmp_path / "select.yaml"
    file.write_text(text)
    answer = CliRunner().invoke(app, ["select", str(file)])

    assert answer.exit_code == 2
    assert told in answer.stderr


def test_a_table_without_rows(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    write_shop(tmp_path)
    schema = pa.schema([("instance_id", pa.int64()), ("time", pa.timestamp("us")), ("label", pa.bool_())])
    pq.write_table(schema.empty_table(), tmp_path / "cutoffs.parquet")
    file = tmp_path / "select.yaml"
    file.write_text("compute: shop.yaml\noutput: out\nlabel: label\n")
    answer = CliRunner().invoke(app, ["select", str(file)])

    assert answer.exit_code == 2
    assert "There are no cutoff times" in answer.stderr
