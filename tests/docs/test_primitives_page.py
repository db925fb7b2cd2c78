"""The page of primitives says what the rows say."""

from __future__ import annotations

from pathlib import Path

from sparkfeat.support import as_markdown


def test_the_page_of_primitives_is_up_to_date(repository: Path) -> None:
    page = (repository / "docs" / "primitives.md").read_text(encoding="utf-8")
    assert page == as_markdown(), "docs/primitives.md is out of date: run `make docs`"
