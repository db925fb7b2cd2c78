"""The programs of others that integration tests run: an S3 server, Hadoop's S3A and its YARN.

`python -m tests.support.parts.get`, a part of `make test-integration`, gets what is missing by Maven, Go and
pip, into a folder of the user's cache. The jars must have the checksums of SHA256SUMS, the server's modules
those of go.sum, and the Python packages those of the lock for EMR.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from sparkfeat.emr.build import build
from sparkfeat.emr.instances import Architecture
from sparkfeat.emr.package import Package, checksums, sha256_of
from sparkfeat.emr.releases import PYTHON

HERE = Path(__file__).parent
SERVER = "github.com/versity/versitygw/cmd/versitygw"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
HINT = "`make test-integration` gets it"


def cache() -> Path:
    """The folder that everything is kept in."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sparkfeat"


def jars(*names: str) -> list[Path]:
    """Paths of the jars whose names begin so.

    Raises:
        AssertionError: one is missing.
    """
    found = [_one(name) for name in names]
    missing = [str(file) for file in found if not file.is_file()]
    assert not missing, f"{missing} not there: {HINT}"
    return found


def server() -> Path:
    """Path of the S3 server's program; its name says which versions it was built of.

    Raises:
        AssertionError: it is missing.
    """
    program = _server()
    assert program.is_file(), f"{program} is not there: {HINT}"
    return program


def package() -> tuple[Path, Package]:
    """Build what `make package` builds, for this machine; what is there already is kept."""
    folder = cache() / "package"
    return folder, build(folder, [architecture()], print)


def architecture() -> Architecture:
    """This machine's, as EMR names it."""
    return "aarch64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"


def main() -> None:
    """Get everything."""
    if not Path(PYTHON).is_file():
        sys.exit(f"Integration tests run the package for EMR, whose Python 3.11 is {PYTHON}: there is none")
    for get in (_get_jars, _get_server, package):
        get()


def _one(name: str) -> Path:
    (match,) = [file for _, file in checksums(HERE) if file.startswith(name)]
    return cache() / "jars" / match


def _get_jars() -> None:
    folder = cache() / "jars"
    if _wrong(folder):
        options = ["--batch-mode", "--quiet", "--file", str(HERE / "pom.xml")]
        _run("mvn", *options, COPY, "-DexcludeTransitive=true", f"-DoutputDirectory={folder}")
    if wrong := _wrong(folder):
        sys.exit(f"{', '.join(wrong)} in {folder}: not there, or not the checksum of {HERE / 'SHA256SUMS'}")


def _wrong(folder: Path) -> list[str]:
    sums = checksums(HERE)
    return [name for digest, name in sums if not _is(folder / name, digest)]


def _is(file: Path, digest: str) -> bool:
    return file.is_file() and sha256_of(file) == digest


def _server() -> Path:
    digest = hashlib.sha256((HERE / "go.sum").read_bytes()).hexdigest()
    return cache() / f"versitygw-{digest[:16]}"


def _get_server() -> None:
    program = _server()
    if program.is_file():
        return
    program.parent.mkdir(parents=True, exist_ok=True)
    partial = program.with_suffix(".part")
    _run("go", "build", "-C", str(HERE), "-trimpath", "-buildvcs=false", "-o", str(partial), SERVER)
    partial.replace(program)


def _run(program: str, *arguments: str) -> None:
    """Run a client; where it is missing or fails there is nothing to test against."""
    if shutil.which(program) is None:
        sys.exit(f"Integration tests need `{program}` on PATH")
    _check([program, *arguments])


def _check(command: Sequence[str]) -> None:
    environment = os.environ | {"CGO_ENABLED": "0"}
    ended = subprocess.run(command, env=environment, check=False)
    if ended.returncode:
        sys.exit(f"`{' '.join(command)}` failed with {ended.returncode}")


if __name__ == "__main__":
    main()
