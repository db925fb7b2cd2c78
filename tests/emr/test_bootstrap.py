"""The bootstrap action, run as an unprivileged user in a folder of its own, with an `aws` that copies
files.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkfeat.emr.archives import Entry, write_tar
from tests.emr.test_package import make_wheel

FAKE_AWS = """#!/usr/bin/env bash
# aws s3 cp --only-show-errors URI FILE: s3://bucket is the folder $FAKE_S3; fails as often as
# $FAKE_S3/failures says.
left="$(cat "$FAKE_S3/failures" 2>/dev/null || echo 0)"
echo "$4" >>"$FAKE_S3/calls"
if ((left > 0)); then
    echo "$((left - 1))" >"$FAKE_S3/failures"
    echo "SlowDown: please reduce your request rate" >&2
    exit 1
fi
cp "$FAKE_S3/${4#s3://bucket/}" "$5"
"""
NAMES = ("duckdb", "featuretools", "pandas", "pyarrow")
NOBODY = 65534


def metadata(name: str) -> dict[str, str]:
    info = f"{name}-1.0.dist-info"
    return {
        f"{name}/__init__.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }


class Node:
    """An instance: its S3, its home, and what the script answers."""

    def __init__(self, folder: Path) -> None:
        self.s3, self.home = folder / "s3", folder / "opt" / "sparkfeat"
        self.bin = folder / "bin"
        for each in (self.s3 / "code", self.bin, self.home.parent, folder / "tmp"):
            each.mkdir(parents=True)
        (self.bin / "aws").write_text(FAKE_AWS)
        (self.bin / "aws").chmod(0o755)
        self.lock = self._fill(folder)
        if os.getuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)

    def _fill(self, folder: Path) -> str:
        wheels = [make_wheel(folder, name, metadata(name)) for name in NAMES]
        pins = [f"{wheel.name.split('-')[0]}==1.0 --hash=sha256:{_sha256(wheel)}\n" for wheel in wheels]
        lock = "".join(pins).encode()
        entries = [Entry(f"wheels/{wheel.name}", wheel.read_bytes()) for wheel in wheels]
        write_tar(self.s3 / "wheelhouse.tar", [Entry("requirements.lock", lock), *entries], compressed=False)
        code = make_wheel(self.s3 / "code", "sparkfeat", metadata("sparkfeat"))
        (self.s3 / "code" / "SHA256SUMS").write_text(f"{_sha256(code)}  {code.name}\n")
        return hashlib.sha256(lock).hexdigest()

    def fail(self, times: int) -> None:
        (self.s3 / "failures").write_text(str(times))
        if os.getuid() == 0:
            os.chown(self.s3 / "failures", NOBODY, NOBODY)

    def install(self, *arguments: str, lock: str | None = None) -> subprocess.CompletedProcess[str]:
        given = arguments or (
            *("--wheelhouse", "s3://bucket/wheelhouse.tar", "--lock-sha256", lock or self.lock),
            *("--code", "s3://bucket/code"),
        )
        environment = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "FAKE_S3": str(self.s3),
            "SPARKFEAT_HOME": str(self.home),
            "SPARKFEAT_PYTHON": _python(),
            "SPARKFEAT_PAUSE": "0",
            "SPARKFEAT_ATTEMPTS": "3",
            "HOME": str(self.home.parent),
            "TMPDIR": str(self.bin.parent / "tmp"),
        }
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            ["bash", str(self.bin.parent / "install.sh"), *given],
            env=environment,
            cwd=self.bin.parent,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            **user,
        )

    def calls(self) -> int:
        return len((self.s3 / "calls").read_text().splitlines())


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _python() -> str:
    """Return a Python with venv and pip that other users may run."""
    system = Path("/usr/bin/python3.11")
    probe = [str(system), "-c", "import ensurepip"]
    usable = system.exists() and subprocess.run(probe, capture_output=True, check=False).returncode == 0
    return str(system) if usable else str(Path(sys.base_prefix) / "bin" / "python3.11")


@pytest.fixture
def node(repository: Path) -> Iterator[Node]:
    # Below /tmp itself: pytest's own folders are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="sparkfeat-bootstrap-"))
    folder.chmod(0o755)
    shutil.copy(repository / "bootstrap" / "install_environment.sh", folder / "install.sh")
    yield Node(folder)
    shutil.rmtree(folder)


def test_it_installs_once_offline_as_an_unprivileged_user(node: Node) -> None:
    node.fail(times=2)
    answer = node.install()

    assert answer.returncode == 0, answer.stderr
    assert "attempt 2 of 3" in answer.stderr
    python = node.home / "venv" / "bin" / "python"
    assert subprocess.run([python, "-c", "import duckdb, sparkfeat"], check=False).returncode == 0
    assert sorted(path.name for path in node.home.iterdir()) == ["installed", "venv"]

    before = node.calls()
    again = node.install()
    assert (again.returncode, node.calls()) == (0, before)
    assert "installed already" in again.stdout

    # What is damaged is installed again.
    shutil.rmtree(next((node.home / "venv").glob("lib/python3*")) / "site-packages" / "duckdb")
    assert "installed into" in node.install().stdout


def test_copies_that_never_succeed_end_it(node: Node) -> None:
    node.fail(times=99)
    answer = node.install()

    assert answer.returncode == 1
    assert "could not copy s3://bucket/wheelhouse.tar" in answer.stderr
    assert not (node.home / "installed").exists()


def test_another_lock_than_planned_is_refused(node: Node) -> None:
    answer = node.install(lock="0" * 64)

    assert answer.returncode == 1
    assert "holds another lock" in answer.stderr


def test_a_wheel_with_another_hash_is_refused(node: Node) -> None:
    text = "duckdb==1.0 --hash=sha256:" + "0" * 64 + "\n"
    wheel = node.bin.parent / "duckdb-1.0-py3-none-any.whl"
    entries = [Entry("requirements.lock", text.encode()), Entry(f"wheels/{wheel.name}", wheel.read_bytes())]
    write_tar(node.s3 / "wheelhouse.tar", entries, compressed=False)
    answer = node.install(lock=hashlib.sha256(text.encode()).hexdigest())

    assert answer.returncode == 1
    assert "could not be installed from the wheelhouse" in answer.stderr
    assert not (node.home / "venv").exists()


def test_a_damaged_wheel_of_ours_is_refused(node: Node) -> None:
    (node.s3 / "code" / "sparkfeat-1.0-py3-none-any.whl").write_bytes(b"damaged")

    answer = node.install()

    assert answer.returncode == 1
    assert "is damaged" in answer.stderr


@pytest.mark.parametrize("arguments", [("--wheelhouse",), ("--wheel", "x"), ("--code", "s3://bucket/code")])
def test_wrong_arguments(node: Node, arguments: tuple[str, ...]) -> None:
    answer = node.install(*arguments)

    assert answer.returncode == 1
    assert answer.stderr.startswith("install_environment: ")


def test_the_script_is_clean(repository: Path) -> None:
    shellcheck = Path(sys.executable).parent / "shellcheck"
    scripts = sorted((repository / "bootstrap").glob("*.sh"))
    answer = subprocess.run([shellcheck, *scripts], capture_output=True, text=True, check=False)

    assert scripts
    assert answer.returncode == 0, answer.stdout
