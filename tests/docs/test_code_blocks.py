"""Every Python block of the documentation runs, in order, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sparkfeat.pipelines.config import ComputeConfig
from sparkfeat.pipelines.config_file import read_model
from sparkfeat.pipelines.score_config import ScoreConfig
from sparkfeat.pipelines.select_config import SelectConfig
from sparkfeat.pipelines.shop import generate
from sparkfeat.pipelines.train_config import TrainConfig
from sparkfeat.primitives.custom import custom_rows, unregister_primitive

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MODELS = {"compute": SelectConfig, "name": TrainConfig, "model": ScoreConfig}
"""What a configuration is of, by its first key."""


def blocks(page: Path, language: str) -> list[str]:
    return [text for name, text in BLOCK.findall(page.read_text(encoding="utf-8")) if name == language]


@pytest.fixture(autouse=True)
def nothing_stays_registered() -> Iterator[None]:
    """Take back what a page registers: other tests in this process list it."""
    before = custom_rows()
    yield
    for primitive in custom_rows().keys() - before.keys():
        unregister_primitive(primitive)


@pytest.fixture(scope="module")
def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    generate(folder / "shop", customers=200, seed=7)
    return folder


def upload(bucket: Any, folder: Path) -> None:
    for file in folder.rglob("*.parquet"):
        bucket.upload_file(str(file), "example-data", file.relative_to(folder).as_posix())


def uses_spark(page: Path) -> bool:
    return any("get_session()" in block for block in blocks(page, "python"))


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            page, id=page.stem, marks=[pytest.mark.spark, pytest.mark.slow] if uses_spark(page) else []
        )
        for page in PAGES
        if blocks(page, "python")
    ],
)
def test_the_python_blocks_of_a_page_run(
    page: Path,
    shop_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
) -> None:
    if page.stem == "s3":
        upload(request.getfixturevalue("bucket"), shop_folder)
    if uses_spark(page):
        request.getfixturevalue("spark")  # the session that the page finds
    else:  # a reader's process has none
        monkeypatch.setattr("sparkfeat.synthesis.active_session", lambda: None)
    monkeypatch.chdir(shop_folder)
    names: dict[str, object] = {"__name__": "__main__"}
    for number, block in enumerate(blocks(page, "python"), start=1):
        exec(compile(block, f"{page.name}, block {number}", "exec"), names)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "yaml")], ids=lambda page: page.stem)
def test_the_configurations_of_a_page_are_valid(page: Path, tmp_path: Path) -> None:
    for number, block in enumerate(blocks(page, "yaml")):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block, encoding="utf-8")
        read_model(file, MODELS.get(block.partition(":")[0], ComputeConfig))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing
