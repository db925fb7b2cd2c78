from __future__ import annotations

import re
import tomllib
from pathlib import Path


def package_names(requirements: list[str]) -> list[str]:
    """Return the names without versions and extras."""
    return [re.split(r"[\s<>=!~;\[]", requirement)[0] for requirement in requirements]


def test_every_dependency_has_its_reason(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    asked = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    rows = re.findall(r"^\|(.*)\|.*\|$", (repository / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"[A-Za-z0-9-]+", row)}

    assert sorted(set(package_names(asked)) - documented) == []


def test_every_locked_version_has_a_hash_and_no_address(repository: Path) -> None:
    locked = (repository / "requirements.lock").read_text()
    packages = re.findall(r"^[A-Za-z0-9._-]+==\S+.*(?:\n    .*)*", locked, re.MULTILINE)

    assert len(packages) > 50
    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in locked


def test_constraints_are_what_is_locked(repository: Path) -> None:
    constraints = (repository / "conf" / "constraints.txt").read_text()
    locked = (repository / "requirements.lock").read_text()

    for pinned in re.findall(r"^\S+==\S+", constraints, re.MULTILINE):
        assert f"\n{pinned} " in locked
