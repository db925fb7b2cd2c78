"""Texts kept in files and compared with what is made now; `--snapshot-update` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
COMMAND = "python -m pytest tests/plan tests/sql tests/benchmarks --snapshot-update"

Snapshot = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option; each conftest that offers the fixture does so, and the first one wins."""
    with suppress(ValueError):
        parser.addoption("--snapshot-update", action="store_true", help="write the snapshots anew")


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Snapshot:
    """Return a function that compares a text with the file of a name, or writes it."""
    update = request.config.getoption("--snapshot-update", default=False)

    def compare(name: str, text: str) -> None:
        path = FOLDER / f"{name}.txt"
        if update:
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{text}\n", encoding="utf-8")
        assert path.is_file(), f"There is no snapshot '{name}' yet. Write it: {COMMAND}"
        kept = path.read_text(encoding="utf-8")
        assert f"{text}\n" == kept, f"'{name}' is not as it was. If it is right as it is now: {COMMAND}"

    return compare
