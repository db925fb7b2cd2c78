from __future__ import annotations

import io

import pytest
from rich.console import Console

from sparkfeat.cli import console
from sparkfeat.cli.console import PlainProgress, TerminalProgress, show_error, show_table
from sparkfeat.errors import ConfigError
from sparkfeat.pipelines.progress import Stages


def recording(*, terminal: bool) -> Console:
    """Return a console like the program's that writes into memory."""
    return Console(
        file=io.StringIO(), force_terminal=terminal, color_system=None, width=60, highlight=False, emoji=False
    )


def text_of(recorded: Console) -> str:
    assert isinstance(recorded.file, io.StringIO)
    return recorded.file.getvalue()


def test_stages_outside_a_terminal_are_lines_with_the_time() -> None:
    recorded = recording(terminal=False)
    stages = Stages(PlainProgress(recorded))

    with stages.stage("plan"):
        stages.progress.tell("MODE(a[b]) is left to Featuretools")

    lines = [line.split(" ", 1) for line in text_of(recorded).splitlines()]
    assert all(time.count(":") == 2 for time, _ in lines)
    assert [line for _, line in lines] == ["plan", "MODE(a[b]) is left to Featuretools", "plan: 0.0 s"]


def test_stages_on_a_terminal_leave_a_line_each() -> None:
    recorded = recording(terminal=True)
    progress = TerminalProgress(recorded)
    stages = Stages(progress)

    with stages.stage("plan"):
        progress.tell("a note")

    assert "note a note" in text_of(recorded)
    assert "done plan 0.0 s" in text_of(recorded)


def test_stage_that_fails_is_not_recorded() -> None:
    recorded = recording(terminal=False)
    stages = Stages(PlainProgress(recorded))

    with pytest.raises(RuntimeError), stages.stage("plan"):
        raise RuntimeError

    assert stages.seconds == {}
    assert "plan:" not in text_of(recorded)


def test_error_on_a_terminal_is_a_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = recording(terminal=True)
    monkeypatch.setattr(console, "_messages", lambda: recorded)

    show_error(
        ConfigError("Unknown key 'a[0]'", where="shop.yaml", why="It is not known", hint="Did you mean 'b'?")
    )

    text = text_of(recorded)
    assert "Error" in text
    positions = [
        text.index(part) for part in ("Unknown key 'a[0]'", "shop.yaml", "It is not known", "Did you")
    ]
    assert positions == sorted(positions)


def test_table_on_a_terminal_has_a_heading(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = recording(terminal=True)
    monkeypatch.setattr(console, "output", lambda: recorded)

    show_table(("feature", "type"), [("SUM(a)", "Double"), ("b[0]", "")])

    assert [line.split() for line in text_of(recorded).splitlines()] == [
        ["feature", "type"],
        ["SUM(a)", "Double"],
        ["b[0]"],
    ]


def test_table_outside_a_terminal_has_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("feature", "type"), [("SUM(a:b:c)", "Double")])

    assert capsys.readouterr().out == "SUM(a:b:c)\tDouble\n"


def test_table_of_several_values_names_them_outside_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("metric", "model", "majority"), [("roc_auc", "0.9", "0.5")], headed=True)

    assert capsys.readouterr().out == "metric\tmodel\tmajority\nroc_auc\t0.9\t0.5\n"
