"""What is uploaded for a job: names by content, so that nothing is uploaded twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sparkfeat import __version__
from sparkfeat.configuration import conf_folder
from sparkfeat.emr.instances import Architecture
from sparkfeat.errors import ConfigError, EnvironmentProblem

DIGITS = 16
"""Hexadecimal digits of a SHA-256 in a name."""
LOCK = "conf/emr/requirements.lock"
BOOTSTRAP = "install_environment.sh"
CODE = (
    "pyproject.toml",
    "sparkfeat/**/*.py",
    "sparkfeat/py.typed",
    "conf/*.yaml",
    "conf/emr/**/*",
    "jobs/*.py",
    "bootstrap/*.sh",
)
"""Files that the hash of the code is made of, as patterns relative to the repository."""


@dataclass(frozen=True)
class Package:
    """The names of what `make package` builds.

    `code` is the hash of package, jobs and bootstrap scripts, `lock` the SHA-256 of the locked requirements.
    """

    code: str
    lock: str
    version: str = __version__

    @property
    def wheel(self) -> str:
        """File name of the wheel."""
        return f"sparkfeat-{self.version}-py3-none-any.whl"

    def environment(self, architecture: Architecture) -> str:
        """File name of the archive of Python packages, laid out as a virtual environment."""
        return f"environment-{architecture}-{self.lock[:DIGITS]}.tar.gz"

    def wheelhouse(self, architecture: Architecture) -> str:
        """File name of the wheels and their lock, for the bootstrap action."""
        return f"wheelhouse-{architecture}-{self.lock[:DIGITS]}.tar"


def find_package(dist: Path) -> Package:
    """Return the package of the repository, or else of what was built into `dist`.

    Raises:
        EnvironmentProblem: there is neither.
    """
    repository = repository_folder()
    if repository is not None:
        return package_of(repository)
    return built_package(dist)


def built_package(dist: Path) -> Package:
    """Return the package that was built into `dist`.

    Raises:
        EnvironmentProblem: nothing was built there.
        ConfigError: its description cannot be read.
    """
    file = dist / "package.json"
    if not file.is_file():
        raise EnvironmentProblem(
            "There is no package to upload",
            where=str(dist),
            hint="Run `make package` in the repository first",
        )
    try:
        return Package(**json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        hint = "Run `make package` again"
        raise ConfigError(
            "Not the description of a package", where=str(file), why=str(error), hint=hint
        ) from error


def repository_folder() -> Path | None:
    """Return the repository that this code runs from, or None where it was installed from a wheel."""
    folder = conf_folder()
    beside = Path(str(folder)).resolve().parent
    return beside if (beside / "jobs").is_dir() and (beside / LOCK).is_file() else None


def package_of(repository: Path) -> Package:
    """Return the names that `make package` gives to what it builds from the repository now."""
    files = sorted({file for pattern in CODE for file in repository.glob(pattern) if file.is_file()})
    code = _hash_of_files(repository, files)
    return Package(code[:DIGITS], hashlib.sha256((repository / LOCK).read_bytes()).hexdigest())


def content_name(file: Path) -> str:
    """Return the name of a file under the hash of its content, e.g. "3f5a.../features.yaml"."""
    return f"{hashlib.sha256(file.read_bytes()).hexdigest()[:DIGITS]}/{file.name}"


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def checksums(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the hash and the name of each file in SHA256SUMS."""
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ", 1)
        yield digest, name


def _hash_of_files(root: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{file.relative_to(root).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()
