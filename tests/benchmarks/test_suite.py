from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import outcome, report, retail, run, wide
from benchmarks.contenders import retail_duckdb, retail_sparkfeat, wide_duckdb, wide_sparkfeat
from benchmarks.goals import Benchmark, Goal, Memory, Ratio
from benchmarks.measure import Contender, Measured, measure
from benchmarks.outcome import Outcome, cells, outcome_of, verdict
from benchmarks.picture import draw
from benchmarks.suite import BENCHMARKS, SIZES
from sparkfeat.pipelines.compare import compare

BY_HAND = "benchmarks.contenders.retail_duckdb:run"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep data and results of the suite in a folder of the test."""
    monkeypatch.setattr(retail, "DATA", tmp_path)
    monkeypatch.setattr(wide, "DATA", tmp_path)
    monkeypatch.setattr(run, "OUTPUTS", tmp_path / "out")
    monkeypatch.setattr(outcome, "RESULTS", tmp_path / "results")
    return tmp_path


def measured(name: str, *seconds: float, error: str = "", group: str = "") -> Measured:
    return Measured(Contender(name, "", group=group), seconds, seconds, 2_048, Path(name), error)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_goals_are_about_contenders(name: str, data: Path) -> None:
    made = BENCHMARKS[name](SIZES["tiny"])
    names = [contender.name for contender in made.contenders]
    assert len(set(names)) == len(names)
    for goal in made.goals:
        asked = [goal.slower, goal.faster] if isinstance(goal, Ratio) else [goal.contender]
        assert set(asked) <= set(names)


def test_a_tiny_benchmark_runs(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"DuckDB by hand, {times}" for times in ("1 time", "20 times")]
    assert run.main(["--tiny", "snapshots", "--contender", names[0], "--contender", names[1]]) == 0
    assert "sparkfeat duckdb, 1 time, warm: at most 6: not measured" in capsys.readouterr().out
    assert len(pd.read_parquet(data / "out" / "snapshots" / "DuckDB-by-hand,-20-times")) == 400
    assert not (data / "results").exists()


def test_the_query_by_hand_computes_what_sparkfeat_does_at_many_times(tmp_path: Path) -> None:
    retail.generate(tmp_path, 5_000)
    times = retail.snapshots(tmp_path, 20, 5)
    retail_duckdb.run(tmp_path, tmp_path / "by-hand", times)
    retail_sparkfeat.run(tmp_path, tmp_path / "sparkfeat", cutoffs=times, memory_limit="1GB")
    found = compare(tmp_path / "by-hand", tmp_path / "sparkfeat", "asked")
    assert (found.rows, found.columns) == (100, 67)
    assert found.agrees


def test_a_shared_time_is_a_time_for_each(tmp_path: Path) -> None:
    retail.generate(tmp_path, 5_000)
    retail_duckdb.run(tmp_path, tmp_path / "by-hand", retail.shared(tmp_path, 50))
    retail_sparkfeat.run(tmp_path, tmp_path / "sparkfeat", time=retail.MIDDLE)
    assert compare(tmp_path / "by-hand", tmp_path / "sparkfeat", "customer_id").agrees


def test_one_that_fails_is_told_and_the_others_run(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = {"data": data / "nothing"}
    contenders = (
        Contender("not there", BY_HAND, needs="no_such_module"),
        Contender("bad", BY_HAND, nothing),
        Contender("good", BY_HAND, {"data": retail.dataset(1_000)}),
    )
    goals = (Ratio("bad", "good", at_most=2), Memory("good", at_most=4))
    monkeypatch.setitem(BENCHMARKS, "some", lambda size: Benchmark("Some: of it", contenders, goals))
    assert run.main(["some"]) == 1
    told = capsys.readouterr().out
    assert "not there is left out: no_such_module is not installed" in told
    kept = json.loads((data / "results" / "some.json").read_text())
    assert "nothing" in kept["contenders"]["bad"]["error"]
    assert len(kept["contenders"]["good"]["seconds"]) == 1
    assert kept["goals"]["bad / good: at most 2"] == {"value": None, "met": False}
    assert kept["goals"]["peak memory of good: at most 4 GB"]["met"]


def test_one_that_does_not_end_is_stopped(data: Path) -> None:
    endless = Contender("endless", BY_HAND, {"data": retail.dataset(1_000)}, runs=10_000, limit=3)
    assert measure(endless, data / "out").error == "stopped after 3 s"


@pytest.mark.parametrize(
    ("goal", "value", "met"),
    [
        (Ratio("slow", "fast", at_least=3), 4.0, True),
        (Ratio("slow", "fast", warm=True, at_most=1.5), 2.0, False),
        (Memory("slow", at_most=1), 2.0, False),
        (Ratio("slow", "bad", at_most=9), None, False),
    ],
)
def test_goals(goal: Goal, value: float | None, met: bool) -> None:
    results = [measured("slow", 8, 4), measured("fast", 2, 2), measured("bad", error="no")]
    came = Outcome(Benchmark("Some: of it", (), (goal,)), results, {}).figures()["goals"][str(goal)]
    assert came == {"value": value, "met": met}
    assert verdict(came) == (
        "not measured" if value is None else f"{value:.2f}, {'met' if met else 'not met'}"
    )


def test_groups_are_compared_apart(data: Path) -> None:
    folders = {name: data / name for name in ("a", "b", "c", "d")}
    for name, folder in folders.items():
        folder.mkdir()
        pd.DataFrame({"customer_id": [1, 2], "x": [1.0, 5.0 if name == "d" else 2.0]}).to_parquet(
            folder / "x"
        )
    results = [
        Measured(Contender(name, "", group=group), (1.0,), (1.0,), 1, folders[name])
        for name, group in (("a", "1"), ("d", "2"), ("b", "1"), ("c", "2"))
    ]
    found = outcome_of(Benchmark("Some: of it", (), ()), results)
    assert {name: one.agrees for name, one in found.agreements.items()} == {"b": True, "c": False}
    assert not found.good


def test_the_wide_query_by_hand_computes_what_sparkfeat_does(tmp_path: Path) -> None:
    wide.generate(tmp_path, 1_000)
    wide_duckdb.run(tmp_path, tmp_path / "by-hand", "2")
    wide_sparkfeat.run(tmp_path, tmp_path / "sparkfeat", "2")
    found = compare(tmp_path / "by-hand", tmp_path / "sparkfeat", "customer_id")
    assert (found.rows, found.columns) == (10, 73)
    assert found.agrees


def test_chunks_of_events_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wide, "CHUNK_ROWS", 64)
    wide.generate(tmp_path, 1_003)
    rows = pd.read_parquet(tmp_path / "events.parquet")
    assert rows.event_id.tolist() == list(range(1, 1_004))
    assert rows.session_id.between(1, 100).all()
    assert rows.v00.nunique() > 500


def test_polars_computes_what_duckdb_does(tmp_path: Path) -> None:
    pytest.importorskip("polars")
    from benchmarks.contenders import retail_polars

    retail.generate(tmp_path, 5_000)
    retail_duckdb.run(tmp_path, tmp_path / "duckdb")
    retail_polars.run(tmp_path, tmp_path / "polars")
    assert compare(tmp_path / "duckdb", tmp_path / "polars", "customer_id").agrees


# The page -------------------------------------------------------------------------------------------------


def test_the_page_of_benchmarks_is_up_to_date() -> None:
    text = report.PAGE.read_text(encoding="utf-8")
    assert text == report.page(text, report.results()), "Run `python -m benchmarks.report`"


def test_a_picture_is_drawn_whatever_failed(tmp_path: Path) -> None:
    once = {"seconds": [3.0], "cpu_seconds": [3.0], "peak_mb": 100}
    draw({"title": "One: alone", "contenders": {"a": once, "b": {"error": "no"}}}, tmp_path / "a.png")
    draw({"title": "None: at all", "contenders": {"b": {"error": "no"}}}, tmp_path / "b.png")
    assert (tmp_path / "a.png").stat().st_size > 1_000
    assert cells(once) == ["3.00", "3.00", "3.00", "100", ""]
    assert cells({"error": "no"})[0] == "failed"
