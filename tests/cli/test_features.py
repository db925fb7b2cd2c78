from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from sparkfeat.cli.app import app
from tests.pipelines.small_shop import write_shop


@pytest.fixture
def config(tmp_path: Path) -> str:
    return str(write_shop(tmp_path))


def test_list(config: str) -> None:
    answer = CliRunner().invoke(app, ["features", "list", config])

    assert answer.exit_code == 0
    assert answer.stdout.splitlines() == [
        "COUNT(orders)\tIntegerNullable\tcount of order_id over the rows of orders",
        "SUM(orders.amount)\tnumeric\tsum of amount over the rows of orders",
    ]


def test_describe_goes_down_to_the_columns(config: str) -> None:
    answer = CliRunner().invoke(app, ["features", "describe", config, "SUM(orders.amount)"])

    assert answer.exit_code == 0
    assert [line.strip(" └─") for line in answer.stdout.splitlines()] == [
        "SUM(orders.amount) numeric, in customers",
        "sum of amount over the rows of orders",
        "amount Double, in orders",
        "the column amount",
    ]


def test_unknown_feature_is_bad_input(config: str) -> None:
    answer = CliRunner().invoke(app, ["features", "describe", config, "SUM(orders.amont)"])

    assert answer.exit_code == 2
    assert "Did you mean 'SUM(orders.amount)'?" in answer.stderr


def test_graph_is_written_where_asked(config: str, tmp_path: Path) -> None:
    picture = tmp_path / "sum.png"

    answer = CliRunner().invoke(
        app, ["features", "graph", config, "SUM(orders.amount)", "--output", str(picture)]
    )

    assert answer.exit_code == 0
    assert answer.stdout == f"{picture}\n"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_graph_is_named_for_the_feature(config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    answer = CliRunner().invoke(app, ["features", "graph", config, "SUM(orders.amount)"])

    assert answer.stdout == "SUM_orders_amount.png\n"
    assert (tmp_path / "SUM_orders_amount.png").is_file()


def test_graph_into_a_folder_that_is_missing(config: str, tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "sum.png"

    answer = CliRunner().invoke(
        app, ["features", "graph", config, "SUM(orders.amount)", "--output", str(missing)]
    )

    assert answer.exit_code == 1
    assert "Cannot write the picture" in answer.stderr
