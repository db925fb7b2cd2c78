"""`make package`: everything that a job on EMR needs, built from the repository into one folder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from sparkfeat.emr.archives import Entry, environment_entries, write_tar
from sparkfeat.emr.instances import Architecture
from sparkfeat.emr.package import LOCK, Package, package_of, repository_folder, sha256_of
from sparkfeat.errors import EngineError, EnvironmentProblem

ARCHITECTURES: tuple[Architecture, ...] = ("x86_64", "aarch64")
GLIBC = 34
"""Minor version of the C library on Amazon Linux 2023, which EMR's images are made of: wheels may ask for
no newer.
"""
_OLDEST_GLIBC = 5
_FOLDERS = ("jobs", "bootstrap", "conf")

Tell = Callable[[str], None]


def build(output: Path, architectures: Sequence[Architecture], tell: Tell) -> Package:
    """Build the wheel, the environments, the wheelhouses and their checksums.

    An environment is named by the hash of its lock; one that is there already is not built again.

    Args:
        output: folder to fill.
        architectures: which environments to build.
        tell: shows a line.

    Raises:
        EnvironmentProblem: the code was installed, and does not run from a repository.
        EngineError: pip failed.
    """
    repository = repository_folder()
    if repository is None:
        hint = "Clone it and run `make package` there"
        raise EnvironmentProblem("Packages are built in the repository", hint=hint)
    package = package_of(repository)
    output.mkdir(parents=True, exist_ok=True)
    _build_code(repository, output, package)
    for architecture in architectures:
        _build_environment(repository, output, package, architecture, tell)
    (output / "package.json").write_text(json.dumps(asdict(package), indent=2) + "\n", encoding="utf-8")
    _write_checksums(output, package)
    for file in _files(output, package):
        tell(f"{file.stat().st_size:>13,} bytes  {file.relative_to(output)}")
    return package


def _build_code(repository: Path, output: Path, package: Package) -> None:
    (output / package.wheel).unlink(missing_ok=True)
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(output), str(repository)]
    _pip("build the wheel", "wheel", *options)
    for name in _FOLDERS:
        shutil.rmtree(output / name, ignore_errors=True)
        if (repository / name).is_dir():
            shutil.copytree(repository / name, output / name, ignore=shutil.ignore_patterns("__pycache__"))


def _build_environment(
    repository: Path, output: Path, package: Package, architecture: Architecture, tell: Tell
) -> None:
    environment = output / package.environment(architecture)
    wheelhouse = output / package.wheelhouse(architecture)
    if environment.is_file() and wheelhouse.is_file():
        tell(f"{environment.name} is there already")
        return
    with tempfile.TemporaryDirectory(prefix="sparkfeat-wheels-") as folder:
        tell(f"wheels for {architecture}")
        wheels = download_wheels(repository / LOCK, Path(folder), architecture)
        write_tar(wheelhouse, _wheelhouse_entries(repository / LOCK, wheels), compressed=False)
        tell(f"environment for {architecture}")
        write_tar(environment, environment_entries(wheels), compressed=True)


def download_wheels(lock: Path, folder: Path, architecture: Architecture) -> list[Path]:
    """Download the locked wheels for Python 3.11 on EMR's images; nothing is built from source.

    Raises:
        EngineError: pip failed: a package has no wheel that fits, or another hash.
    """
    options = ["--no-deps", "--only-binary", ":all:", "--require-hashes"]
    options += ["--python-version", "3.11", "--implementation", "cp", *_platforms(architecture)]
    what = f"download the wheels for {architecture}"
    _pip(what, "download", *options, "--dest", str(folder), "--requirement", str(lock))
    return sorted(folder.glob("*.whl"))


def _platforms(architecture: Architecture) -> list[str]:
    """Return pip's options for every C library that is old enough; pip does not add the older ones itself."""
    tags = [f"manylinux_2_{minor}_{architecture}" for minor in range(GLIBC, _OLDEST_GLIBC - 1, -1)]
    return [part for tag in (*tags, f"manylinux2014_{architecture}") for part in ("--platform", tag)]


def _wheelhouse_entries(lock: Path, wheels: Sequence[Path]) -> Iterator[Entry]:
    yield Entry("requirements.lock", lock.read_bytes())
    yield from (Entry(f"wheels/{wheel.name}", wheel.read_bytes()) for wheel in wheels)


def _pip(what: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", arguments[0], "--quiet"]
    ended = subprocess.run([*command, *arguments[1:]], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise EngineError(f"Could not {what}", why=ended.stderr.strip()[-2000:] or f"pip: {ended.returncode}")


def _files(output: Path, package: Package) -> list[Path]:
    """Return what belongs to the package, sorted by name; archives of older locks are left alone."""
    built = [output / package.wheel, output / "package.json"]
    for architecture in ARCHITECTURES:
        built += [output / package.environment(architecture), output / package.wheelhouse(architecture)]
    copied = [file for name in _FOLDERS for file in (output / name).rglob("*") if file.is_file()]
    return sorted(file for file in (*built, *copied) if file.is_file())


def _write_checksums(output: Path, package: Package) -> None:
    lines = [
        f"{sha256_of(file)}  {file.relative_to(output).as_posix()}\n" for file in _files(output, package)
    ]
    (output / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
